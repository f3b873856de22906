"""SIGHUP: another configuration, as a whole or not at all, while clients go on."""

import fcntl
import os
import shutil
import signal
import socket
import stat
import time

import broken
import contract
import runner
import wire
from clients import Clients
from daemon import ALICE, BOB, DAEMON_UID, IS_ROOT, PATIENCE, Case, acting_as, needs_root, programs

RELOADED = 'reloaded generation='
REFUSED = 'reload refused: '
RSA_4096 = contract.attributes(contract.RSA, 4096, (7, contract.OAEP), contract.ENCRYPTING)
LIST_CLIENTS = (contract.LIST_CLIENTS, b'')
OWN_GROUP = DAEMON_UID if IS_ROOT else os.getegid()
RESPONSE_TOO_LARGE = 10
NO_ROOM = 1141  # PsaErrorInsufficientMemory


class ReloadCase(Case):
    def setUp(self):
        super().setUp()
        self.directory = self.place.make_directory('etc', os.geteuid())
        self.path = os.path.join(self.directory, broken.MAIN)
        self.second = os.path.join(self.place.state, 'second.sock')

    def socket_entry(self, path=None, mode='0666', more=''):
        return f'[[socket]]\npath = "{path or self.place.socket}"\nmode = "{mode}"\n{more}\n'

    def write(self, *, service='', sockets=None, rest='', limits='', admin='groups = []'):
        """Writes a configuration for `state`."""
        text = (f'[service]\nrequire_locked_memory = false\n{service}\n'
                f'{sockets or self.socket_entry()}'
                f'[store]\npath = "{self.place.state}/keys.db"\n'
                f'key_source = "file:{self.place.state}/store.key"\n'
                f'[limits]\n{limits}\n[admin]\n{admin}\n{rest}\n')
        self.place.write(os.path.join('etc', broken.MAIN), text, uid=os.geteuid())

    def start(self, **settings):
        self.write(**settings)
        self.daemon = self.place.start('--config', self.path)
        return self.daemon

    def hang_up(self):
        """Sends SIGHUP; gives what the log says until the reload is over."""
        before = len(self.place.read_log())
        self.daemon.signal(signal.SIGHUP)
        return self.read_outcome(before)

    def read_outcome(self, since):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            said = self.place.read_log()[since:]
            if any(word in said for word in (RELOADED, REFUSED)) and said.endswith('\n'):
                return said
            time.sleep(0.005)
        raise AssertionError(f'the reload does not end: {self.place.read_log()}')

    def reload(self, **settings):
        self.write(**settings)
        said = self.hang_up()
        self.assertIn(RELOADED, said)
        return said

    def answer(self):
        """What comes back for a Ping, if anything."""
        with acting_as(ALICE), wire.Connection(self.place.socket) as connection:
            try:
                connection.send(wire.frame(contract.PING))
                return connection.read_to_the_end()
            except OSError:
                return b''

    def status_of_clients(self, path, uid=ALICE):
        return self.status(uid, LIST_CLIENTS, socket=path)


