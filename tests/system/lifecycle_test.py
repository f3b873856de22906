"""strongroomd as its service manager and its operator see it: exit codes, signals, refusals."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = sys.argv.pop(1)
DAEMON_UID = 64000
IS_ROOT = os.geteuid() == 0
# A Ping of the wire protocol without authentication, and the answer to it.
PING = struct.pack('<IHBBHBQBBBIHIHH', 0x5EC0A710, 30, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0)
PONG = struct.pack('<IHBBHBQBBBIHIHH', 0x5EC0A710, 30, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 0)
PONG += b'\x08\x01'


def give_up_root():
    if IS_ROOT:
        os.setgroups([])
        os.setresgid(DAEMON_UID, DAEMON_UID, DAEMON_UID)
        os.setresuid(DAEMON_UID, DAEMON_UID, DAEMON_UID)


class DaemonTest(unittest.TestCase):
    def setUp(self):
        place = tempfile.mkdtemp(prefix='strongroom-daemon-')
        self.addCleanup(shutil.rmtree, place)
        os.chmod(place, 0o755)
        self.program = shutil.copy(PROGRAM, place)
        self.state = os.path.join(place, 'state')
        os.mkdir(self.state, 0o755)
        if IS_ROOT:
            os.chown(self.state, DAEMON_UID, DAEMON_UID)
        self.socket = os.path.join(self.state, 'strongroom.sock')

    def run_daemon(self, *words, as_root=False):
        """Runs to its end; gives exit code, standard output and standard error."""
        done = subprocess.run([self.program, *words], preexec_fn=None if as_root else give_up_root,
                              cwd='/', capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr

    def exit_code_where_nobody_reads(self, *words):
        with open('/dev/full', 'wb') as full:
            return subprocess.run([self.program, *words], preexec_fn=give_up_root, cwd='/',
                                  stdout=full, stderr=full, timeout=60, check=False).returncode

    def start_daemon(self):
        daemon = subprocess.Popen([self.program, '--standalone', self.state], cwd='/',
                                  preexec_fn=give_up_root, stderr=subprocess.PIPE, text=True)
        self.addCleanup(daemon.stderr.close)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and daemon.poll() is None:
            try:
                self.connect().close()
                return daemon
            except OSError:
                time.sleep(0.02)
        return self.fail('the daemon does not listen')

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30)
        try:
            connection.connect(self.socket)
        except OSError:
            connection.close()
            raise
        return connection

    def ping(self):
        with self.connect() as connection:
            connection.sendall(PING)
            answer = b''
            while chunk := connection.recv(4096):
                answer += chunk
            return answer

    def test_exit_codes_do_not_need_a_reader(self):
        self.assertEqual(self.exit_code_where_nobody_reads('--bogus'), 2)
        self.assertEqual(self.exit_code_where_nobody_reads('--config', '/nonexistent'), 78)

    def test_answers_and_stops_cleanly(self):
        daemon = self.start_daemon()
        self.assertEqual(self.ping(), PONG)
        daemon.terminate()
        self.assertEqual(daemon.wait(30), 0)
        self.assertFalse(os.path.exists(self.socket))

    def test_starts_again_with_the_same_store(self):
        for _ in range(2):
            daemon = self.start_daemon()
            self.assertEqual(self.ping(), PONG)
            daemon.terminate()
            self.assertEqual(daemon.wait(30), 0)

    def test_a_hangup_signal_changes_nothing(self):
        daemon = self.start_daemon()
        daemon.send_signal(signal.SIGHUP)
        self.assertEqual(self.ping(), PONG)
        daemon.terminate()
        daemon.wait(30)
        self.assertIn('SIGHUP is ignored', daemon.stderr.read())

    def test_finishes_a_request_that_has_begun(self):
        daemon = self.start_daemon()
        with self.connect() as connection:
            connection.sendall(PING[:20])
            time.sleep(0.2)
            daemon.terminate()
            time.sleep(0.2)
            connection.sendall(PING[20:])
            self.assertEqual(connection.recv(4096), PONG)
        self.assertEqual(daemon.wait(30), 0)

    def test_a_second_signal_does_not_wait_for_it(self):
        daemon = self.start_daemon()
        with self.connect() as connection:
            connection.sendall(PING[:20])
            time.sleep(0.2)
            began = time.monotonic()
            daemon.terminate()
            time.sleep(0.2)
            daemon.send_signal(signal.SIGINT)
            self.assertEqual(daemon.wait(30), 0)
            self.assertLess(time.monotonic() - began, 3)

    def test_refuses_to_share_its_store(self):
        self.start_daemon()
        code, _, said = self.run_daemon('--standalone', self.state, '--fsck')
        self.assertEqual(code, 1)
        self.assertIn('in use', said)

    def test_checks_its_store(self):
        daemon = self.start_daemon()
        daemon.terminate()
        daemon.wait(30)
        self.assertEqual(self.run_daemon('--standalone', self.state, '--fsck')[:2],
                         (0, '0 records, 0 verified, 0 findings\n'))

    def test_refuses_to_start_anew_beside_a_key(self):
        daemon = self.start_daemon()
        daemon.terminate()
        daemon.wait(30)
        os.remove(os.path.join(self.state, 'keys.db'))
        code, _, said = self.run_daemon('--standalone', self.state)
        self.assertEqual(code, 1)
        self.assertIn('--init', said)

    def test_tells_wrong_usage_from_wrong_configuration(self):
        self.assertEqual(self.run_daemon('--stand-alone')[0], 2)
        self.assertEqual(self.run_daemon('--config', '/nowhere')[0], 78)
        path = os.path.join(self.state, 'strongroom.toml')
        with open(path, 'w', encoding='ascii') as file:
            file.write('[service]\nstict = true\n')
        os.chmod(path, 0o644)
        code, _, said = self.run_daemon('--config', path, '--check-config')
        self.assertEqual(code, 78)
        self.assertIn(f"{path}:2:1: unknown key 'stict' in [service]; did you mean 'strict'?", said)

    def test_shows_help_and_version(self):
        self.assertIn('--standalone DIR', self.run_daemon('--help')[1])
        self.assertRegex(self.run_daemon('--version')[1], r'^strongroomd \d+\.\d+\.\d+\n$')

    @unittest.skipUnless(IS_ROOT, 'needs root')
    def test_does_not_run_as_root(self):
        os.chown(self.state, 0, 0)
        code, _, said = self.run_daemon('--standalone', self.state, as_root=True)
        self.assertEqual(code, 1)
        self.assertIn('running as root is refused', said)
        self.assertEqual(os.listdir(self.state), [])

    @unittest.skipUnless(IS_ROOT, 'needs root')
    def test_is_closed_to_other_processes_of_its_user(self):
        daemon = self.start_daemon()
        owner = os.stat(f'/proc/{daemon.pid}/mem').st_uid
        with open(f'/proc/{daemon.pid}/status', encoding='ascii') as status:
            self.assertIn('NoNewPrivs:\t1\n', status.read())
        daemon.terminate()
        daemon.wait(30)
        is_instrumented = 'this build is instrumented' in daemon.stderr.read()
        self.assertEqual(owner, DAEMON_UID if is_instrumented else 0)


if __name__ == '__main__':
    unittest.main()
