"""Administration needs both the socket for it and a right to it."""

import time

import contract
import runner
import wire
from daemon import ALICE, BOB, CAROL, Case, SharedCase, acting_as, needs_root, programs

ADMINISTRATORS = 64010  # a group

LIST_CLIENTS = (contract.LIST_CLIENTS, b'')
STATUS = (0x8000, b'')
RELOAD = (0x8003, b'')
STORE_CHECK = (0x8004, b'')


def delete_client(uid):
    return contract.DELETE_CLIENT, wire.message((1, str(uid)))


def configuration(place, rest=''):
    # Whoever may open the socket for administration, uid and group have to do for themselves.
    return place.configuration(
        service='strict = false',
        sockets=f'[[socket]]\npath = "{place.socket}"\nmode = "0666"\n'
                f'[[socket]]\npath = "{place.admin_socket}"\nmode = "0666"\nadmin = true\n',
        rest=f'[admin]\nuids = [{CAROL}]\ngroups = [{ADMINISTRATORS}]\n{rest}')


class Administration(SharedCase):
    @classmethod
    def start_daemon(cls):
        return cls.place.start('--config', configuration(cls.place))

    def test_an_administrator_lists_clients_on_the_socket_for_it(self):
        self.succeed(ALICE, contract.generate('listed'))
        clients = self.succeed(CAROL, LIST_CLIENTS, socket=self.place.admin_socket)
        self.assertIn(str(ALICE), wire.texts_in(clients, 1))

    def test_an_administrator_is_none_on_another_socket(self):
        for request in (LIST_CLIENTS, STATUS, RELOAD, STORE_CHECK, delete_client(ALICE)):
            self.assertEqual(self.status(CAROL, request), wire.ADMIN_OPERATION)

    def test_an_administrator_is_told_how_the_service_is(self):
        told = wire.fields_of(self.succeed(CAROL, STATUS, socket=self.place.admin_socket))
        self.assertLess(abs(dict(told)[2] - time.time()), 3600)  # started_at
        load = {number: dict(wire.fields_of(value)) for number, value in told if number in (6, 7)}
        self.assertNotIn(2, load[6])  # connections of applications
        self.assertEqual(load[7][2], 1)  # and of administrators: this one
        lanes = [name for number, lane in told if number == 8 for name in wire.texts_in(lane, 1)]
        self.assertEqual(lanes[:2], ['core', 'admin'])
        self.assertEqual(len(lanes), 3)

    @needs_root
    def test_others_are_refused_on_the_socket_for_administration(self):
        self.succeed(ALICE, contract.generate('kept'))
        for uid in (ALICE, BOB, 0):
            for request in (LIST_CLIENTS, delete_client(ALICE)):
                self.assertEqual(self.status(uid, request, socket=self.place.admin_socket),
                                 wire.ADMIN_OPERATION, uid)
        self.succeed(ALICE, contract.sign_hash('kept'))

    @needs_root
    def test_an_administrator_finds_no_key_of_others(self):
        self.succeed(ALICE, contract.generate('hers'))
        for path in (self.place.socket, self.place.admin_socket):
            self.assertEqual(self.status(CAROL, contract.sign_hash('hers'), socket=path),
                             wire.DOES_NOT_EXIST)

    @needs_root
    def test_a_member_of_an_administrative_group_administrates(self):
        with acting_as(BOB, groups=[ADMINISTRATORS]):
            answer = wire.ask(self.place.admin_socket, wire.frame(*LIST_CLIENTS))
        self.assertEqual(answer.status, wire.SUCCESS)

    @needs_root
    def test_deleting_a_client_deletes_its_keys_alone(self):
        for uid in (ALICE, BOB):
            self.succeed(uid, contract.generate('doomed'))
        self.succeed(CAROL, delete_client(ALICE), socket=self.place.admin_socket)
        self.assertEqual(self.succeed(ALICE, (contract.LIST_KEYS, b'')), b'')
        self.assertEqual(self.status(ALICE, contract.sign_hash('doomed')), wire.DOES_NOT_EXIST)
        self.succeed(BOB, contract.sign_hash('doomed'))
        clients = self.succeed(CAROL, LIST_CLIENTS, socket=self.place.admin_socket)
        self.assertNotIn(str(ALICE), wire.texts_in(clients, 1))
        self.assertIn(str(BOB), wire.texts_in(clients, 1))

    def test_nobody_administrates_without_an_identity(self):
        for request in (LIST_CLIENTS, delete_client(ALICE)):
            self.assertEqual(self.status(CAROL, request, socket=self.place.admin_socket,
                                         auth_type=wire.NO_AUTH), wire.NOT_AUTHENTICATED)


class UnderPressure(Case):
    """Applications have taken all there is, and an administrator comes to see what is wrong."""

    DESCRIPTORS = 96
    ROUNDS = 20
    PROMPTLY = 1  # second, for what takes a millisecond or two

    def setUp(self):
        super().setUp()
        self.crowd = []
        self.addCleanup(self.disperse)

    def disperse(self):
        while self.crowd:
            self.crowd.pop().socket.close()

    def gather(self, count, request=b''):
        with acting_as(ALICE):
            for _ in range(count):
                self.crowd.append(wire.Connection(self.place.socket))
                self.crowd[-1].send(request)

    def wait_until(self, is_so):
        deadline = time.monotonic() + 30
        while not is_so():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def logged(self, words):
        return lambda: words in self.place.read_log()

    def assert_administrators_are_served(self):
        slowest = 0
        for _ in range(self.ROUNDS):
            for request in ((contract.PING, b''), LIST_CLIENTS):
                began = time.monotonic()
                self.succeed(CAROL, request, socket=self.place.admin_socket)
                slowest = max(slowest, time.monotonic() - began)
        if not self.place.is_instrumented():
            self.assertLess(slowest, self.PROMPTLY)

    def test_without_descriptors_administrators_are_served(self):
        limit = f'--nofile={self.DESCRIPTORS}:{self.DESCRIPTORS}'
        daemon = self.place.spawn(['prlimit', limit, programs.daemon, '--config',
                                   configuration(self.place)])
        daemon.wait_until_it_listens(self.place.socket)
        self.gather(2 * self.DESCRIPTORS)
        self.wait_until(self.logged('paused suppressed='))
        self.assert_administrators_are_served()
        self.disperse()
        self.ping()
        self.succeed(BOB, contract.generate('afterwards'))

    def test_with_all_connections_taken_administrators_are_served(self):
        connections = 64
        self.place.start('--config', configuration(
            self.place, f'[limits]\nconnections = {connections}\n'))
        self.gather(2 * connections)
        self.wait_until(self.logged('connection closed at a limit'))
        with self.assertRaises((OSError, ValueError)):
            self.ping()
        self.assert_administrators_are_served()
        self.disperse()
        self.wait_until(self.is_served)
        self.succeed(BOB, contract.generate('afterwards'))

    def is_served(self):
        try:
            self.ping()
            return True
        except (OSError, ValueError):
            return False

    def test_beside_busy_lanes_administrators_are_served(self):
        self.place.start('--config', configuration(self.place))
        with acting_as(ALICE):
            key = contract.attributes(contract.RSA, 4096, (7, contract.OAEP), contract.DECRYPTING)
            for number in range(64):
                self.crowd.append(wire.Connection(self.place.socket))
                self.crowd[-1].send(wire.frame(*contract.generate(f'slow {number}', key)))
        self.assert_administrators_are_served()


if __name__ == '__main__':
    runner.main()
