"""A TPM in a process of its own: swtpm on Unix sockets, for a daemon of another user."""

import ctypes
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

import daemon
import device

TPM = 3  # the provider's id
_PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None)

needs_swtpm = unittest.skipUnless(shutil.which('swtpm'), 'needs swtpm')


def _end_with_this_process(parent):
    """For preexec_fn: however the test ends, its TPM does."""
    def ask():
        daemon.become(daemon.DAEMON_UID)()
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    return ask


class SwTpm:
    """Runs from its making on, started up, as the daemon's user."""

    def __init__(self):
        # In memory, where there is room for it: swtpm waits for the disk at each change of state.
        shared = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
        self.root = tempfile.mkdtemp(prefix='strongroom-tpm-', dir=shared)
        os.chmod(self.root, 0o755)
        self.socket = os.path.join(self.root, 'tpm')
        self.control = self.socket + '.ctrl'
        self.tcti = f'swtpm:path={self.socket}'
        self.process = None
        if daemon.IS_ROOT:
            os.chown(self.root, daemon.DAEMON_UID, daemon.DAEMON_UID)
        self.start()

    def start(self, state='state'):
        """Runs, with the state of that name: a new one is another TPM."""
        self.state = state
        state = os.path.join(self.root, state)
        if not os.path.isdir(state):
            os.mkdir(state, 0o700)
            if daemon.IS_ROOT:
                os.chown(state, daemon.DAEMON_UID, daemon.DAEMON_UID)
        for path in (self.socket, self.control):
            if os.path.exists(path):
                os.unlink(path)
        self.process = subprocess.Popen(
            ['swtpm', 'socket', '--tpm2', '--tpmstate', f'dir={state}',
             '--server', f'type=unixio,path={self.socket}',
             '--ctrl', f'type=unixio,path={self.control}',
             '--flags', 'not-need-init,startup-clear'],
            preexec_fn=_end_with_this_process(os.getpid()), cwd='/',
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + daemon.PATIENCE
        while not self.is_listening():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError('swtpm does not listen')
            time.sleep(0.01)

    def is_listening(self):
        # The data socket is not tried: swtpm serves one connection after the other. Once
        # CMD_GET_CAPABILITY is answered, both sockets are beyond listen(2).
        with socket.socket(socket.AF_UNIX) as control:
            if control.connect_ex(self.control) != 0:
                return False
            try:
                control.sendall(bytes([0, 0, 0, 1]))
                return control.recv(16) != b''
            except OSError:
                return False

    def kill(self):
        """What is in NV memory stays, for start()."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def reset(self):
        """As a power cycle, after which nobody has sent TPM2_Startup (CMD_INIT of its control)."""
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(self.control)
            control.sendall(bytes([0, 0, 0, 2, 0, 0, 0, 0]))
            assert control.recv(4) == bytes(4)

    def set_owner_password(self, password, before=b''):
        """TPM2_HierarchyChangeAuth, authorized by the password until now."""
        area = struct.pack('>IHBH', 0x40000009, 0, 0, len(before)) + before
        parameters = struct.pack('>H', len(password)) + password
        rest = struct.pack('>III', 0x129, 0x40000001, len(area)) + area + parameters
        with socket.socket(socket.AF_UNIX) as tpm:
            tpm.connect(self.socket)
            tpm.sendall(struct.pack('>HI', 0x8002, 6 + len(rest)) + rest)
            answer = tpm.recv(4096)
        assert answer[6:10] == bytes(4), answer.hex()

    # What tells another TPM, what is noted of the first.
    DIFFERENCE = 'This is another TPM'
    IDENTITY = 'storage root'

    def address(self):
        return self.tcti

    absence = address  # what is said while there is none
    take_away = kill

    def put_back(self):
        self.start()

    def replace(self):
        self.kill()
        self.start('another')

    def exchange(self):
        """The first comes back in the place of the other, or the other way round."""
        other = 'state' if self.state == 'another' else 'another'
        self.kill()
        self.start(other)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def remove(self):
        self.kill()
        shutil.rmtree(self.root, ignore_errors=True)

    @staticmethod
    def environment():
        return {}

    def provider(self, rest=''):
        """For a daemon's configuration, after the software provider."""
        return ('[[provider]]\ntype = "software"\n'
                f'[[provider]]\ntype = "tpm"\ntcti = "{self.tcti}"\n{rest}\n')


class WithTpm:
    """For cases with a device, which is a TPM here."""

    PROVIDER = TPM
    NAME = 'tpm'

    def make_device(self):
        self.tpm = SwTpm()
        return self.tpm

    def ask_tpm(self, request):
        return self.ask_device(request)

    def succeed_tpm(self, request):
        return self.succeed_device(request)


class Case(WithTpm, device.Case):
    pass
