"""Operations over data in parts, frame by frame: on one connection, in their order, and not for
anybody else."""

import hashlib
import time

import contract
import runner
import wire
from daemon import ALICE, BOB, SharedCase, acting_as, needs_root

SETUP, UPDATE, FINISH, ABORT = 0x800A, 0x800B, 0x800C, 0x800D
BAD_STATE, NO_ROOM = 1137, 1141
HASH = wire.message((1, wire.message((1, contract.SHA_256))))


def encryption(key, nonce=b''):
    return wire.message((2, wire.message((1, key), (2, contract.GCM), (3, nonce), (4, b'head'))))


def decryption(key, nonce):
    return wire.message((3, wire.message((1, key), (2, contract.GCM), (3, nonce), (4, b'head'))))


class Multipart(SharedCase):
    def connect(self, uid=ALICE):
        with acting_as(uid):
            connection = wire.Connection(self.place.socket)
        self.addCleanup(connection.socket.close)
        return connection

    def frame(self, opcode, body, session=0, uid=ALICE, flags=wire.KEEP):
        return wire.frame(opcode, body, session=session, flags=flags, auth=wire.uid_auth(uid))

    def ask_on(self, connection, opcode, body, **how):
        connection.send(self.frame(opcode, body, **how))
        return connection.next_response()

    def begin(self, connection, setup=HASH):
        """The operation's identity, and the nonce that was drawn."""
        response = self.ask_on(connection, SETUP, setup)
        self.assertEqual(response.status, wire.SUCCESS)
        fields = dict(wire.fields_of(response.body))
        return fields[1], fields.get(2, b'')

    def update(self, connection, operation, number, data=b'x', **how):
        return self.ask_on(connection, UPDATE,
                           wire.message((1, operation), (2, number), (3, data)), **how)

    def finish(self, connection, operation, number, *expected):
        more = ((3, expected[0]),) if expected else ()
        return self.ask_on(connection, FINISH, wire.message((1, operation), (2, number), *more))

    def test_a_hash_is_that_of_the_whole(self):
        connection = self.connect()
        operation, _ = self.begin(connection)
        parts = [b'a', b'', b'b' * 100_000, b'c' * 1_000_000]
        for number, part in enumerate(parts, 1):
            self.assertEqual(self.update(connection, operation, number, part).status, wire.SUCCESS)
        response = self.finish(connection, operation, len(parts) + 1)
        digest = hashlib.sha256(b''.join(parts)).digest()
        self.assertEqual(wire.fields_of(response.body), [(2, digest)])

    def test_pipelined_parts_of_all_sizes_keep_their_order(self):
        connection = self.connect()
        operation, _ = self.begin(connection)
        parts = [bytes([n]) * (1 if n % 3 else 40_000) for n in range(1, 61)]
        connection.send(b''.join(
            self.frame(UPDATE, wire.message((1, operation), (2, n), (3, part)), session=n)
            for n, part in enumerate(parts, 1)))
        answers = [connection.next_response() for _ in parts]
        self.assertEqual({answer.status for answer in answers}, {wire.SUCCESS})
        response = self.finish(connection, operation, 61)
        self.assertEqual(wire.fields_of(response.body),
                         [(2, hashlib.sha256(b''.join(parts)).digest())])

    def test_what_is_encrypted_in_parts_is_decrypted_in_one_piece_and_in_parts(self):
        self.succeed(ALICE, contract.generate('both', contract.AES_KEY))
        connection = self.connect()
        operation, nonce = self.begin(connection, encryption('both'))
        self.assertEqual(len(nonce), 12)
        ciphertext = b''
        for number, part in enumerate((b'to be ', b'or not ' * 10_000, b'to be'), 1):
            response = self.update(connection, operation, number, part)
            ciphertext += dict(wire.fields_of(response.body))[1]
        tag = dict(wire.fields_of(self.finish(connection, operation, 4).body))[3]
        text = b'to be ' + b'or not ' * 10_000 + b'to be'

        whole = contract.AEAD_DECRYPT, wire.message(
            (1, 'both'), (2, contract.GCM), (3, nonce), (4, b'head'), (5, ciphertext + tag))
        self.assertEqual(dict(wire.fields_of(self.succeed(ALICE, whole)))[1], text)

        for given, status in ((tag, wire.SUCCESS), (bytes(16), wire.INVALID_SIGNATURE),
                              (tag[:15], wire.INVALID_ARGUMENT)):
            operation, _ = self.begin(connection, decryption('both', nonce))
            response = self.update(connection, operation, 1, ciphertext)
            self.assertEqual(dict(wire.fields_of(response.body))[1], text)
            self.assertEqual(self.finish(connection, operation, 2, given).status, status)

    def test_a_part_out_of_order_ends_it(self):
        connection = self.connect()
        operation, _ = self.begin(connection)
        self.assertEqual(self.update(connection, operation, 2).status, BAD_STATE)
        self.assertEqual(self.update(connection, operation, 1).status, BAD_STATE)

    def test_it_belongs_to_its_connection(self):
        mine, other = self.connect(), self.connect()
        operation, _ = self.begin(mine)
        self.assertEqual(self.update(other, operation, 1).status, BAD_STATE)
        self.begin(other)
        self.assertEqual(self.update(other, operation, 1).status, BAD_STATE)
        self.assertEqual(self.update(mine, operation, 1).status, wire.SUCCESS)

    @needs_root
    def test_it_belongs_to_its_user(self):
        alice, bob = self.connect(), self.connect(BOB)
        operation, _ = self.begin(alice)
        self.assertEqual(self.update(bob, operation, 1, uid=BOB).status, BAD_STATE)
        self.assertEqual(self.update(alice, operation, 1).status, wire.SUCCESS)

    def test_it_needs_a_connection_that_is_kept(self):
        connection = self.connect()
        response = self.ask_on(connection, SETUP, HASH, flags=0)
        self.assertEqual((response.status, response.body), (BAD_STATE, b''))

    def test_the_ninth_of_a_connection_is_refused(self):
        connection = self.connect()
        operations = [self.begin(connection)[0] for _ in range(8)]
        self.assertEqual(len(set(operations)), 8)
        self.assertEqual(self.ask_on(connection, SETUP, HASH).status, NO_ROOM)
        response = self.ask_on(connection, ABORT, wire.message((1, operations[0])))
        self.assertEqual(response.status, wire.SUCCESS)
        self.begin(connection)
        self.begin(self.connect())

    def test_a_destroyed_key_ends_it(self):
        self.succeed(ALICE, contract.generate('short-lived', contract.AES_KEY))
        connection = self.connect()
        operation, _ = self.begin(connection, encryption('short-lived'))
        self.assertEqual(self.update(connection, operation, 1).status, wire.SUCCESS)
        self.succeed(ALICE, contract.named(contract.DESTROY, 'short-lived'))
        self.assertEqual(self.update(connection, operation, 2).status, BAD_STATE)

    def test_parts_of_a_client_that_is_gone_are_dropped(self):
        for _ in range(20):
            connection = self.connect()
            operation, _ = self.begin(connection)
            connection.send(b''.join(
                self.frame(UPDATE, wire.message((1, operation), (2, n), (3, bytes(500_000))))
                for n in range(1, 8)))
            connection.socket.close()
        began = time.monotonic()
        self.ping()
        self.assertLess(time.monotonic() - began, 5)


if __name__ == '__main__':
    runner.main()
