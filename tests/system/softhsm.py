"""Tokens of SoftHSM in a directory of their own, for a daemon of another user."""

import os
import shutil
import subprocess
import tempfile
import unittest

import daemon
import device

TOKEN = 2  # the provider's id
MODULES = ('/usr/lib/softhsm/libsofthsm2.so', '/usr/lib64/pkcs11/libsofthsm2.so',
           '/usr/local/lib/softhsm/libsofthsm2.so')
LABEL = 'keys'
PIN = '271828'

module = next((path for path in MODULES if os.path.exists(path)), None)
needs_softhsm = unittest.skipUnless(module and shutil.which('softhsm2-util'), 'needs SoftHSM')


class SoftHsm:
    """With one token, of the daemon's user."""

    def __init__(self, settings=''):
        self.settings = settings
        self.is_mounted = False
        shared = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
        self.root = tempfile.mkdtemp(prefix='strongroom-token-', dir=shared)
        os.chmod(self.root, 0o755)
        self.tokens = os.path.join(self.root, 'tokens')
        self.configuration = os.path.join(self.root, 'softhsm2.conf')
        self.pin = os.path.join(self.root, 'pin')
        with open(self.configuration, 'w', encoding='ascii') as file:
            file.write(f'directories.tokendir = {self.tokens}\nlog.level = ERROR\n')
        if daemon.IS_ROOT:
            os.chown(self.root, daemon.DAEMON_UID, daemon.DAEMON_UID)
        self.away = os.path.join(self.root, 'away')
        self.other = os.path.join(self.root, 'other')
        for folder in (self.tokens, self.away, self.other):
            self._make_folder(folder)
        self.write_pin(PIN)
        self.add_token()

    @staticmethod
    def _make_folder(path):
        os.mkdir(path, 0o700)
        if daemon.IS_ROOT:
            os.chown(path, daemon.DAEMON_UID, daemon.DAEMON_UID)

    # What tells another token, what is noted of the first.
    DIFFERENCE = 'the serial differs'
    IDENTITY = 'token'

    @staticmethod
    def address():
        return f"token '{LABEL}'"

    @staticmethod
    def absence():
        """What is said while there is none."""
        return 'present: none'

    def environment(self):
        return {'SOFTHSM2_CONF': self.configuration}

    def write_pin(self, pin, mode=0o600):
        with open(self.pin, 'w', encoding='ascii') as file:
            file.write(pin + '\n')
        if daemon.IS_ROOT:
            os.chown(self.pin, daemon.DAEMON_UID, daemon.DAEMON_UID)
        os.chmod(self.pin, mode)

    def copy_pin(self):
        """Gives the path of another file with it."""
        path = self.pin + '.copy'
        shutil.copy2(self.pin, path)
        if daemon.IS_ROOT:
            os.chown(path, daemon.DAEMON_UID, daemon.DAEMON_UID)
        return path

    def run(self, *words):
        subprocess.run(['softhsm2-util', *words], env=os.environ | self.environment(), check=True,
                       preexec_fn=daemon.become(daemon.DAEMON_UID), cwd='/', capture_output=True)

    def add_token(self, label=LABEL, pin=PIN):
        self.run('--init-token', '--free', '--label', label, '--so-pin', '31415926', '--pin', pin)

    def change_pin(self, pin):
        """As the security officer; it is no user's attempt."""
        self.run('--init-token', '--token', LABEL, '--label', LABEL, '--so-pin', '31415926',
                 '--pin', pin)

    def initialise_anew(self):
        """The same token, without its keys."""
        self.change_pin(PIN)

    def have_room_for(self, kibibytes):
        """By root: a disk of that size for the tokens, which are gone."""
        subprocess.run(['mount', '-t', 'tmpfs', '-o',
                        f'size={kibibytes}k,mode=0700,uid={daemon.DAEMON_UID}', 'none',
                        self.tokens], check=True)
        self.is_mounted = True
        self.add_token()

    def _move(self, source, target):
        for token in os.listdir(source):
            os.rename(os.path.join(source, token), os.path.join(target, token))

    def take_away(self):
        """As if it was drawn out of its reader, which stays."""
        self._move(self.tokens, self.away)

    def put_back(self):
        self._move(self.away, self.tokens)

    def replace(self, label=LABEL):
        """Another token in the place of the first, which is away then."""
        self.take_away()
        self.add_token(label)

    def exchange(self):
        """The first comes back in the place of the other, or the other way round."""
        self._move(self.tokens, self.other)
        self._move(self.away, self.tokens)
        self._move(self.other, self.away)

    def move_directory_away(self):
        os.rename(self.tokens, self.tokens + '.before')

    def put_back_a_copy(self):
        """As from a backup: the same files in another directory at the same place."""
        subprocess.run(['cp', '-a', self.tokens + '.before', self.tokens], check=True)

    def remove(self):
        if self.is_mounted:
            subprocess.run(['umount', '-l', self.tokens], check=True)
        shutil.rmtree(self.root, ignore_errors=True)

    def uri(self):
        return f'pkcs11:token={LABEL}?module-path={module}'

    def provider(self, rest=''):
        """For a daemon's configuration, after the software provider."""
        which = '' if 'uri =' in rest or 'module =' in rest else f'uri = "{self.uri()}"\n'
        pin = '' if 'pin =' in rest or 'pin-' in rest else f'pin = "file:{self.pin}"\n'
        return ('[[provider]]\ntype = "software"\n'
                f'[[provider]]\ntype = "pkcs11"\n{which}{pin}{self.settings}{rest}\n')


class WithToken:
    """For cases with a device, which is a token here."""

    PROVIDER = TOKEN
    NAME = 'pkcs11'
    SETTINGS = ''  # of the provider, for all cases of a class

    def make_device(self):
        self.token = SoftHsm(self.SETTINGS)
        return self.token


class Case(WithToken, device.Case):
    pass