class UnderLoad(ReloadCase):
    """No request is lost, whatever is changed."""

    def change(self, **settings):
        """Reloads while clients go on, and back again; every answer has to be right."""
        with Clients(self.place.socket) as clients:
            for next_settings in (settings, {}) * 3:
                said = self.reload(**next_settings)
                self.assertNotIn('nothing has changed', said)
                clients.wait_for(5)
        self.assertEqual(clients.failures, [])
        self.assertGreater(clients.answered(), 100)

    def setUp(self):
        super().setUp()
        self.start()

    def test_log_level(self):
        self.change(rest='[log]\nlevel = "debug"')

    def test_limits(self):
        self.change(limits='connections = 100\nbuffered_bytes = "1MiB"\n'
                           'buffered_bytes_per_principal = "1MiB"\nframes_in_flight = 50\n'
                           'frames_in_flight_per_principal = 6\nqueued_cost = "1s"\n'
                           'queued_cost_per_principal = "500ms"')

    def test_bodies_deadlines_and_depth(self):
        self.change(limits='body_bytes = "64KiB"\nrequest_timeout = "2s"\nidle_timeout = "1min"\n'
                           'keep_alive_max = "30min"\nqueue_timeout = "3s"\nmax_in_flight = 2')

    def test_authenticators(self):
        self.change(service='strict = false',
                    rest='[auth]\norder = ["direct", "unix-peer-credentials"]')

    def test_administrators_and_deprecated_algorithms(self):
        self.change(service='strict = false\nallow_deprecated = true',
                    admin=f'uids = [{ALICE}]\nany_socket = true\ngroups = []')

    def test_workers(self):
        self.change(service='workers = 5')

    def test_instance_of_the_provider(self):
        self.change(rest='[[provider]]\ntype = "software"\nname = "other"')

    def test_answers_and_the_time_for_a_stop(self):
        self.change(service='drain_timeout = "1s"', limits='response_bytes = "64KiB"')

    def test_mode_of_the_socket(self):
        # To connect is to write.
        self.change(sockets=self.socket_entry(mode='0622', more=f'group = {OWN_GROUP}'))

    def test_another_socket(self):
        self.change(sockets=self.socket_entry() + self.socket_entry(self.second))

    def test_a_socket_for_administrators(self):
        self.change(sockets=self.socket_entry()
                    + self.socket_entry(self.second, '0660', 'admin = true'))

    def test_the_socket_itself_goes_and_comes(self):
        # Connecting clients may find no socket; one that has connected is answered. Kept ones
        # would be closed, as they have to be.
        with Clients(self.place.socket, connecting=4, kept=0) as clients:
            for _ in range(5):
                self.reload(sockets=self.socket_entry(self.second))
                self.assertFalse(os.path.exists(self.place.socket))
                self.ping(self.second)
                self.reload()
                self.assertFalse(os.path.exists(self.second))
                clients.wait_for(5)
        self.assertEqual(clients.failures, [])
        self.assertGreater(clients.answered(), 50)

    def test_from_everyone_to_a_tenant_and_back(self):
        with Clients(self.place.socket, connecting=4, kept=0) as clients:
            for more in ('tenant = "web"', '') * 3:
                self.reload(sockets=self.socket_entry(more=more))
                clients.wait_for(5)
        self.assertEqual(clients.failures, [])

    def test_a_storm_of_signals(self):
        with Clients(self.place.socket) as clients:
            for round_ in range(200):
                self.write(service=f'workers = {1 + round_ % 3}')
                self.daemon.signal(signal.SIGHUP)
                time.sleep(0.002)
            clients.wait_for(20)
            self.reload(service='workers = 4')
        self.assertEqual(clients.failures, [])
        # Many are one: at most ten a second.
        self.assertLess(self.place.read_log().count(RELOADED), 60)

    def test_every_broken_configuration(self):
        with Clients(self.place.socket) as clients:
            for name in broken.configurations():
                with self.subTest(name):
                    shutil.rmtree(self.directory)
                    self.place.make_directory('etc', os.geteuid())
                    broken.install(name, self.directory)
                    said = self.hang_up()
                    self.assertNotIn(RELOADED, said)
                    for problem in broken.problems(self.directory):
                        self.assertIn(problem, said)
            clients.wait_for(5)
        self.assertEqual(clients.failures, [])
        shutil.rmtree(self.directory)
        self.place.make_directory('etc', os.geteuid())
        self.write()
        self.assertIn('nothing has changed', self.hang_up())


