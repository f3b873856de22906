"""Sessions with what goes beyond Parsec: Edwards keys, keys from keys, nonces that are drawn."""

import hmac
import json
import os
import shutil

import json_schema
import runner
from shell import LETTER, ShellCase, needs_ssh_keygen

SECRET = bytes(range(32))


def hkdf(secret, salt, info, size):
    """RFC 5869, of at most 32 bytes."""
    pseudorandom = hmac.digest(salt or bytes(32), secret, 'sha256')
    return hmac.digest(pseudorandom, info + b'\x01', 'sha256')[:size]


def prf(secret, label, seed, size):
    """RFC 5246 §5, of at most 32 bytes."""
    text = label + seed
    return hmac.digest(secret, hmac.digest(secret, text, 'sha256') + text, 'sha256')[:size]


class KeyExtensions(ShellCase):
    def generate(self, name, kind, *words):
        self.strongroom('key', 'generate', name, '--type', kind, *words)
        return name

    def exported(self, name):
        return self.strongroom('key', 'export', name, '--out-format', 'raw')

    def imported(self, name, kind, algorithm, data=SECRET):
        self.strongroom('key', 'import', name, '--type', kind, '--algorithm', algorithm,
                        '--in-format', 'raw', '--usage', 'derive,export', stdin=data)
        return name


class Edwards(KeyExtensions):
    def test_openssl_verifies_what_is_signed_and_the_other_way_round(self):
        for kind in ('ed25519', 'ed448'):
            key = self.generate(f'signs {kind}', kind)
            self.strongroom('key', 'export-public', key, 'public.pem')
            self.strongroom('sign', key, 'letter', '--output', 'letter.sig')
            self.openssl('pkeyutl', '-verify', '-rawin', '-in', 'letter', '-sigfile', 'letter.sig',
                         '-pubin', '-inkey', 'public.pem')
            for who in ((key,), ('--public-key', 'public.pem')):
                self.strongroom('verify', *who, '--signature', 'letter.sig', 'letter')
                self.refused(7, 'verify', *who, '--signature', 'letter.sig', 'other')
            self.assertIn('eddsa signs the message itself',
                          self.refused(2, 'sign', key, '--digest', 'letter'))

    def test_keys_move_between_openssl_and_the_service(self):
        for algorithm in ('ED25519', 'ED448'):
            self.openssl('genpkey', '-algorithm', algorithm, '-out', 'own.pem')
            self.strongroom('key', 'import', algorithm, 'own.pem', '--usage', 'sign,export')
            self.assertEqual(self.strongroom('key', 'export', algorithm, '--out-format', 'der'),
                             self.pkcs8('own.pem'))
            self.alice.write('public.pem', self.public_half('own.pem'))
            self.assertEqual(self.strongroom('key', 'export-public', algorithm),
                             self.alice.read('public.pem'))
            self.strongroom('key', 'import', f'{algorithm} public', 'public.pem')
            shown = json.loads(self.strongroom('key', 'show', '--json', algorithm))
            self.assertEqual((shown['type'], shown['algorithm']), (algorithm.lower(), 'eddsa'))
            signature = self.strongroom('sign', algorithm, 'letter')
            self.alice.write('letter.sig', signature)
            self.strongroom('verify', f'{algorithm} public', '--signature', 'letter.sig', 'letter')

    @needs_ssh_keygen
    def test_openssh_reads_the_public_key_and_the_service_reads_its_keys(self):
        key = self.generate('ssh', 'ed25519')
        self.alice.write('id.pub', self.strongroom('key', 'export-public', key, '--out-format',
                                                   'openssh'))
        self.assertIn(b'(ED25519)', self.ssh_keygen('-l', '-f', 'id.pub'))
        self.ssh_keygen('-t', 'ed25519', '-N', '', '-f', 'theirs')
        self.strongroom('key', 'import', 'theirs', 'theirs.pub')
        line = self.strongroom('key', 'export-public', 'theirs', '--out-format', 'openssh')
        self.assertEqual(line.split()[:2], self.alice.read('theirs.pub').split()[:2])
        shutil.chown(os.path.join(self.alice.home, 'theirs'), self.alice.uid)
        self.strongroom('key', 'import', 'their own', 'theirs')
        self.assertEqual(self.strongroom('key', 'export-public', 'their own'),
                         self.strongroom('key', 'export-public', 'theirs'))
        self.ssh_keygen('-p', '-N', 'word', '-f', 'theirs')
        said = self.refused(8, 'key', 'import', 'locked', 'theirs')
        self.assertIn('takes the passphrase off', said)

    def test_certificates_are_those_of_rfc_8410(self):
        for kind in ('ed25519', 'ed448'):
            key = self.generate(f'web {kind}', kind)
            self.strongroom('csr', key, '--subject', '/CN=www.example.org', '--output', 'web.csr')
            said = self.openssl('req', '-in', 'web.csr', '-verify', '-noout', '-text')
            self.assertIn(f'Signature Algorithm: {kind.upper()}', said.decode())
            self.strongroom('self-sign', key, '--subject', '/CN=localhost', '--output', 'self.pem')
            self.openssl('verify', '-CAfile', 'self.pem', '-verify_hostname', 'localhost',
                         'self.pem')
            self.refused(4, 'csr', key, '--subject', '/CN=x', '--hash', 'sha512')


