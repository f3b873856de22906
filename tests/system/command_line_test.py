"""Sessions at the command line: what a user types, sees, and gets as exit code."""

import json

import contract
import runner
from daemon import ALICE, DAEMON_UID, IS_ROOT, Case, Session, SharedCase, needs_root, programs

LETTER = b'Dear bank, please move everything to the vault.\n'
ODD_NAMES = ('two words', '--dashes', '-x', 'a/b::c#d', 'clé de voûte', '🔑🗝', '.', 'x' * 1024)


class CommandLine(SharedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.write('letter', LETTER)
        cls.alice.write('other', LETTER + b'PS: today.\n')

    def run_as_alice(self, *words, **how):
        return self.run_ok(self.alice, *words, **how)

    def openssl(self, *words):
        return self.alice.execute('openssl', *words)[:2]

    def sign_and_verify(self, kind, algorithm, digest, *openssl_options):
        """The service signs; openssl verifies with the public key, and refuses another letter."""
        name = f'{kind} {algorithm}'
        self.run_as_alice('key', 'generate', name, '--type', kind, '--algorithm', algorithm)
        self.run_as_alice('key', 'export-public', name, 'public.pem')
        self.run_as_alice('sign', name, 'letter', '--output', 'signature')
        verify = ['dgst', f'-{digest}', '-verify', 'public.pem', '-signature', 'signature',
                  *openssl_options]
        self.assertEqual(self.openssl(*verify, 'letter'), (0, b'Verified OK\n'))
        self.assertEqual(self.openssl(*verify, 'other')[0], 1)
        self.assertEqual(self.run_as_alice('verify', name, 'letter', '--signature', 'signature'),
                         b'Verified OK\n')
        code, out, said = self.alice.run('verify', name, 'other', '--signature', 'signature')
        self.assertEqual((code, out), (7, b''))
        self.assertIn('the signature or tag does not match', said)

    def test_openssl_verifies_ecdsa_on_p256(self):
        self.sign_and_verify('ecc-p256', 'ecdsa-sha256', 'sha256')

    def test_openssl_verifies_ecdsa_on_p384(self):
        self.sign_and_verify('ecc-p384', 'ecdsa-sha384', 'sha384')

    def test_openssl_verifies_ecdsa_on_p521(self):
        self.sign_and_verify('ecc-p521', 'ecdsa-sha512', 'sha512')

    def test_openssl_verifies_rsa_pkcs1v15(self):
        self.sign_and_verify('rsa-2048', 'rsa-pkcs1v15-sha256', 'sha256')

    def test_openssl_verifies_rsa_pss(self):
        self.sign_and_verify('rsa-2048', 'rsa-pss-sha256', 'sha256',
                             '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest')

    def test_a_signature_of_openssl_is_verified(self):
        self.openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'own.pem')
        scalar = self.openssl('ec', '-in', 'own.pem', '-outform', 'DER')[1][7:39]
        self.run_as_alice('key', 'import', 'own', '--type', 'ecc-p256', '--in-format', 'raw',
                          stdin=scalar)
        self.assertEqual(self.openssl('dgst', '-sha256', '-sign', 'own.pem', '-out', 'own.sig',
                                      'letter')[0], 0)
        self.run_as_alice('verify', 'own', 'letter', '--signature', 'own.sig')
        self.assertEqual(self.run_as_alice('key', 'export-public', 'own'),
                         self.openssl('ec', '-in', 'own.pem', '-pubout')[1])

    def test_a_key_is_shown_as_json(self):
        self.run_as_alice('key', 'generate', 'shown', '--type', 'ecc-p256')
        shown = json.loads(self.run_as_alice('key', 'show', 'shown', '--json'))
        expected = {'name': 'shown', 'type': 'ecc-p256', 'bits': 256, 'algorithm': 'ecdsa-sha256',
                    'usage': ['sign', 'verify'], 'provider': 'software', 'provider_id': 1}
        self.assertEqual({field: shown[field] for field in expected}, expected)

    def test_any_name_will_do(self):
        for name in ODD_NAMES:
            self.run_as_alice('key', 'generate', '--type', 'ecc-p256', '--', name)
            self.run_as_alice('sign', '--output', 'signature', '--', name, 'letter')
            shown = json.loads(self.run_as_alice('key', 'show', '--json', '--', name))
            self.assertEqual(shown['name'], name)
        listed = json.loads(self.run_as_alice('key', 'list', '--json'))
        self.assertLessEqual(set(ODD_NAMES), {key['name'] for key in listed})
        for name in ODD_NAMES:
            self.run_as_alice('key', 'delete', '--', name)
            self.assertEqual(self.alice.run('key', 'show', '--', name)[0], 5)

    def test_a_name_that_the_service_refuses(self):
        for name in ('', 'x' * 1025):
            code, _, said = self.alice.run('key', 'generate', '--type', 'ecc-p256', '--', name)
            self.assertEqual(code, 9, said)

    def test_a_hostile_name_does_not_reach_the_terminal(self):
        name = 'red\x1b[31m\nalert'
        self.succeed(ALICE, contract.generate(name))
        out = self.run_as_alice('key', 'list')
        self.assertNotIn(b'\x1b', out)
        self.assertNotIn(b'\nalert', out)
        self.succeed(ALICE, contract.named(contract.DESTROY, name))

    def test_a_key_that_does_not_exist(self):
        code, out, said = self.alice.run('sign', 'nobody', 'letter')
        self.assertEqual((code, out), (5, b''))
        self.assertIn("'nobody': there is no such key", said)
        self.assertIn("'strongroom key list' shows yours", said)

    def test_a_name_that_is_taken(self):
        self.run_as_alice('key', 'generate', 'taken', '--type', 'ecc-p256')
        code, _, said = self.alice.run('key', 'generate', 'taken', '--type', 'ecc-p256')
        self.assertEqual(code, 6)
        self.assertIn('a key of that name exists', said)

    def test_an_export_that_is_not_permitted(self):
        self.run_as_alice('key', 'generate', 'inside', '--type', 'aes-256')
        code, out, said = self.alice.run('key', 'export', 'inside')
        self.assertEqual((code, out), (4, b''))
        self.assertIn('created without the export usage', said)

    def test_a_key_travels_in_and_out(self):
        self.run_as_alice('key', 'import', 'traveller', '--type', 'aes-128', '--in-format', 'hex',
                          '--usage', 'encrypt,decrypt,export', stdin=b'00112233' * 4)
        self.assertEqual(self.run_as_alice('key', 'export', 'traveller', '--out-format', 'hex')
                         .strip(), b'00112233' * 4)

    def test_wrong_usage(self):
        for words in ((), ('key',), ('key', 'make', 'x'), ('sign',), ('key', 'generate', 'x'),
                      ('key', 'generate', 'x', '--type', 'rsa-')):
            code, _, said = self.alice.run(*words)
            self.assertEqual(code, 2, words)
            self.assertNotEqual(said, '')

    def test_an_option_that_does_not_exist(self):
        code, _, said = self.alice.run('key', 'list', '--colour')
        self.assertEqual(code, 2)
        self.assertIn("there is no option '--colour'", said)
        code, _, said = self.alice.run('key', 'generate', 'x', '--type')
        self.assertEqual(code, 2)
        self.assertIn("option '--type' needs a value", said)

    def test_random_bytes(self):
        first, second = (self.run_as_alice('random', '32') for _ in range(2))
        self.assertEqual((len(first), len(second)), (32, 32))
        self.assertNotEqual(first, second)

    def test_ping_and_providers(self):
        self.assertIn(b'1.0', self.run_as_alice('ping'))
        providers = json.loads(self.run_as_alice('providers', '--json'))
        self.assertEqual([provider['id'] for provider in providers], [1, 0])


class WithoutADaemon(Case):
    def test_a_service_that_is_not_there(self):
        session = Session(self.place, ALICE, 'alice')
        code, out, said = session.run('ping')
        self.assertEqual((code, out), (3, b''))
        self.assertIn(self.place.socket, said)
        self.assertIn('is the daemon running?', said)

    @needs_root
    def test_a_socket_of_somebody_else_is_not_trusted(self):
        self.place.start()
        session = Session(self.place, ALICE, 'alice')
        code, out, said = session.execute(programs.client, '--socket', self.place.socket, 'ping')
        self.assertEqual((code, out), (3, b''))
        self.assertIn(str(DAEMON_UID), said)
        self.assertIn('--insecure-socket', said)

    def test_a_service_found_through_the_environment(self):
        self.place.start()
        session = Session(self.place, ALICE, 'alice')
        session.environment['STRONGROOM_SERVICE_ENDPOINT'] = f'unix:{self.place.socket}'
        trust = ['--insecure-socket'] if IS_ROOT else []
        self.assertEqual(session.execute(programs.client, *trust, 'ping')[0], 0)


if __name__ == '__main__':
    runner.main()