class InForce(ReloadCase):
    """What the new configuration says is so, at once."""

    def test_connections_of_one_user(self):
        self.start()
        with acting_as(ALICE):
            first = wire.Connection(self.place.socket)
        with first:
            self.reload(limits='connections_per_principal = 1')
            self.assertEqual(self.answer(), b'')
            self.reload()
            self.ping()

    def test_length_of_bodies(self):
        self.start()
        long = (contract.HASH_COMPUTE, wire.message((1, contract.SHA_256), (2, bytes(2048))))
        self.assertEqual(self.status(ALICE, long), wire.SUCCESS)
        self.reload(limits='body_bytes = 1024')
        self.assertEqual(self.status(ALICE, long), wire.BODY_SIZE_EXCEEDS_LIMIT)

    def test_length_of_answers(self):
        self.start()
        long = (contract.RANDOM, wire.message((1, 2048)))
        self.assertEqual(self.status(ALICE, long), wire.SUCCESS)
        self.reload(limits='response_bytes = 1024')
        self.assertEqual(self.status(ALICE, long), RESPONSE_TOO_LARGE)

    def test_time_for_a_request(self):
        self.start()
        self.reload(limits='request_timeout = "200ms"')
        with acting_as(ALICE), wire.Connection(self.place.socket, timeout=PATIENCE) as connection:
            began = time.monotonic()
            connection.send(wire.frame(contract.PING)[:20])
            self.assertEqual(connection.response().status, wire.CONNECTION_ERROR)
            self.assertLess(time.monotonic() - began, 4)  # and the default is 5 s

    def test_time_for_a_stop(self):
        self.start()
        self.reload(service='drain_timeout = "0ms"')
        with wire.Connection(self.place.socket) as connection:
            connection.send(wire.frame(contract.PING, flags=wire.KEEP))
            self.assertEqual(connection.next_response().status, wire.SUCCESS)
            connection.send(wire.frame(contract.PING)[:20])
            self.assertEqual(self.daemon.stop(), 0)
        self.assertIn('stopping with 1 connections unanswered', self.place.read_log())

    def test_time_in_the_queue(self):
        self.start(service='workers = 1')
        with acting_as(ALICE):
            connections = [wire.Connection(self.place.socket, timeout=PATIENCE) for _ in range(6)]
            for number, connection in enumerate(connections):
                self.addCleanup(connection.socket.close)
                connection.send(wire.frame(*contract.generate(f'key {number}', RSA_4096)))
        # What waits already is judged by it, too: one runs, and others may have ended.
        self.reload(service='workers = 1', limits='queue_timeout = "100ms"')
        self.assertIn(NO_ROOM, [connection.response().status for connection in connections])

    def test_idle_time(self):
        self.start()
        self.reload(limits='idle_timeout = "200ms"')
        with acting_as(ALICE), wire.Connection(self.place.socket, timeout=PATIENCE) as connection:
            connection.send(wire.frame(contract.PING, flags=wire.KEEP))
            # To the end: which is not long after the answer.
            self.assertEqual(connection.response().body, b'\x08\x01')

    def test_age_of_connections(self):
        self.start()
        self.reload(limits='keep_alive_max = "200ms"')
        with acting_as(ALICE), wire.Connection(self.place.socket, timeout=PATIENCE) as connection:
            connection.send(wire.frame(contract.PING, flags=wire.KEEP))
            self.assertEqual(connection.response().body, b'\x08\x01')

    def test_authenticators(self):
        self.start()
        direct = {'auth_type': wire.DIRECT, 'auth': b'me'}
        self.assertEqual(self.status(ALICE, (contract.LIST_KEYS, b''), **direct),
                         wire.AUTHENTICATOR_NOT_REGISTERED)
        self.reload(service='strict = false', rest='[auth]\norder = ["direct"]')
        self.assertEqual(self.status(ALICE, (contract.LIST_KEYS, b''), **direct), wire.SUCCESS)
        self.assertEqual(self.status(ALICE, (contract.LIST_KEYS, b'')),
                         wire.AUTHENTICATOR_NOT_REGISTERED)

    def test_administrators(self):
        sockets = self.socket_entry() + self.socket_entry(self.second, '0660', 'admin = true')
        self.start(sockets=sockets)
        if IS_ROOT:
            os.chmod(self.second, 0o666)
        ours = f'uids = [{ALICE}]\ngroups = []\n'
        self.reload(sockets=sockets, admin=ours)
        self.assertEqual(self.status_of_clients(self.second), wire.SUCCESS)
        self.assertEqual(self.status_of_clients(self.place.socket), wire.ADMIN_OPERATION)
        self.reload(sockets=sockets, admin=ours + 'any_socket = true')
        self.assertEqual(self.status_of_clients(self.place.socket), wire.SUCCESS)
        self.reload(sockets=sockets, admin='uids = []\ngroups = []')
        self.assertEqual(self.status_of_clients(self.second), wire.ADMIN_OPERATION)

    def test_who_is_served_at_a_socket(self):
        def sockets(more):
            return self.socket_entry() + self.socket_entry(self.second, '0660', more)
        ours = f'uids = [{ALICE}]\ngroups = []\n'
        self.start(sockets=sockets(''), admin=ours)
        if IS_ROOT:
            os.chmod(self.second, 0o666)
        self.assertEqual(self.status_of_clients(self.second), wire.ADMIN_OPERATION)
        for _ in range(2):
            self.reload(sockets=sockets('admin = true'), admin=ours)
            self.assertEqual(self.status_of_clients(self.second), wire.SUCCESS)
            self.reload(sockets=sockets(''), admin=ours)
            self.assertEqual(self.status_of_clients(self.second), wire.ADMIN_OPERATION)

    def test_log_level(self):
        self.start()
        self.reload(rest='[log]\nlevel = "debug"')
        self.ping()
        self.reload(rest='[log]\nlevel = "error"')
        self.ping()
        said = self.place.read_log()
        self.assertEqual(said.count('op=ping'), 1)
        self.assertIn('generation=3', said)

    def test_the_command_lines_log_level_stays(self):
        self.write()
        self.daemon = self.place.start('--config', self.path, '--log-level', 'debug')
        self.assertIn('nothing has changed', self.reload(rest='[log]\nlevel = "error"'))

    def test_workers(self):
        for workers in (2, 6, 1):
            if workers == 2:
                self.start(service='workers = 2')
            else:
                self.reload(service=f'workers = {workers}')
            # A thread gives itself its name, and one that leaves ends what it does.
            deadline = time.monotonic() + PATIENCE
            while self.threads_called('software') != workers and time.monotonic() < deadline:
                time.sleep(0.01)
            self.assertEqual(self.threads_called('software'), workers)

    def threads_called(self, name):
        tasks = f'/proc/{self.daemon.pid}/task'
        names = []
        for task in os.listdir(tasks):
            try:
                with open(f'{tasks}/{task}/comm', encoding='ascii') as comm:
                    names.append(comm.read().strip())
            except OSError:
                pass
        return names.count(name)

    def test_instance_of_the_provider(self):
        self.start()
        self.succeed(ALICE, contract.generate('mine'))
        self.reload(rest='[[provider]]\ntype = "software"\nname = "other"')
        self.assertEqual(self.status(ALICE, contract.sign_hash('mine')), wire.DOES_NOT_EXIST)
        self.reload()
        self.succeed(ALICE, contract.sign_hash('mine'))

    def test_what_was_begun_before_ends(self):
        self.start()
        with acting_as(ALICE):
            connection = wire.Connection(self.place.socket, timeout=PATIENCE)
            connection.send(wire.frame(*contract.generate('late', contract.RSA_KEY)))
        with connection:
            time.sleep(0.05)
            self.reload(sockets=self.socket_entry(self.second), service='workers = 1')
            self.assertEqual(connection.response().status, wire.SUCCESS)
        self.succeed(ALICE, contract.encrypt_rsa('late'), socket=self.second)

    def test_fragments(self):
        self.start()
        self.place.make_directory('etc/conf.d', os.geteuid())
        self.place.write('etc/conf.d/second.toml', self.socket_entry(self.second),
                         uid=os.geteuid())
        self.assertIn(f"changed [[socket]] '{self.second}' added", self.hang_up())
        self.ping(self.second)

    @needs_root
    def test_a_tenants_socket(self):
        self.start()
        self.succeed(ALICE, contract.generate('alices'))
        self.reload(sockets=self.socket_entry(more='tenant = "web"'))
        self.assertEqual(self.status(ALICE, contract.sign_hash('alices')), wire.DOES_NOT_EXIST)
        self.succeed(ALICE, contract.generate('webs'))
        self.succeed(BOB, contract.sign_hash('webs'))
        self.reload()
        self.succeed(ALICE, contract.sign_hash('alices'))
        self.assertEqual(self.status(BOB, contract.sign_hash('webs')), wire.DOES_NOT_EXIST)


