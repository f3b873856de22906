"""Who a client is decides which keys there are: nothing it says can change that."""

import contract
import runner
import wire
from daemon import ALICE, BOB, IS_ROOT, Case, SharedCase, needs_root

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


if __name__ == '__main__':
    runner.main()
