"""Clients that read and write in their own ways: whole answers, and a clean end after each."""

import socket
import struct
import time

import contract
import runner
import wire
from daemon import ALICE, SharedCase

PING = wire.frame(contract.PING)
PONG = b'\x08\x01'
PROMPTLY = 2  # seconds, for what is over in a millisecond


class OddClients(SharedCase):
    @classmethod
    def start_daemon(cls):
        return cls.place.start('--config', cls.place.configuration(
            rest='[limits]\nrequest_timeout = "1s"\nbody_bytes = "1MiB"\n'))

    def connect(self):
        connection = wire.Connection(self.place.socket)
        self.addCleanup(connection.socket.close)
        return connection

    def test_a_header_in_five_writes(self):
        request = wire.frame(contract.HASH_COMPUTE, wire.message((1, 7), (2, b'abc')))
        connection = self.connect()
        bounds = [0, 4, 6, 7, 8, 36, len(request)]
        connection.send_slowly([request[a:b] for a, b in zip(bounds, bounds[1:])], pause=0.03)
        self.assertEqual(connection.response().status, wire.SUCCESS)

    def test_a_request_byte_by_byte(self):
        connection = self.connect()
        connection.send_slowly([bytes([byte]) for byte in PING], pause=0.002)
        self.assertEqual(connection.response().body, PONG)

    def test_the_end_comes_with_the_response(self):
        connection = self.connect()
        connection.send(PING)
        began = time.monotonic()
        self.assertEqual(connection.response().body, PONG)
        self.assertLess(time.monotonic() - began, PROMPTLY)

    def test_a_client_that_ends_sending_after_its_request(self):
        connection = self.connect()
        connection.send(wire.frame(*contract.generate('half-closed')))
        connection.end_sending()
        self.assertEqual(connection.response().status, wire.SUCCESS)

    def test_a_client_that_ends_sending_too_early(self):
        for length in (1, 4, 20, 36, len(PING) - 1):
            connection = self.connect()
            connection.send(PING[:length])
            connection.end_sending()
            self.assertEqual(connection.response().status, wire.CONNECTION_ERROR, length)

    def test_a_body_too_long_is_refused_while_it_is_written(self):
        connection = self.connect()
        connection.send(wire.frame(contract.HASH_COMPUTE, bytes(1024 * 1024 + 1)))
        self.assertEqual(connection.response().status, wire.BODY_SIZE_EXCEEDS_LIMIT)

    def test_a_wrong_header_is_refused_while_a_mebibyte_is_written(self):
        connection = self.connect()
        connection.send(wire.frame(contract.PING, bytes(1024 * 1024), magic=0x5EC0A711))
        self.assertEqual(connection.response().status, wire.INVALID_HEADER)

    def test_a_body_of_a_mebibyte_is_served(self):
        head = wire.message((1, 7), (2, b''))[:-1]
        data = bytes(1024 * 1024 - len(head) - 3)
        body = head + wire.varint(len(data)) + data
        self.assertEqual(len(body), 1024 * 1024)
        self.assertEqual(self.status(ALICE, (contract.HASH_COMPUTE, body)), wire.SUCCESS)

    def test_bytes_behind_a_request_are_ignored(self):
        for behind in (b'x', PING, bytes(50_000)):
            connection = self.connect()
            connection.send(PING + behind)
            self.assertEqual(connection.response().body, PONG)

    def test_a_request_that_stalls_is_ended(self):
        connection = self.connect()
        connection.send(PING[:20])
        began = time.monotonic()
        self.assertEqual(connection.response().status, wire.CONNECTION_ERROR)
        self.assertGreater(time.monotonic() - began, 0.5)
        self.assertLess(time.monotonic() - began, 1 + PROMPTLY)

    def test_bytes_that_keep_coming_do_not_move_the_deadline(self):
        request = wire.frame(contract.HASH_COMPUTE, bytes(1000))
        connection = self.connect()
        began = time.monotonic()
        sent = 0
        while not self.has_answered(connection) and time.monotonic() - began < 10:
            connection.send(request[sent:sent + 1])
            sent += 1
            time.sleep(0.05)
        self.assertEqual(connection.response().status, wire.CONNECTION_ERROR)
        self.assertLess(time.monotonic() - began, 1 + PROMPTLY)

    def has_answered(self, connection):
        connection.socket.setblocking(False)
        try:
            return bool(connection.socket.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return False
        finally:
            connection.socket.settimeout(30)

    def test_silent_connections_hold_up_nobody(self):
        silent = [self.connect() for _ in range(100)]
        for connection in silent[:50]:
            connection.send(PING[:30])
        began = time.monotonic()
        self.ping()
        self.assertLess(time.monotonic() - began, PROMPTLY)

    def test_clients_that_vanish_leave_the_service_alone(self):
        request = wire.frame(*contract.generate('vanished', contract.RSA_KEY))
        for length in (0, 10, 36, len(request)):
            connection = self.connect()
            connection.send(request[:length])
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                         struct.pack('ii', 1, 0))
            connection.socket.close()
        self.ping()

    def test_requests_in_parallel_are_answered_each(self):
        connections = [self.connect() for _ in range(64)]
        for number, connection in enumerate(connections):
            connection.send(wire.frame(contract.PING, session=number))
        answers = [connection.response() for connection in connections]
        self.assertEqual([a.session for a in answers], list(range(64)))


if __name__ == '__main__':
    runner.main()