class Sockets(ReloadCase):
    def inode(self, path):
        return os.stat(path).st_ino

    def listening(self):
        """What the daemon's descriptors for listening are: number to the kernel's name."""
        folder = f'/proc/{self.daemon.pid}/fd'
        with open('/proc/net/unix', encoding='utf-8') as table:
            ours = {fields[6] for fields in map(str.split, table)
                    if len(fields) > 7 and fields[7].startswith(self.place.root)
                    and fields[3] == '00010000'}
        found = {}
        for number in os.listdir(folder):
            try:
                target = os.readlink(f'{folder}/{number}')
            except FileNotFoundError:  # of a client that has just been served
                continue
            if target.startswith('socket:[') and target[8:-1] in ours:
                found[number] = target
        return found

    @needs_root
    def test_that_stay_are_the_same(self):
        self.start()
        before = self.listening(), self.inode(self.place.socket)
        self.assertEqual(len(before[0]), 1)
        for _ in range(3):
            self.reload(limits='connections = 99', service='workers = 3')
            self.reload()
        self.assertEqual((self.listening(), self.inode(self.place.socket)), before)

    def test_change_mode_in_place(self):
        self.start()
        inode = self.inode(self.place.socket)
        self.reload(sockets=self.socket_entry(mode='0600'))
        status = os.stat(self.place.socket)
        self.assertEqual((stat.S_IMODE(status.st_mode), status.st_ino), (0o600, inode))
        if IS_ROOT:
            with self.assertRaises(PermissionError):
                self.ping()
        self.reload()
        self.ping()

    def test_come_and_go(self):
        self.start()
        for _ in range(3):
            self.reload(sockets=self.socket_entry() + self.socket_entry(self.second))
            self.ping(self.second)
            self.reload()
            self.assertFalse(os.path.exists(self.second))
        self.assertEqual(self.daemon.stop(), 0)
        self.assertEqual([n for n in os.listdir(self.place.state) if n.endswith('.sock')], [])

    def test_that_cannot_be_bound_refuse_the_whole(self):
        self.start()
        with open(self.second, 'w', encoding='ascii') as file:
            file.write('precious')
        self.write(sockets=self.socket_entry(mode='0600') + self.socket_entry(self.second),
                   limits='body_bytes = 1024')
        said = self.hang_up()
        self.assertIn(f"reload refused: '{self.second}' is not a socket, and stays", said)
        self.assertEqual(stat.S_IMODE(os.stat(self.place.socket).st_mode), 0o666)
        long = (contract.HASH_COMPUTE, wire.message((1, contract.SHA_256), (2, bytes(2048))))
        self.assertEqual(self.status(ALICE, long), wire.SUCCESS)

    @needs_root
    def test_of_a_group_that_is_not_its_own_refuse_the_whole(self):
        self.start()
        self.write(sockets=self.socket_entry(mode='0600', more='group = 64020'))
        self.assertIn(f"reload refused: giving '{self.place.socket}' its owner and group",
                      self.hang_up())
        status = os.stat(self.place.socket)
        self.assertEqual((stat.S_IMODE(status.st_mode), status.st_gid), (0o666, DAEMON_UID))
        self.ping()