class Derivation(KeyExtensions):
    def derived(self, secret, *words):
        """The bytes of a key that is derived and deleted."""
        self.strongroom('key', 'derive', 'derived', '--from', secret, '--type', 'hmac-256',
                        '--usage', 'sign,export', *words)
        data = self.exported('derived')
        self.strongroom('key', 'delete', 'derived')
        return data

    def test_hkdf_is_that_of_rfc_5869(self):
        secret = self.imported('hkdf', 'derive-256', 'hkdf-sha256')
        self.alice.write('info', b'what for')
        self.assertEqual(self.derived(secret), hkdf(SECRET, b'', b'', 32))
        self.assertEqual(self.derived(secret, '--salt', '0011', '--info', 'file:info'),
                         hkdf(SECRET, b'\x00\x11', b'what for', 32))
        said = self.refused(2, 'key', 'derive', 'no', '--from', secret, '--label', 'x',
                            '--type', 'aes-128')
        self.assertIn('--label does not go with hkdf-sha256', said)

    def test_the_prf_is_that_of_tls_1_2(self):
        secret = self.imported('tls', 'derive-256', 'tls12-prf-sha256')
        self.assertEqual(self.derived(secret, '--label', 'key expansion', '--seed', 'abcd'),
                         prf(SECRET, b'key expansion', b'\xab\xcd', 32))
        said = self.refused(2, 'key', 'derive', 'no', '--from', secret, '--seed', 'abcd',
                            '--type', 'aes-128')
        self.assertIn('--label is missing for tls12-prf-sha256', said)

    def test_both_sides_of_an_agreement_derive_the_same(self):
        keys = []
        for name in ('mine', 'theirs'):
            self.generate(name, 'ecc-p256', '--algorithm', 'ecdh-hkdf-sha256')
            self.strongroom('key', 'export-public', name, f'{name}.pub')
        for name, peer in (('mine', 'theirs'), ('theirs', 'mine')):
            keys.append(self.derived(name, '--peer', f'{peer}.pub', '--info', '01'))
        self.assertEqual(keys[0], keys[1])
        self.assertIn('key derive', self.refused(4, 'derive', 'mine', 'theirs.pub'))


