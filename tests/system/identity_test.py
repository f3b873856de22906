"""Who a client is decides which keys there are: nothing it says can change that."""

import ctypes
import os
import signal
import socket
import struct

import contract
import runner
import wire
from daemon import ALICE, BOB, CAROL, IS_ROOT, Case, SharedCase, acting_as, become, needs_root

NOBODY_HERE = 4_000_000_000


class Identity(SharedCase):
    @needs_root
    def test_the_command_line_finds_no_key_of_another_user(self):
        self.run_ok(self.alice, 'key', 'generate', 'ledger', '--type', 'ecc-p256',
                    '--usage', 'sign,verify,export')
        letter = self.bob.write('letter', b'a letter')
        for words in (('key', 'show', 'ledger'), ('key', 'export', 'ledger'),
                      ('key', 'export-public', 'ledger'), ('key', 'delete', 'ledger'),
                      ('sign', 'ledger', letter),
                      ('verify', 'ledger', letter, '--signature', letter)):
            code, out, said = self.bob.run(*words)
            self.assertEqual((code, out), (5, b''), words)
            self.assertIn("'ledger': there is no such key", said)
        self.assertNotIn(b'ledger', self.run_ok(self.bob, 'key', 'list'))
        self.run_ok(self.alice, 'key', 'show', 'ledger')

    @needs_root
    def test_no_operation_finds_a_key_of_another_user(self):
        for name, key in (('ec', contract.SIGNING_KEY), ('rsa', contract.RSA_KEY),
                          ('aes', contract.AES_KEY), ('ecdh', contract.AGREEMENT_KEY)):
            self.succeed(ALICE, contract.generate(name, key))
            for request in contract.every_use_of_a_key(name):
                for uid in (BOB, 0):
                    self.assertEqual(self.status(uid, request), wire.DOES_NOT_EXIST, (uid, request))
            self.assertIn(name, self.names_of(ALICE))

    def test_every_operation_finds_the_key_of_its_own_user(self):
        keys = {'own-ec': contract.SIGNING_KEY, 'own-rsa': contract.RSA_KEY,
                'own-aes': contract.AES_KEY, 'own-ecdh': contract.AGREEMENT_KEY}
        for name, key in keys.items():
            self.succeed(ALICE, contract.generate(name, key))
        signature = self.succeed(ALICE, contract.sign_hash('own-ec'))
        signature = wire.fields_of(signature)[0][1]
        self.succeed(ALICE, contract.verify_hash('own-ec', signature))
        self.succeed(ALICE, contract.sign_message('own-ec'))
        self.succeed(ALICE, contract.verify_message('own-ec', signature))
        point = self.succeed(ALICE, contract.named(contract.EXPORT_PUBLIC, 'own-ecdh'))
        self.succeed(ALICE, contract.agree('own-ecdh', wire.fields_of(point)[0][1]))
        for encrypt, decrypt, name in ((contract.encrypt_rsa, contract.decrypt_rsa, 'own-rsa'),
                                       (contract.encrypt_aes, contract.decrypt_aes, 'own-aes')):
            ciphertext = wire.fields_of(self.succeed(ALICE, encrypt(name)))[0][1]
            self.assertEqual(self.succeed(ALICE, decrypt(name, ciphertext)),
                             wire.message((1, contract.MESSAGE)))
        self.succeed(ALICE, contract.named(contract.EXPORT, 'own-ec'))
        for name in keys:
            self.succeed(ALICE, contract.named(contract.DESTROY, name))

    @needs_root
    def test_two_users_have_one_name_each_for_itself(self):
        public = {}
        for uid in (ALICE, BOB):
            self.succeed(uid, contract.generate('web'))
            public[uid] = self.succeed(uid, contract.named(contract.EXPORT_PUBLIC, 'web'))
        self.assertNotEqual(public[ALICE], public[BOB])
        self.succeed(ALICE, contract.named(contract.DESTROY, 'web'))
        self.assertEqual(self.status(ALICE, contract.sign_hash('web')), wire.DOES_NOT_EXIST)
        self.assertEqual(self.succeed(BOB, contract.named(contract.EXPORT_PUBLIC, 'web')),
                         public[BOB])

    @needs_root
    def test_each_user_sees_only_their_own_keys(self):
        self.succeed(ALICE, contract.generate('of alice'))
        self.succeed(BOB, contract.generate('of bob'))
        self.assertIn('of alice', self.names_of(ALICE))
        self.assertNotIn('of bob', self.names_of(ALICE))
        self.assertEqual([n for n in self.names_of(BOB) if n.startswith('of')], ['of bob'])
        self.assertEqual(self.names_of(0), [])

    def test_a_claimed_user_must_be_the_real_one(self):
        self.succeed(ALICE, contract.generate('claimed'))
        claimant = BOB if IS_ROOT else ALICE
        claims = [wire.uid_auth(uid) for uid in (0, NOBODY_HERE, 0xFFFFFFFF) if uid != claimant]
        claims += [b'', wire.uid_auth(claimant)[:3], wire.uid_auth(claimant) + b'\0']
        if IS_ROOT:
            claims.append(wire.uid_auth(ALICE))
        for claim in claims:
            for request in (contract.sign_hash('claimed'), (contract.LIST_KEYS, b''),
                            (contract.PING, b''), contract.generate('x')):
                self.assertEqual(self.status(claimant, request, auth=claim),
                                 wire.AUTHENTICATION_ERROR, (claim, request))

    def test_other_kinds_of_identity_are_not_taken(self):
        request = contract.sign_hash('any')
        for kind, expected in ((wire.DIRECT, wire.AUTHENTICATOR_NOT_REGISTERED),
                               (wire.JWT, wire.AUTHENTICATOR_NOT_REGISTERED),
                               (5, wire.AUTHENTICATOR_DOES_NOT_EXIST),
                               (255, wire.AUTHENTICATOR_DOES_NOT_EXIST)):
            self.assertEqual(self.status(ALICE, request, auth_type=kind, auth=b'64001'), expected)

    def test_no_key_is_used_without_an_identity(self):
        self.succeed(ALICE, contract.generate('mine'))
        for request in (*contract.every_use_of_a_key('mine'), contract.generate('other'),
                        contract.import_('other', contract.AES_KEY, bytes(32)),
                        (contract.LIST_KEYS, b''), (contract.LIST_CLIENTS, b'')):
            for auth in (b'', wire.uid_auth(ALICE)):
                self.assertEqual(
                    self.status(ALICE, request, auth_type=wire.NO_AUTH, auth=auth),
                    wire.NOT_AUTHENTICATED, request)
        self.succeed(ALICE, contract.sign_hash('mine'))

    def names_of(self, uid):
        keys = wire.fields_of(self.succeed(uid, (contract.LIST_KEYS, b'')))
        return [name for _, key in keys for name in wire.texts_in(key, 2)]


