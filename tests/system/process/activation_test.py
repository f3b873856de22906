"""Sockets that the service manager makes, and passes to the daemon that it starts."""

import itertools
import os
import shutil
import socket

import contract
import runner
import wire
from daemon import PATIENCE, Case, programs
from service_manager import start_with

NAMES = ('strongroom', 'admin', 'parsec')
PING = wire.frame(contract.PING)
PONG = b'\x08\x01'


class Activation(Case):
    def path(self, name):
        """Where the service manager listens."""
        return os.path.join(self.place.state, f'passed-{name}')

    def own_path(self, name):
        """Where the daemon listens when it is passed nothing."""
        return os.path.join(self.place.state, f'{name}.sock')

    def configure(self, *, names=NAMES, has_names=True):
        """Sockets as the documents show them, with names for descriptors or without."""
        entries = []
        for name in names:
            fd_name = f'fd_name = "{name}"\n' if has_names else ''
            admin = 'admin = true\n' if name == 'admin' else ''
            entries.append(f'[[socket]]\npath = "{self.own_path(name)}"\nmode = "0660"\n'
                           f'{fd_name}{admin}')
        return self.place.configuration(
            sockets=''.join(entries), rest=f'[admin]\nuids = [{os.geteuid()}]\ngroups = []\n')

    def administers(self, path):
        with wire.Connection(path, timeout=PATIENCE) as connection:
            connection.send(wire.frame(contract.LIST_CLIENTS))
            return connection.response().status == wire.SUCCESS


class ActivatedBySystemd(Activation):
    """By systemd's own tool, which starts the daemon at the first connection."""

    def setUp(self):
        if not shutil.which('systemd-socket-activate'):
            self.skipTest('needs systemd-socket-activate')
        super().setUp()

    def activate(self, names, *options, configuration):
        listening = [f'--listen={self.path(name)}' for name in names]
        return self.place.spawn(['systemd-socket-activate', *listening, *options, programs.daemon,
                                 '--config', configuration])

    def serve(self, names, *options, configuration):
        """What each of the sockets is: whether it administers."""
        daemon = self.activate(names, *options, configuration=configuration)
        daemon.wait_until_it_listens(self.path(names[0]))
        found = {name: self.administers(self.path(name)) for name in names}
        self.assertEqual(daemon.stop(), 0)
        for name in names:
            self.assertTrue(os.path.exists(self.path(name)), 'it belongs to the service manager')
            self.assertFalse(os.path.exists(self.own_path(name)))
        return found

    def test_takes_its_sockets_by_name_in_any_order(self):
        configuration = self.configure()
        for names in itertools.permutations(NAMES):
            for name in names:
                if os.path.exists(self.path(name)):
                    os.remove(self.path(name))
            self.assertEqual(self.serve(names, '--fdname=' + ':'.join(names),
                                        configuration=configuration),
                             {'strongroom': False, 'admin': True, 'parsec': False})

    def test_takes_one_and_binds_the_others(self):
        configuration = self.configure()
        for name in NAMES:
            daemon = self.activate([name], f'--fdname={name}', configuration=configuration)
            daemon.wait_until_it_listens(self.path(name))
            self.assertEqual(self.administers(self.path(name)), name == 'admin')
            for other in NAMES:
                self.assertEqual(os.path.exists(self.own_path(other)), other != name)
            self.assertEqual(daemon.stop(), 0)

    def test_takes_sockets_without_names_by_their_order(self):
        for has_names in (True, False):
            configuration = self.configure(has_names=has_names)
            for name in NAMES:
                if os.path.exists(self.path(name)):
                    os.remove(self.path(name))
            self.assertEqual(self.serve(NAMES, configuration=configuration),
                             {'strongroom': False, 'admin': True, 'parsec': False})

    def test_refuses_sockets_of_another_kind(self):
        for kind in ('--datagram', '--seqpacket'):
            if os.path.exists(self.path('strongroom')):
                os.remove(self.path('strongroom'))
            daemon = self.activate(['strongroom'], kind, '--fdname=strongroom',
                                   configuration=self.configure())
            # At the first connection, or datagram.
            number = socket.SOCK_DGRAM if kind == '--datagram' else socket.SOCK_SEQPACKET
            with socket.socket(socket.AF_UNIX, number) as client:
                while daemon.process.poll() is None:
                    try:
                        client.connect(self.path('strongroom'))
                        client.send(b'x')
                        break
                    except (FileNotFoundError, ConnectionRefusedError):
                        continue
                self.assertEqual(daemon.wait(), 1)
            self.assertIn("passed descriptor 'strongroom': not a listening Unix stream socket",
                          self.place.read_log())


class Passed(Activation):
    def listen(self, name, listens=True):
        made = socket.socket(socket.AF_UNIX)
        self.addCleanup(made.close)
        made.bind(self.path(name))
        os.chmod(self.path(name), 0o666)
        if listens:
            made.listen(64)
        return made

    def test_a_socket_that_does_not_listen_is_refused(self):
        daemon = start_with(self.place, [('strongroom', self.listen('strongroom', listens=False))],
                            '--config', self.configure())
        self.assertEqual(daemon.wait(), 1)
        self.assertIn("passed descriptor 'strongroom': not a listening Unix stream socket",
                      self.place.read_log())
        self.assertFalse(os.path.exists(self.own_path('admin')))

    def test_what_is_no_socket_is_refused(self):
        with open('/dev/null', 'rb') as file:
            daemon = start_with(self.place, [('strongroom', file)], '--config', self.configure())
        self.assertEqual(daemon.wait(), 1)
        self.assertIn("passed descriptor 'strongroom': not a listening Unix stream socket",
                      self.place.read_log())

    def test_a_network_socket_is_refused(self):
        with socket.socket(socket.AF_INET) as network:
            network.bind(('127.0.0.1', 0))
            network.listen()
            daemon = start_with(self.place, [('strongroom', network)], '--config',
                                self.configure())
            self.assertEqual(daemon.wait(), 1)
        self.assertIn('not a listening Unix stream socket', self.place.read_log())

    def test_a_name_that_comes_twice_is_refused(self):
        daemon = start_with(self.place, [('strongroom', self.listen('one')),
                                         ('strongroom', self.listen('two'))],
                            '--config', self.configure())
        self.assertEqual(daemon.wait(), 1)
        self.assertIn("passed descriptor 'strongroom': no configured socket has that name",
                      self.place.read_log())

    def test_requests_sent_while_no_daemon_runs_are_answered_by_the_next(self):
        listening = self.listen('strongroom')
        configuration = self.configure(names=['strongroom'])
        for _ in range(3):
            early = [wire.Connection(self.path('strongroom'), timeout=PATIENCE) for _ in range(10)]
            for connection in early:
                connection.send(PING)
            daemon = start_with(self.place, [('strongroom', listening)], '--config', configuration)
            for connection in early:
                with connection:
                    self.assertEqual(connection.response().body, PONG)
            self.assertEqual(daemon.stop(), 0)

    def test_requests_outlast_a_daemon_that_is_killed(self):
        listening = self.listen('strongroom')
        configuration = self.configure(names=['strongroom'])
        daemon = start_with(self.place, [('strongroom', listening)], '--config', configuration)
        daemon.wait_until_it_listens(self.path('strongroom'))
        self.ping(self.path('strongroom'))
        daemon.end()
        with wire.Connection(self.path('strongroom'), timeout=PATIENCE) as connection:
            connection.send(PING)
            start_with(self.place, [('strongroom', listening)], '--config', configuration)
            self.assertEqual(connection.response().body, PONG)


if __name__ == '__main__':
    runner.main()