class Wrapping(KeyExtensions):
    def test_wrapped_keys_come_back_under_either_kind_of_key(self):
        data = self.generate('data', 'aes-128', '--usage', 'encrypt,decrypt,export')
        for name, kind, algorithm in (('kek', 'aes-256', 'aes-kwp'),
                                      ('rsa', 'rsa-2048', 'rsa-oaep-sha256-aes-kwp')):
            self.generate(name, kind, '--algorithm', algorithm)
            self.strongroom('key', 'wrap', data, 'data.wrapped', '--with', name)
            self.strongroom('key', 'unwrap', 'back', 'data.wrapped', '--with', name, '--type',
                            'aes-128', '--usage', 'encrypt,decrypt,export')
            self.assertEqual(self.exported('back'), self.exported(data))
            self.refused(6, 'key', 'unwrap', 'back', 'data.wrapped', '--with', name, '--type',
                         'aes-128')
            self.strongroom('key', 'delete', 'back')
            altered = bytearray(self.alice.read('data.wrapped'))
            altered[-1] ^= 1
            said = self.refused(7, 'key', 'unwrap', 'back', '--with', name, '--type', 'aes-128',
                                stdin=bytes(altered))
            self.assertIn('wrapped with another key', said)

    def test_openssl_unwraps_what_is_wrapped(self):
        self.strongroom('key', 'import', 'known', '--type', 'aes-256', '--algorithm', 'aes-kwp',
                        '--in-format', 'raw', stdin=SECRET)
        self.strongroom('key', 'import', 'payload', '--type', 'hmac-256', '--usage', 'export',
                        '--in-format', 'raw', stdin=SECRET[::-1])
        wrapped = self.strongroom('key', 'wrap', 'payload', '--with', 'known')
        opened = self.openssl('enc', '-d', '-id-aes256-wrap-pad', '-K', SECRET.hex(), '-iv',
                              'a65959a6', stdin=wrapped)
        self.assertEqual(opened, SECRET[::-1])

    def test_a_key_without_export_stays_where_it_is(self):
        self.generate('stays', 'aes-128')
        self.generate('wraps', 'aes-256', '--algorithm', 'aes-kwp')
        said = self.refused(4, 'key', 'wrap', 'stays', '--with', 'wraps')
        self.assertIn('needs the export usage', said)
        said = self.refused(4, 'key', 'wrap', 'wraps', '--with', 'stays')
        self.assertIn('the key permits aes-gcm alone', said)


class DrawnNonces(KeyExtensions):
    def test_long_data_is_sealed_and_hashed_in_parts(self):
        key = self.generate('long', 'aes-256')
        film = os.urandom(5_000_000)
        self.alice.write('film', film)
        self.strongroom('aead', 'seal', key, 'film', '--aad', 'letter', '--output', 'film.sealed')
        sealed = self.alice.read('film.sealed')
        self.assertEqual(len(sealed), 12 + len(film) + 16)
        self.assertEqual(self.strongroom('aead', 'open', key, 'film.sealed', '--aad', 'letter'),
                         film)
        given = self.strongroom('aead', 'seal', key, 'film', '--aad', 'letter', '--nonce',
                                sealed[:12].hex())
        self.assertEqual(given, sealed[12:])
        altered = bytearray(sealed)
        altered[2_000_000] ^= 1
        self.alice.write('opened', b'old')
        self.refused(7, 'aead', 'open', key, '--aad', 'letter', '--output', 'opened',
                     stdin=bytes(altered))
        self.assertEqual(self.alice.read('opened'), b'old')
        self.assertEqual(self.strongroom('hash', '--service', 'film'),
                         self.strongroom('hash', 'film'))

    def test_a_careful_key_takes_drawn_nonces_alone(self):
        key = self.generate('careful', 'aes-256', '--drawn-nonce-only')
        self.strongroom('aead', 'seal', key, 'letter', '--output', 'sealed')
        self.assertEqual(len(self.alice.read('sealed')), 12 + len(LETTER) + 16)
        self.assertEqual(self.strongroom('aead', 'open', key, 'sealed'), LETTER)
        self.refused(4, 'aead', 'seal', key, 'letter', '--nonce', '00' * 12)
        out = self.strongroom('key', 'show', '--json', key)
        self.assertEqual(json_schema.problems_of('key show', out), [])
        self.assertTrue(json.loads(out)['drawn_nonce_only'])
        out = self.strongroom('key', 'list', '--json')
        self.assertEqual(json_schema.problems_of('key list', out), [])
        self.assertIn(b'the service draws them', self.strongroom('key', 'show', key))
        self.assertIn('goes with AEAD alone',
                      self.refused(2, 'key', 'generate', 'x', '--type', 'ecc-p256',
                                   '--drawn-nonce-only'))


if __name__ == '__main__':
    runner.main()
