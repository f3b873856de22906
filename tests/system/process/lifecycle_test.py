"""strongroomd as its service manager and its operator see it: exit codes, signals, sockets."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import time

import contract
import runner
import wire
from daemon import ALICE, DAEMON_UID, IS_ROOT, PATIENCE, Case, acting_as, become, needs_root, programs

PING = wire.frame(contract.PING)
PONG = b'\x08\x01'
GROUP = 64020 if IS_ROOT else os.getegid()


class Stopping(Case):
    def test_answers_and_stops_cleanly(self):
        daemon = self.place.start()
        self.ping()
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual([n for n in os.listdir(self.place.state) if n.endswith('.sock')], [])

    def test_an_interrupt_stops_it_too(self):
        daemon = self.place.start()
        daemon.signal(signal.SIGINT)
        self.assertEqual(daemon.wait(), 0)

    def test_a_hangup_signal_changes_nothing(self):
        daemon = self.place.start()
        daemon.signal(signal.SIGHUP)
        deadline = time.monotonic() + PATIENCE
        while 'reloaded' not in self.place.read_log() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertIn('reloaded generation=2: nothing has changed', self.place.read_log())
        self.ping()

    def test_finishes_a_request_that_has_begun(self):
        daemon = self.place.start()
        with wire.Connection(self.place.socket) as connection:
            connection.send(PING[:20])
            time.sleep(0.2)
            daemon.signal(signal.SIGTERM)
            time.sleep(0.2)
            connection.send(PING[20:])
            self.assertEqual(connection.response().body, PONG)
        self.assertEqual(daemon.wait(), 0)

    def test_answers_who_has_connected_and_not_sent_anything_yet(self):
        daemon = self.place.start()
        with wire.Connection(self.place.socket, timeout=PATIENCE) as connection:
            # Not merely in the queue of those who wait to be accepted.
            self.ping()
            daemon.signal(signal.SIGTERM)
            time.sleep(0.2)
            connection.send(PING)
            self.assertEqual(connection.response().body, PONG)
        self.assertEqual(daemon.wait(), 0)

    def test_finishes_a_generation_and_keeps_its_key(self):
        words = '--config', self.place.configuration(service='drain_timeout = "60s"')
        daemon = self.place.start(*words)
        key = contract.attributes(contract.RSA, 4096, (7, contract.OAEP), contract.ENCRYPTING)
        with self.sending(contract.generate('late', key)) as connection:
            time.sleep(0.05)
            daemon.signal(signal.SIGTERM)
            self.assertEqual(connection.response().status, wire.SUCCESS)
        self.assertEqual(daemon.wait(), 0)
        self.place.start(*words)
        self.succeed(ALICE, contract.encrypt_rsa('late'))

    def sending(self, request):
        with acting_as(ALICE):
            connection = wire.Connection(self.place.socket, timeout=PATIENCE)
            connection.send(wire.frame(*request))
        return connection

    def test_a_second_signal_does_not_wait(self):
        daemon = self.place.start()
        with wire.Connection(self.place.socket) as connection:
            connection.send(PING[:20])
            time.sleep(0.2)
            began = time.monotonic()
            daemon.signal(signal.SIGTERM)
            time.sleep(0.2)
            daemon.signal(signal.SIGINT)
            self.assertEqual(daemon.wait(), 0)
            self.assertLess(time.monotonic() - began, 3)

    def test_starts_again_after_it_was_killed(self):
        daemon = self.place.start()
        self.succeed(ALICE, contract.generate('survivor'))
        daemon.end()
        self.assertTrue(os.path.exists(self.place.socket))
        self.place.start()
        self.succeed(ALICE, contract.sign_hash('survivor'))
        self.assertIn('removed the stale socket', self.place.read_log())


class Sockets(Case):
    def mode_of(self, path):
        return stat.S_IMODE(os.stat(path).st_mode)

    def test_mode_and_group_are_as_configured(self):
        path = self.place.configuration(sockets=(
            f'[[socket]]\npath = "{self.place.socket}"\nmode = "0666"\n'
            f'[[socket]]\npath = "{self.place.admin_socket}"\nmode = "0660"\nadmin = true\n'))
        self.place.start('--config', path)
        self.assertEqual(self.mode_of(self.place.socket), 0o666)
        self.assertEqual(self.mode_of(self.place.admin_socket), 0o660)

    @needs_root
    def test_only_its_group_may_open_a_socket(self):
        path = self.place.configuration(sockets=(
            f'[[socket]]\npath = "{self.place.socket}"\nmode = "0660"\ngroup = {DAEMON_UID}\n'))
        self.place.start('--config', path)
        self.assertEqual(os.stat(self.place.socket).st_gid, DAEMON_UID)
        with self.assertRaises(PermissionError):
            self.ping()
        code, _, said = self.session(ALICE, 'alice').run('ping')
        self.assertEqual(code, 3)
        self.assertIn(f'the socket is 0660 {DAEMON_UID}; you are in: {ALICE}; ask an administrator',
                      said)

    @needs_root
    def test_a_group_that_is_not_its_own_stops_the_start(self):
        path = self.place.configuration(sockets=(
            f'[[socket]]\npath = "{self.place.socket}"\nmode = "0660"\ngroup = {GROUP}\n'))
        code, _, said = self.place.run_daemon('--config', path)
        self.assertEqual(code, 1)
        self.assertIn(f"giving '{self.place.socket}' its owner and group", said)
        self.assertFalse(os.path.exists(self.place.socket))

    def test_a_stale_socket_is_replaced(self):
        left = socket.socket(socket.AF_UNIX)
        left.bind(self.place.socket)
        left.close()
        if IS_ROOT:
            os.chown(self.place.socket, DAEMON_UID, DAEMON_UID)
        self.place.start()
        self.ping()

    def test_a_socket_that_somebody_serves_is_left_alone(self):
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(self.place.socket)
            os.chmod(self.place.socket, 0o666)
            other.listen()
            inode = os.stat(self.place.socket).st_ino
            code, _, said = self.place.run_daemon('--standalone', self.place.state)
            self.assertEqual(code, 1)
            self.assertIn(f"another service is listening at '{self.place.socket}'", said)
            self.assertEqual(os.stat(self.place.socket).st_ino, inode)

    def test_a_file_that_is_no_socket_is_left_alone(self):
        with open(self.place.socket, 'w', encoding='ascii') as file:
            file.write('precious')
        code, _, said = self.place.run_daemon('--standalone', self.place.state)
        self.assertEqual(code, 1)
        self.assertIn(f"'{self.place.socket}' is not a socket, and stays", said)
        with open(self.place.socket, encoding='ascii') as file:
            self.assertEqual(file.read(), 'precious')

    def test_a_socket_that_was_replaced_is_not_removed_at_the_end(self):
        daemon = self.place.start()
        os.rename(self.place.socket, self.place.socket + '.aside')
        with open(self.place.socket, 'w', encoding='ascii'):
            pass
        self.assertEqual(daemon.stop(), 0)
        self.assertTrue(os.path.isfile(self.place.socket))


class ServiceManager(Case):
    def receive(self, notifications):
        return notifications.recv(4096).decode().split('\n')

    def test_is_told_of_readiness_and_of_the_end(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifications:
            notifications.settimeout(PATIENCE)
            path = os.path.join(self.place.root, 'notify')
            notifications.bind(path)
            os.chmod(path, 0o666)
            daemon = self.place.spawn([programs.daemon, '--standalone', self.place.state],
                                      environment={'NOTIFY_SOCKET': path})
            self.assertIn('READY=1', self.receive(notifications))
            self.ping()  # at once: ready means ready
            daemon.signal(signal.SIGTERM)
            self.assertIn('STOPPING=1', self.receive(notifications))
            self.assertEqual(daemon.wait(), 0)

    def activate(self, *options, sockets=None):
        """Starts the daemon at the first connection to one of the sockets."""
        if not shutil.which('systemd-socket-activate'):
            self.skipTest('needs systemd-socket-activate')
        listening = [f'--listen={path}' for path in (self.place.socket, self.place.admin_socket)]
        daemon = self.place.spawn(['systemd-socket-activate', *listening, *options,
                                   programs.daemon, '--config',
                                   self.place.configuration(sockets=sockets, rest=(
                                       f'[admin]\nuids = [{os.geteuid()}]\ngroups = []\n'))])
        daemon.wait_until_it_listens(self.place.admin_socket)
        for path in (self.place.socket, self.place.admin_socket):
            if IS_ROOT:
                os.chmod(path, 0o666)
        return daemon

    def administers(self, path):
        with wire.Connection(path, timeout=PATIENCE) as connection:
            connection.send(wire.frame(contract.LIST_CLIENTS))
            return connection.response().status == wire.SUCCESS

    def sockets(self, first, second):
        path = self.place.state
        return (f'[[socket]]\npath = "{path}/a.sock"\nmode = "0660"\n{first}\n'
                f'[[socket]]\npath = "{path}/b.sock"\nmode = "0660"\n{second}\n')

    def serve_by(self, daemon):
        self.ping()
        self.assertEqual(daemon.stop(), 0)
        # They belong to the service manager.
        self.assertTrue(os.path.exists(self.place.socket))
        self.assertFalse(os.path.exists(os.path.join(self.place.state, 'a.sock')))
        self.assertIn('serves 2 sockets', self.place.read_log())

    def test_passes_sockets_by_name(self):
        # The second is the first of the configuration: names decide, not the order.
        sockets = self.sockets('fd_name = "admin"\nadmin = true', 'fd_name = "strongroom"')
        daemon = self.activate('--fdname=strongroom:admin', sockets=sockets)
        self.assertEqual([self.administers(self.place.socket),
                          self.administers(self.place.admin_socket)], [False, True])
        self.serve_by(daemon)

    def test_passes_sockets_by_order(self):
        daemon = self.activate(sockets=self.sockets('', 'admin = true'))
        self.assertEqual([self.administers(self.place.socket),
                          self.administers(self.place.admin_socket)], [False, True])
        self.serve_by(daemon)

    def test_passes_a_socket_that_nobody_configured(self):
        daemon = self.activate('--fdname=strongroom:other',
                               sockets=self.sockets('fd_name = "strongroom"', 'fd_name = "b"'))
        self.assertEqual(daemon.wait(), 1)
        self.assertIn("passed descriptor 'other': no configured socket", self.place.read_log())


class StoreAtStart(Case):
    def test_starts_again_with_the_same_store(self):
        for _ in range(2):
            daemon = self.place.start()
            self.ping()
            self.assertEqual(daemon.stop(), 0)

    def test_is_not_shared(self):
        self.place.start()
        for words in (('--fsck',), ()):
            code, _, said = self.place.run_daemon('--standalone', self.place.state, *words)
            self.assertEqual(code, 1)
            self.assertIn('in use', said)
        self.ping()

    def test_is_checked(self):
        daemon = self.place.start()
        self.succeed(ALICE, contract.generate('one'))
        daemon.stop()
        self.assertEqual(self.place.run_daemon('--standalone', self.place.state, '--fsck')[:2],
                         (0, '1 records, 1 verified, 0 findings\n'))

    def test_is_not_made_anew_beside_its_key(self):
        daemon = self.place.start()
        daemon.stop()
        os.remove(os.path.join(self.place.state, 'keys.db'))
        code, _, said = self.place.run_daemon('--standalone', self.place.state)
        self.assertEqual(code, 1)
        self.assertIn('--init', said)

    def test_does_not_open_without_its_key(self):
        daemon = self.place.start()
        daemon.stop()
        key = os.path.join(self.place.state, 'store.key')
        os.remove(key)
        code, _, said = self.place.run_daemon('--standalone', self.place.state)
        self.assertEqual(code, 1)
        self.assertIn(key, said)
        self.assertFalse(os.path.exists(key))


class Invocation(Case):
    def test_wrong_usage_is_told_from_wrong_configuration(self):
        code, _, said = self.place.run_daemon('--stand-alone')
        self.assertEqual(code, 2)
        self.assertIn("did you mean '--standalone'?", said)
        self.assertEqual(self.place.run_daemon('--config', '/nowhere')[0], 78)

    def test_exit_codes_do_not_need_a_reader(self):
        for words, expected in (('--bogus',), 2), (('--config', '/nowhere'), 78):
            with open('/dev/full', 'wb') as full:
                done = subprocess.run([programs.daemon, *words], preexec_fn=become(DAEMON_UID),
                                      cwd='/', stdout=full, stderr=full, timeout=PATIENCE,
                                      check=False)
            self.assertEqual(done.returncode, expected)

    def test_a_good_configuration_is_told_so(self):
        path = self.place.configuration()
        self.assertEqual(self.place.run_daemon('--config', path, '--check-config'),
                         (0, 'no problem found\n', ''))
        self.assertEqual(os.listdir(self.place.state), [])

    def test_all_that_is_wrong_is_told_with_its_place(self):
        path = self.place.write('wrong.toml', '[service]\nstict = true\nallow_root = true\n'
                                              '[limits]\nrequest_timeout = 5\n')
        for words in (('--check-config',), ()):
            code, _, said = self.place.run_daemon('--config', path, *words)
            self.assertEqual(code, 78)
            self.assertIn(f"{path}:2:1: unknown key 'stict' in [service]; did you mean 'strict'?",
                          said)
            self.assertRegex(said, rf"{path}:3:\d+: running as root is refused")
            self.assertRegex(said, rf"{path}:5:\d+: 'request_timeout' must be a duration")

    def test_a_configuration_that_others_may_write_is_refused(self):
        path = self.place.configuration()
        os.chmod(path, 0o666)
        code, _, said = self.place.run_daemon('--config', path, '--check-config')
        self.assertEqual(code, 78)
        self.assertIn('others may write it (mode 0666)', said)

    def test_help_and_version(self):
        self.assertIn('--standalone DIR', self.place.run_daemon('--help')[1])
        self.assertRegex(self.place.run_daemon('--version')[1], r'^strongroomd \d+\.\d+\.\d+\n$')

    @needs_root
    def test_does_not_run_as_root(self):
        os.chown(self.place.state, 0, 0)
        code, _, said = self.place.run_daemon('--standalone', self.place.state, uid=0)
        self.assertEqual(code, 1)
        self.assertIn('running as root is refused', said)
        self.assertIn("'allow_root = true' in [service]", said)
        self.assertEqual(os.listdir(self.place.state), [])


if __name__ == '__main__':
    runner.main()
