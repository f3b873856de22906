"""Connections that clients ask to keep: many requests on one, and to whom they are charged."""

import contextlib
import os
import socket
import subprocess
import time

import contract
import runner
import wire
from daemon import ALICE, BOB, PATIENCE, SharedCase, acting_as, become, needs_root

PONG = b'\x08\x01'


def kept(request, session=0, uid=ALICE, flags=wire.KEEP):
    return wire.frame(*request, session=session, flags=flags, auth=wire.uid_auth(uid))


def ping(session=0, flags=wire.KEEP):
    return kept((contract.PING, b''), session, flags=flags)


PING = ping()


class KeptConnections(SharedCase):
    def connect(self, uid=ALICE):
        with acting_as(uid):
            connection = wire.Connection(self.place.socket)
        self.addCleanup(connection.socket.close)
        return connection

    def ask_on(self, connection, request, **how):
        connection.send(kept(request, **how))
        return connection.next_response()

    def answers_until_the_end(self, connection):
        return list(iter(connection.next_response, None))

    def test_one_request_after_the_other(self):
        connection = self.connect()
        for session in range(1, 200):
            response = self.ask_on(connection, (contract.PING, b''), session=session)
            self.assertEqual((response.body, response.session), (PONG, session))

    def test_a_key_is_made_used_and_destroyed_on_one_connection(self):
        connection = self.connect()
        self.assertEqual(self.ask_on(connection, contract.generate('kept')).status, wire.SUCCESS)
        signed = self.ask_on(connection, contract.sign_hash('kept'))
        signature = wire.fields_of(signed.body)[0][1]
        verified = self.ask_on(connection, contract.verify_hash('kept', signature))
        self.assertEqual(verified.status, wire.SUCCESS)
        destroyed = self.ask_on(connection, contract.named(contract.DESTROY, 'kept'))
        self.assertEqual(destroyed.status, wire.SUCCESS)

    def test_pipelined_signatures_belong_to_their_requests(self):
        connection = self.connect()
        self.ask_on(connection, contract.generate('pipelined'))
        digests = {session: bytes([session]) * 32 for session in range(1, 201)}
        connection.send(b''.join(kept(contract.sign_hash('pipelined', digest), session)
                                 for session, digest in digests.items()))
        signatures = {}
        for _ in digests:
            response = connection.next_response()
            signatures[response.session] = wire.fields_of(response.body)[0][1]
        self.assertEqual(signatures.keys(), digests.keys())
        for session in (1, 100, 200):
            verify = contract.verify_hash('pipelined', signatures[session], digests[session])
            self.assertEqual(self.ask_on(connection, verify).status, wire.SUCCESS)

    def test_sixty_four_keys_are_made_at_once(self):
        connection = self.connect()
        connection.send(b''.join(kept(contract.generate(f'many-{i}'), i) for i in range(1, 65)))
        answers = [connection.next_response() for _ in range(64)]
        self.assertEqual({answer.status for answer in answers}, {wire.SUCCESS})
        self.assertEqual(sorted(answer.session for answer in answers), list(range(1, 65)))

    def test_short_requests_overtake_long_ones(self):
        connection = self.connect()
        connection.send(kept(contract.generate('slow', contract.RSA_KEY), 1) + PING)
        self.assertEqual(connection.next_response().opcode, contract.PING)
        self.assertEqual(connection.next_response().session, 1)

    def test_the_first_request_that_does_not_ask_for_it_is_the_last(self):
        connection = self.connect()
        connection.send(PING + PING + ping(3, flags=0) + PING)
        answers = self.answers_until_the_end(connection)
        self.assertEqual([answer.session for answer in answers], [0, 0, 3])

    def test_other_flags_mean_nothing(self):
        connection = self.connect()
        connection.send(ping(flags=0xFFFF))
        self.assertEqual(connection.next_response().body, PONG)
        connection.send(ping(flags=0xFFFC))
        self.assertEqual(connection.response().body, PONG)

    def test_the_end_of_sending_is_the_end_of_requests(self):
        connection = self.connect()
        connection.send(kept(contract.generate('half-closed'), 1) + PING)
        connection.end_sending()
        answers = self.answers_until_the_end(connection)
        self.assertEqual(sorted(answer.session for answer in answers), [0, 1])

    def test_an_end_inside_a_request_is_an_error(self):
        connection = self.connect()
        connection.send(PING + PING[:20])
        connection.end_sending()
        answers = self.answers_until_the_end(connection)
        self.assertEqual([answer.status for answer in answers],
                         [wire.SUCCESS, wire.CONNECTION_ERROR])

    def test_a_refused_request_leaves_the_connection(self):
        connection = self.connect()
        for session, refused, status in (
                (1, (29, b''), wire.OPCODE_DOES_NOT_EXIST),
                (2, contract.sign_hash('nobody'), wire.DOES_NOT_EXIST),
                (3, (contract.SIGN_HASH, b'\xff'), wire.DESERIALIZING_BODY_FAILED)):
            response = self.ask_on(connection, refused, session=session)
            self.assertEqual((response.status, response.session, response.opcode),
                             (status, session, refused[0]))
        self.assertEqual(self.ask_on(connection, (contract.PING, b'')).body, PONG)

    def test_what_is_no_request_ends_it_after_those_before(self):
        connection = self.connect()
        connection.send(kept(contract.generate('before', contract.RSA_KEY), 1) + b'GET / HTTP/1.1')
        answers = self.answers_until_the_end(connection)
        self.assertEqual([(a.status, a.session) for a in answers],
                         [(wire.INVALID_HEADER, 0), (wire.SUCCESS, 1)])

    def test_a_client_that_does_not_read_does_not_disturb_others(self):
        deaf = self.connect()
        deaf.socket.settimeout(0.2)
        request = kept((contract.RANDOM, wire.message((1, 60_000))))
        with contextlib.suppress(OSError):
            for _ in range(3000):
                deaf.send(request)
        began = time.monotonic()
        self.ping()
        self.assertLess(time.monotonic() - began, 2)