class Refused(ReloadCase):
    def test_what_needs_a_restart(self):
        self.start()
        elsewhere = os.path.join(self.place.state, 'elsewhere.db')
        self.write(limits='connections = 1')
        with open(self.path, encoding='ascii') as file:
            text = file.read().replace(f'{self.place.state}/keys.db', elsewhere)
        self.place.write('etc/strongroom.toml', text, uid=os.geteuid())
        self.assertIn('reload refused: needs restart: [store] path\n', self.hang_up())
        self.assertFalse(os.path.exists(elsewhere))
        with wire.Connection(self.place.socket):
            self.ping()

    def test_a_file_that_is_gone(self):
        self.start()
        os.remove(self.path)
        self.assertIn(f'{self.path}: cannot be opened: No such file or directory', self.hang_up())
        self.ping()


class Status(ReloadCase):
    APPLIED, REFUSED = 1, 2
    ADMIN = f'uids = [{ALICE}]\ngroups = []\nany_socket = true'

    def configuration(self):
        """generation, outcome, time and message, as Status tells them."""
        body = self.succeed(ALICE, (0x8000, b''), provider=wire.CORE)
        told = dict(wire.fields_of(dict(wire.fields_of(body))[5]))
        return told[1], told.get(2, 0), told.get(3, 0), told.get(4, b'').decode()

    def test_tells_what_came_of_the_last_reload(self):
        self.start(admin=self.ADMIN)
        self.assertEqual(self.configuration(), (1, 0, 0, ''))
        before = int(time.time())
        self.reload(admin=self.ADMIN, service='workers = 3')
        generation, outcome, when, message = self.configuration()
        self.assertEqual((generation, outcome), (2, self.APPLIED))
        self.assertIn('[service] workers', message)
        self.assertTrue(before <= when <= time.time() + 1, (before, when))
        self.write(admin=self.ADMIN, service='workers = "many"')
        self.assertIn(REFUSED, self.hang_up())
        generation, outcome, _, message = self.configuration()
        self.assertEqual((generation, outcome), (2, self.REFUSED))
        self.assertIn("'workers' must be a whole number, not a string", message)