class AfterARestart(Case):
    def test_a_key_is_still_there_and_still_its_owners(self):
        daemon = self.place.start()
        self.succeed(ALICE, contract.generate('lasting'))
        public = self.succeed(ALICE, contract.named(contract.EXPORT_PUBLIC, 'lasting'))
        self.assertEqual(daemon.stop(), 0)
        self.place.start()
        self.assertEqual(self.succeed(ALICE, contract.named(contract.EXPORT_PUBLIC, 'lasting')),
                         public)
        self.succeed(ALICE, contract.sign_hash('lasting'))
        if IS_ROOT:
            self.assertEqual(self.status(BOB, contract.sign_hash('lasting')), wire.DOES_NOT_EXIST)

    def test_a_destroyed_key_stays_away(self):
        daemon = self.place.start()
        self.succeed(ALICE, contract.generate('gone'))
        self.succeed(ALICE, contract.named(contract.DESTROY, 'gone'))
        self.assertEqual(daemon.stop(), 0)
        self.place.start()
        self.assertEqual(self.status(ALICE, contract.sign_hash('gone')), wire.DOES_NOT_EXIST)
        self.succeed(ALICE, contract.generate('gone'))


class Tenants(SharedCase):
    """Whoever reaches a tenant's socket is the tenant: a container's users have other numbers
    outside than inside, or none."""

    @classmethod
    def start_daemon(cls):
        place = cls.place
        cls.web, cls.mail = (os.path.join(place.state, name) for name in ('web.sock', 'mail.sock'))
        return place.start('--config', place.configuration(
            service='strict = false',
            sockets=f'[[socket]]\npath = "{place.socket}"\nmode = "0666"\n'
                    f'[[socket]]\npath = "{cls.web}"\nmode = "0666"\ntenant = "web"\n'
                    f'[[socket]]\npath = "{cls.mail}"\nmode = "0666"\ntenant = "mail"\n',
            rest=f'[admin]\nuids = [{ALICE}, {CAROL}]\ngroups = []\nany_socket = true\n'))

    def test_all_users_of_a_socket_are_one_tenant_whatever_they_say(self):
        self.succeed(ALICE, contract.generate('shared'), socket=self.web)
        public = self.succeed(ALICE, contract.named(contract.EXPORT_PUBLIC, 'shared'),
                              socket=self.web)
        for uid in (ALICE, BOB, 0):
            for kind in (wire.DIRECT, wire.PEER_CREDENTIALS):
                for auth in (b'', b'admin', wire.uid_auth(NOBODY_HERE), bytes(1000)):
                    self.assertEqual(
                        self.succeed(uid, contract.named(contract.EXPORT_PUBLIC, 'shared'),
                                     socket=self.web, auth_type=kind, auth=auth), public)

    def test_tenants_and_users_find_nothing_of_each_other(self):
        self.succeed(ALICE, contract.generate('of web'), socket=self.web)
        self.succeed(ALICE, contract.generate('of a user'))
        self.assertEqual(self.status(ALICE, contract.sign_hash('of web')), wire.DOES_NOT_EXIST)
        for path, name in ((self.mail, 'of web'), (self.mail, 'of a user'),
                           (self.web, 'of a user')):
            for request in contract.every_use_of_a_key(name):
                self.assertEqual(self.status(ALICE, request, socket=path), wire.DOES_NOT_EXIST)
        self.assertEqual(self.succeed(ALICE, (contract.LIST_KEYS, b''), socket=self.mail), b'')

    def test_a_tenant_says_nothing_and_is_nobody_or_says_something_else_and_is_refused(self):
        for kind, expected in ((wire.NO_AUTH, wire.NOT_AUTHENTICATED),
                               (wire.JWT, wire.AUTHENTICATOR_NOT_REGISTERED),
                               (254, wire.AUTHENTICATOR_DOES_NOT_EXIST)):
            self.assertEqual(self.status(ALICE, (contract.LIST_KEYS, b''), socket=self.web,
                                         auth_type=kind), expected)

    def test_no_tenant_administrates_where_all_other_sockets_let_administrators_in(self):
        request = (contract.LIST_CLIENTS, b'')
        self.succeed(CAROL, request)
        self.assertEqual(self.status(CAROL, request, socket=self.web), wire.ADMIN_OPERATION)
        if IS_ROOT:
            self.assertEqual(self.status(BOB, request), wire.ADMIN_OPERATION)

    def test_the_log_names_the_tenant(self):
        self.status(ALICE, contract.sign_hash('not there'), socket=self.mail)
        self.assertIn('principal=tenant:mail', self.place.read_log())


