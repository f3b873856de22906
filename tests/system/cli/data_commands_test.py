"""Sessions of a user who works on data: what one command writes another, or openssl, reads."""

import hashlib
import json
import os
import signal
import subprocess
import time

import contract
import json_schema
import runner
from daemon import ALICE, PATIENCE, SharedCase, become, programs

LETTER = b'Dear bank, please move everything to the vault.\n'


class DataCommands(SharedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.write('letter', LETTER)

    def run_as_alice(self, *words, **how):
        return self.run_ok(self.alice, *words, **how)

    def openssl(self, *words, stdin=b''):
        code, out, said = self.alice.execute('openssl', *words, stdin=stdin)
        self.assertEqual(code, 0, said)
        return out

    def generate(self, name, kind, algorithm):
        self.run_as_alice('key', 'generate', name, '--type', kind, '--algorithm', algorithm)
        return name

    def mode_of(self, name):
        return os.stat(os.path.join(self.alice.home, name)).st_mode & 0o777

    def test_openssl_encrypts_and_the_key_decrypts(self):
        key = self.generate('oaep', 'rsa-2048', 'rsa-oaep-sha256')
        self.run_as_alice('key', 'export-public', key, 'oaep.pem')
        sealed = self.openssl('pkeyutl', '-encrypt', '-pubin', '-inkey', 'oaep.pem',
                              '-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha256',
                              '-pkeyopt', 'rsa_mgf1_md:sha256',
                              '-pkeyopt', f'rsa_oaep_label:{b"bank".hex()}', stdin=LETTER)
        self.assertEqual(self.run_as_alice('decrypt', key, '--label', 'bank', stdin=sealed), LETTER)
        code, out, said = self.alice.run('decrypt', key, stdin=sealed)
        self.assertEqual((code, out), (9, b''))
        self.assertIn('another label', said)

    def test_what_encrypt_writes_decrypt_reads(self):
        key = self.generate('pkcs1', 'rsa-2048', 'rsa-pkcs1v15-crypt')
        self.run_as_alice('encrypt', key, 'letter', '--output', 'sealed')
        self.run_as_alice('decrypt', key, 'sealed', '--output', 'opened')
        self.assertEqual(self.alice.read('opened'), LETTER)
        self.assertEqual(self.mode_of('opened'), 0o600)
        text = self.run_as_alice('encrypt', key, 'letter', '--out-format', 'base64')
        self.assertEqual(self.run_as_alice('decrypt', key, '--in-format', 'base64', stdin=text),
                         LETTER)

    def test_a_sealed_file_opens_until_it_is_altered(self):
        key = self.generate('aead', 'aes-256', 'aes-gcm')
        self.alice.write('bound', b'to this')
        self.run_as_alice('aead', 'seal', key, 'letter', '--aad', 'bound', '--output', 'sealed')
        sealed = self.alice.read('sealed')
        self.assertEqual(len(sealed), 12 + len(LETTER) + 16)
        self.assertEqual(self.run_as_alice('aead', 'open', key, 'sealed', '--aad', 'bound'), LETTER)
        code, out, said = self.alice.run('aead', 'open', key, 'sealed')
        self.assertEqual((code, out), (7, b''))
        self.assertIn('the data was altered', said)
        for position in (0, 12, len(sealed) - 1):
            altered = bytearray(sealed)
            altered[position] ^= 1
            self.assertEqual(self.alice.run('aead', 'open', key, '--aad', 'bound',
                                            stdin=bytes(altered))[0], 7)

    def test_sealing_is_what_the_documented_layout_says(self):
        secret = bytes(range(32))
        self.run_as_alice('key', 'import', 'known', '--type', 'aes-256', '--algorithm', 'aes-gcm',
                          '--in-format', 'raw', stdin=secret)
        # GCM's test case 13 (NIST, The Galois/Counter Mode): all zeros.
        self.run_as_alice('key', 'import', 'zero', '--type', 'aes-256', '--algorithm', 'aes-gcm',
                          '--in-format', 'raw', stdin=bytes(32))
        sealed = self.run_as_alice('aead', 'seal', 'zero', '--nonce', '00' * 12)
        self.assertEqual(sealed.hex(), '530f8afbc74536b9a963b4f1c4cb738b')
        first = self.run_as_alice('aead', 'seal', 'known', stdin=LETTER)
        second = self.run_as_alice('aead', 'seal', 'known', '--nonce', first[:12].hex(),
                                   stdin=LETTER)
        self.assertEqual(first[12:], second)

    def test_two_parties_agree_with_openssl(self):
        key = self.generate('mine', 'ecc-p256', 'ecdh')
        self.openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'peer.pem')
        self.openssl('pkey', '-in', 'peer.pem', '-pubout', '-out', 'peer.pub')
        self.openssl('pkey', '-in', 'peer.pem', '-pubout', '-outform', 'DER', '-out', 'peer.der')
        self.run_as_alice('key', 'export-public', key, 'mine.pub')
        expected = self.openssl('pkeyutl', '-derive', '-inkey', 'peer.pem', '-peerkey', 'mine.pub')
        for peer in ('peer.pub', 'peer.der'):
            self.assertEqual(self.run_as_alice('derive', key, peer), expected)
        point = self.alice.read('peer.der')[-65:]
        self.assertEqual(self.run_as_alice('derive', key, stdin=point), expected)
        self.run_as_alice('derive', key, 'peer.pub', '--output', 'secret')
        self.assertEqual((self.alice.read('secret'), self.mode_of('secret')), (expected, 0o600))
        self.openssl('ecparam', '-name', 'secp384r1', '-genkey', '-noout', '-out', 'other.pem')
        other = self.openssl('pkey', '-in', 'other.pem', '-pubout')
        code, _, said = self.alice.run('derive', key, stdin=other)
        self.assertEqual(code, 9)
        self.assertIn('on the curve of yours', said)

    def test_hashes_are_those_of_everybody(self):
        self.alice.write('large', b'x' * 5_000_000)
        self.assertEqual(self.run_as_alice('hash', 'large').strip().decode(),
                         hashlib.sha256(b'x' * 5_000_000).hexdigest())
        self.assertEqual(self.run_as_alice('hash', '--hash', 'sha512', '--service', 'letter')
                         .strip().decode(), hashlib.sha512(LETTER).hexdigest())
        self.assertEqual(self.run_as_alice('hash', '--service', 'large'),
                         self.run_as_alice('hash', 'large'))

    def test_what_a_cipher_key_encrypts_openssl_decrypts(self):
        self.run_as_alice('key', 'import', 'cipher', '--type', 'aes-256', '--algorithm',
                          'aes-cbc-pkcs7', '--in-format', 'raw', stdin=bytes(range(32)))
        hidden = self.run_as_alice('encrypt', 'cipher', 'letter')
        shown = self.openssl('enc', '-d', '-aes-256-cbc', '-K', bytes(range(32)).hex(),
                             '-iv', hidden[:16].hex(), stdin=hidden[16:])
        self.assertEqual(shown, LETTER)
        self.assertEqual(self.run_as_alice('decrypt', 'cipher', stdin=hidden), LETTER)

    def test_a_mac_is_the_one_that_openssl_computes(self):
        self.run_as_alice('key', 'import', 'mac', '--type', 'aes-128', '--algorithm', 'aes-cmac',
                          '--in-format', 'raw', stdin=bytes(range(16)))
        mac = self.run_as_alice('mac', 'mac', 'letter').strip().decode().lower()
        expected = self.openssl('mac', '-cipher', 'AES-128-CBC', '-macopt',
                                f'hexkey:{bytes(range(16)).hex()}', '-in', 'letter', 'CMAC')
        self.assertEqual(mac, expected.strip().decode().lower())
        self.run_as_alice('mac', 'mac', 'letter', '--verify', mac)
        code, out, said = self.alice.run('mac', 'mac', 'letter', '--verify', '00' * 16)
        self.assertEqual((code, out), (7, b''), said)

    def test_a_key_for_something_else_is_named(self):
        key = self.generate('signs', 'ecc-p256', 'ecdsa-sha256')
        for words in (('encrypt', key), ('decrypt', key), ('aead', 'seal', key), ('mac', key),
                      ('derive', key)):
            code, out, said = self.alice.run(*words, 'letter')
            self.assertEqual((code, out), (4, b''), words)
            self.assertIn('the key permits ecdsa-sha256 alone', said)

    def test_names_of_any_kind_are_listed_shown_and_suggested(self):
        names = ['two words', '--dashes', "it's", '🔑🗝', 'clé de voûte']
        for name in names:
            self.run_as_alice('key', 'generate', '--type', 'ecc-p256', '--', name)
        self.run_as_alice('key', 'generate', '--type', 'aes-128', '--', 'symmetric')
        listed = self.run_as_alice('key', 'list', '--names').decode().splitlines()
        self.assertEqual(listed, sorted(listed, key=str.encode))
        self.assertLessEqual(set(names), set(listed))
        out = self.run_as_alice('key', 'list', '--json')
        self.assertEqual(json_schema.problems_of('key list', out), [])
        for name in [*names, 'symmetric']:
            out = self.run_as_alice('key', 'show', '--json', '--', name)
            self.assertEqual(json_schema.problems_of('key show', out), [])
        code, _, said = self.alice.run('key', 'show', '--', 'clé de voute')
        self.assertEqual(code, 5)
        self.assertIn("did you mean 'clé de voûte'?", said)

    def test_the_fingerprint_is_that_of_openssls_form(self):
        self.run_as_alice('key', 'generate', 'printed', '--type', 'ecc-p384')
        der = self.run_as_alice('key', 'export-public', 'printed', '--out-format', 'der')
        shown = json.loads(self.run_as_alice('key', 'show', 'printed', '--json'))
        self.assertEqual(shown['public_key_sha256'], hashlib.sha256(der).hexdigest())
        self.assertLess(abs(time.time() - time.mktime(time.strptime(
            shown['created'], '%Y-%m-%dT%H:%M:%SZ')) + time.timezone), 3600)
        self.assertEqual(shown['protection'], 'software')

    def test_ping_and_providers_are_as_documented(self):
        for command in ('ping', 'providers'):
            out = self.run_as_alice(command, '--json')
            self.assertEqual(json_schema.problems_of(command, out), [])

    def test_a_reader_that_has_enough_ends_it_quietly(self):
        for number in range(40):
            self.succeed(ALICE, contract.generate(f'{"long " * 60}{number}'))
        shell = f'{programs.client} --socket {self.place.socket} --insecure-socket key list | true'
        code, out, said = self.alice.execute('sh', '-c', shell)
        self.assertEqual((code, out, said), (0, b'', ''))

    def test_an_interrupt_leaves_no_half_of_a_file(self):
        self.alice.write('precious', b'old')
        process = subprocess.Popen(
            [programs.client, '--socket', self.place.socket, 'hash', '--output', 'precious'],
            stdin=subprocess.PIPE, preexec_fn=become(ALICE), cwd=self.alice.home,
            env=self.alice.environment)
        process.stdin.write(b'begun')
        process.stdin.flush()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), -signal.SIGINT)
        process.stdin.close()
        self.assertEqual(self.alice.read('precious'), b'old')
        self.assertEqual([name for name in os.listdir(self.alice.home)
                          if name.startswith('.strongroom')], [])

    def test_patience_is_as_long_as_it_is_said_to_be(self):
        self.daemon.signal(signal.SIGSTOP)
        try:
            while not self.daemon.status('State').startswith('T'):
                time.sleep(0.01)
            code, _, said = self.alice.run('ping', '--timeout', '0.2')
        finally:
            self.daemon.signal(signal.SIGCONT)
        self.assertEqual(code, 10)
        self.assertIn('--timeout SECONDS waits longer', said)

    def test_in_the_c_locale_it_says_the_same(self):
        self.succeed(ALICE, contract.generate('schlüssel 🔑'))
        here = self.run_as_alice('key', 'show', 'schlüssel 🔑')
        self.alice.environment['LC_ALL'] = 'C'
        self.addCleanup(self.alice.environment.update, {'LC_ALL': 'C.UTF-8'})
        self.assertEqual(self.run_as_alice('key', 'show', 'schlüssel 🔑'), here)
        self.assertIn('🔑'.encode(), self.run_as_alice('key', 'list'))


if __name__ == '__main__':
    runner.main()