class ServiceManager(ReloadCase):
    def setUp(self):
        super().setUp()
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.settimeout(PATIENCE)
        self.address = os.path.join(self.place.root, 'notify')
        self.manager.bind(self.address)
        os.chmod(self.address, 0o666)

    def receive(self):
        return dict(line.split('=', 1) for line in self.manager.recv(4096).decode().split('\n'))

    def test_is_told_of_each_reload_and_what_came_of_it(self):
        self.write()
        self.daemon = self.place.spawn([programs.daemon, '--config', self.path],
                                       environment={'NOTIFY_SOCKET': self.address})
        self.assertEqual(self.receive()['READY'], '1')
        for limits, outcome in (('connections = 9', 'generation 2: changed [limits] connections'),
                                ('conections = 9', 'generation 2: reload refused: ')):
            self.write(limits=limits)
            asked = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            self.daemon.signal(signal.SIGHUP)
            begun = self.receive()
            self.assertEqual(begun['RELOADING'], '1')
            self.assertGreaterEqual(int(begun['MONOTONIC_USEC']), asked)
            over = self.receive()
            self.assertEqual(over['READY'], '1')
            self.assertIn(outcome, over['STATUS'])

    def test_may_ask_before_the_daemon_is_ready(self):
        self.write()
        for delay in (0.005, 0.02, 0.05):
            daemon = self.place.spawn([programs.daemon, '--config', self.path],
                                      environment={'NOTIFY_SOCKET': self.address})
            # As a service manager that knows of none, so that it may come before it is blocked.
            time.sleep(delay)
            with open(f'/proc/{daemon.pid}/status', encoding='ascii') as status:
                blocked = next(int(line.split()[1], 16) for line in status
                               if line.startswith('SigBlk'))
            if blocked & 1:
                daemon.signal(signal.SIGHUP)
            self.assertEqual(self.receive()['READY'], '1')
            self.ping()
            self.assertEqual(daemon.stop(), 0)
            self.manager.setblocking(False)
            try:
                while self.manager.recv(4096):
                    pass
            except BlockingIOError:
                self.manager.settimeout(PATIENCE)

    def test_stops_it_amid_a_storm(self):
        self.start()
        for _ in range(50):
            self.daemon.signal(signal.SIGHUP)
        began = time.monotonic()
        self.daemon.signal(signal.SIGTERM)
        for _ in range(50):
            self.daemon.signal(signal.SIGHUP)
        self.assertEqual(self.daemon.wait(), 0)
        self.assertLess(time.monotonic() - began, 5)