class Connector:
    """A process of a user that connects, asks once and passes its socket on; lives until end()."""

    def __init__(self, path, uid):
        here, there = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                here.close()
                become(uid)()
                connection = wire.Connection(path)
                connection.send(kept((contract.PING, b''), uid=uid))
                assert connection.next_response().body == PONG
                socket.send_fds(there, [b'!'], [connection.socket.fileno()])
                there.recv(1)
            finally:
                os._exit(0)
        there.close()
        self.control = here
        _, (descriptor,), _, _ = socket.recv_fds(here, 1, 1)
        self.connection = wire.Connection(path, connected=socket.socket(fileno=descriptor))

    def end(self):
        self.control.close()
        if self.pid:
            os.waitpid(self.pid, 0)
        self.pid = 0

    def close(self):
        self.connection.socket.close()
        self.end()


class PassedOn(SharedCase):
    def connector(self, uid=ALICE):
        connector = Connector(self.place.socket, uid)
        self.addCleanup(connector.close)
        return connector

    def in_child(self, uid, connection, request):
        """Sends it from a child of this process; gives the answer's status."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                become(uid)()
                connection.send(request)
                response = connection.next_response()
                os.write(writing, b'%d' % response.status)
            finally:
                os._exit(0)
        os.close(writing)
        with open(reading, 'rb') as pipe:
            status = int(pipe.read())
        os.waitpid(pid, 0)
        return status

    def test_a_forked_childs_requests_are_the_parents(self):
        with acting_as(ALICE):
            connection = wire.Connection(self.place.socket)
        self.addCleanup(connection.socket.close)
        connection.send(kept(contract.generate('forked')))
        self.assertEqual(connection.next_response().status, wire.SUCCESS)
        self.assertEqual(self.in_child(BOB, connection, kept(contract.sign_hash('forked'))),
                         wire.SUCCESS)

    def test_exec_does_not_change_who_it_is(self):
        def connect():
            become(ALICE)()
            connection = wire.Connection(self.place.socket)
            connection.send(kept(contract.generate('exec')))
            assert connection.next_response().status == wire.SUCCESS
            connection.socket.setblocking(True)  # the shell's tools do not wait by themselves
            os.dup2(connection.socket.fileno(), 99, inheritable=True)

        # The process that connects then becomes a shell, which passes a request on.
        request = kept(contract.named(contract.DESTROY, 'exec'))
        shell = ['/bin/bash', '-c', f'head -c {len(request)} >&99; head -c 36 <&99']
        done = subprocess.run(shell, preexec_fn=connect, close_fds=False, cwd='/', input=request,
                              stdout=subprocess.PIPE, timeout=PATIENCE, check=True)
        self.assertEqual(wire.Response(done.stdout).status, wire.SUCCESS)

    def test_a_passed_descriptor_is_the_connectors_while_it_lives(self):
        connector = self.connector()
        connector.connection.send(kept(contract.generate('passed')))
        self.assertEqual(connector.connection.next_response().status, wire.SUCCESS)
        self.assertEqual(self.status(ALICE, contract.sign_hash('passed')), wire.SUCCESS)

    @needs_root
    def test_a_passed_descriptor_does_not_make_its_receiver_the_caller(self):
        connector = self.connector()
        with acting_as(BOB):
            connector.connection.send(kept((contract.LIST_KEYS, b''), uid=BOB))
            response = connector.connection.next_response()
        self.assertEqual(response.status, wire.AUTHENTICATION_ERROR)

    def test_a_connection_ends_with_the_process_that_made_it(self):
        connector = self.connector()
        connector.connection.send(PING)
        self.assertEqual(connector.connection.next_response().body, PONG)
        connector.end()
        connector.connection.send(kept(contract.generate('orphan')))
        self.assertIsNone(connector.connection.next_response())
        self.assertEqual(self.status(ALICE, contract.sign_hash('orphan')), wire.DOES_NOT_EXIST)

    def test_what_is_in_flight_is_answered_though_the_process_has_exited(self):
        connector = self.connector()
        slow = kept(contract.generate('in-flight', contract.RSA_KEY), 5)
        connector.connection.send(slow + PING)
        self.assertEqual(connector.connection.next_response().body, PONG)
        connector.end()
        response = connector.connection.next_response()
        self.assertEqual((response.status, response.session), (wire.SUCCESS, 5))


if __name__ == '__main__':
    runner.main()
