"""Sessions with what goes beyond Parsec: Edwards keys, keys from keys, nonces that are drawn."""

import json

import json_schema
import runner
from shell import LETTER, ShellCase

SECRET = bytes(range(32))


class KeyExtensions(ShellCase):
    def generate(self, name, kind, *words):
        self.strongroom('key', 'generate', name, '--type', kind, *words)
        return name

    def exported(self, name):
        return self.strongroom('key', 'export', name, '--out-format', 'raw')


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