class PassedDescriptors(ReloadCase):
    """Sockets that belong to the service manager, which started the daemon."""

    def pass_sockets(self, **settings):
        """Starts the daemon with descriptors named 'first' and 'second'."""
        self.write(**settings)
        self.first = os.path.join(self.place.state, 'passed-first.sock')
        self.passed = []
        for path in (self.first, self.second):
            listening = socket.socket(socket.AF_UNIX)
            self.addCleanup(listening.close)
            listening.bind(path)
            os.chmod(path, 0o666)
            listening.listen()
            self.passed.append(listening)
        # LISTEN_PID has to be the daemon's own: set by what becomes it.
        script = ('import os, sys\n'
                  'for number, inherited in enumerate(map(int, sys.argv[1:3])):\n'
                  '    os.dup2(inherited, 3 + number)\n'
                  'os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2",'
                  ' LISTEN_FDNAMES="first:second")\n'
                  'os.execv(sys.argv[3], sys.argv[3:])\n')
        # Out of the way of the numbers that they are to have.
        numbers = [fcntl.fcntl(listening, fcntl.F_DUPFD, 100) for listening in self.passed]
        self.daemon = self.place.spawn(
            ['python3', '-c', script, *map(str, numbers), programs.daemon, '--config', self.path],
            pass_fds=numbers)
        for number in numbers:
            os.close(number)
        self.daemon.wait_until_it_listens(self.first)
        self.read_ready()

    def read_ready(self):
        deadline = time.monotonic() + PATIENCE
        while 'serves 2 sockets' not in self.place.read_log():
            self.assertLess(time.monotonic(), deadline, self.place.read_log())
            time.sleep(0.01)

    def entries(self, *names):
        return ''.join(self.socket_entry(os.path.join(self.place.state, name),
                                         more=f'fd_name = "{name}"') for name in names)

    def waits(self, path):
        """Whether a client is let in, but nobody answers."""
        with acting_as(ALICE), wire.Connection(path, timeout=0.3) as connection:
            connection.send(wire.frame(contract.PING))
            try:
                connection.response()
                return False
            except TimeoutError:
                return True

    def test_survive_reloads(self):
        self.pass_sockets(sockets=self.entries('first', 'second'))
        with Clients(self.first) as clients:
            for limits in ('connections = 99', '') * 3:
                self.reload(sockets=self.entries('first', 'second'), limits=limits)
                clients.wait_for(5)
        self.assertEqual(clients.failures, [])
        self.ping(self.second)

    def test_stay_open_while_nobody_uses_them(self):
        self.pass_sockets(sockets=self.entries('first', 'second'))
        for _ in range(3):
            self.reload(sockets=self.entries('first'))
            self.assertTrue(self.waits(self.second))
            self.ping(self.first)
            self.reload(sockets=self.entries('first', 'second'))
            self.ping(self.second)
        self.assertEqual(self.daemon.stop(), 0)
        # They belong to the service manager, and still let clients in.
        for path in (self.first, self.second):
            self.assertTrue(self.waits(path))


if __name__ == '__main__':
    runner.main()