def process_numbered(pid, uid):
    """A process of that user that does nothing, and has a number of our choice (clone3(2))."""
    numbers = (ctypes.c_int32 * 1)(pid)
    arguments = struct.pack('=10Q', 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, ctypes.addressof(numbers),
                            1)
    child = ctypes.CDLL(None, use_errno=True).syscall(435, arguments, len(arguments))
    if child == 0:
        become(uid)()
        os.execvp('sleep', ['sleep', '60'])
    return child


class KeptConnections(SharedCase):
    """A connection that outlives the process that made it is nobody's."""

    def ping(self, connection):
        with acting_as(ALICE):
            connection.send(wire.frame(contract.PING, flags=wire.KEEP))

    @needs_root
    def test_a_process_with_the_number_of_the_one_that_connected_does_not_inherit_it(self):
        ours, theirs = socket.socketpair()
        connector = os.fork()
        if connector == 0:
            become(ALICE)()
            connection = wire.Connection(self.place.socket)
            connection.send(wire.frame(contract.PING, flags=wire.KEEP))
            connection.socket.recv(1000)
            socket.send_fds(theirs, [b'x'], [connection.socket.fileno()])
            theirs.recv(1)
            os._exit(0)
        _, passed, _, _ = socket.recv_fds(ours, 1, 1)
        connection = wire.Connection.__new__(wire.Connection)
        connection.socket = socket.socket(fileno=passed[0])
        connection.socket.settimeout(30)
        self.addCleanup(connection.socket.close)
        self.ping(connection)
        self.assertTrue(connection.socket.recv(1000), 'it is the connector\'s while that lives')

        ours.close()
        theirs.close()
        os.kill(connector, signal.SIGKILL)
        os.waitpid(connector, 0)
        usurper = process_numbered(connector, ALICE)
        if usurper != connector:
            self.skipTest('needs clone3 with a number of its choice')
        self.addCleanup(os.waitpid, usurper, 0)
        self.addCleanup(os.kill, usurper, signal.SIGKILL)
        self.ping(connection)
        self.assertEqual(connection.read_to_the_end(), b'')


if __name__ == '__main__':
    runner.main()
