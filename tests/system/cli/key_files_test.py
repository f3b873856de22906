"""Keys out of files and into files, beside what openssl and ssh-keygen make of them."""

import os
import shutil
import signal

import runner
from daemon import programs
from shell import ShellCase, needs_ssh_keygen

CURVES = {'ecc-p256': 'prime256v1', 'ecc-p384': 'secp384r1', 'ecc-p521': 'secp521r1'}
SSH_BITS = {'ecc-p256': '256', 'ecc-p384': '384', 'ecc-p521': '521'}

class Import(ShellCase):
    def test_private_keys_on_each_curve_in_each_form(self):
        for kind, curve in CURVES.items():
            self.ecc_key('own.pem', curve)
            self.alice.write('own.der', self.pkcs8('own.pem'))
            self.openssl('ec', '-in', 'own.pem', '-out', 'sec1.pem')
            self.openssl('ec', '-in', 'own.pem', '-outform', 'DER', '-out', 'sec1.der')
            for file in ('own.pem', 'own.der', 'sec1.pem', 'sec1.der'):
                self.strongroom('key', 'import', 'own', file)
                self.assertIn(kind.encode(), self.strongroom('key', 'show', 'own'))
                self.is_in_as('own', 'own.pem')

    def test_rsa_keys_in_each_form(self):
        self.rsa_key('own.pem')
        self.openssl('rsa', '-in', 'own.pem', '-traditional', '-out', 'pkcs1.pem')
        self.alice.write('own.der', self.pkcs8('own.pem'))
        self.openssl('rsa', '-in', 'own.pem', '-traditional', '-outform', 'DER',
                     '-out', 'pkcs1.der')
        self.assertIn(b'RSA PRIVATE KEY', self.alice.read('pkcs1.pem'))
        for file in ('own.pem', 'pkcs1.pem', 'own.der', 'pkcs1.der'):
            self.strongroom('key', 'import', 'own', file)
            self.assertIn(b'rsa-pkcs1v15-any-hash', self.strongroom('key', 'show', 'own'))
            self.is_in_as('own', 'own.pem')

    def test_an_rsa_key_signs_as_openssl_does_with_it(self):
        self.rsa_key('own.pem')
        self.strongroom('key', 'import', 'as before', 'own.pem')
        self.openssl('pkey', '-in', 'own.pem', '-pubout', '-out', 'own.pub')
        self.alice.write('letter', b'letter')
        self.strongroom('sign', 'as before', 'letter', '--output', 'letter.sig')
        self.openssl('dgst', '-sha256', '-verify', 'own.pub', '-signature', 'letter.sig', 'letter')

    def test_der_as_text(self):
        self.ecc_key('own.pem')
        der = self.pkcs8('own.pem')
        self.strongroom('key', 'import', 'own', '--in-format', 'hex', stdin=der.hex().encode())
        self.is_in_as('own', 'own.pem')
        base64 = self.openssl('base64', stdin=der)
        self.strongroom('key', 'import', 'own', '-', '--in-format', 'base64', stdin=base64)
        self.is_in_as('own', 'own.pem')

    def test_a_bare_scalar_needs_its_type(self):
        self.ecc_key('own.pem')
        scalar = self.openssl('ec', '-in', 'own.pem', '-outform', 'DER')[7:39]
        for how in (['--in-format', 'raw'], []):
            self.strongroom('key', 'import', 'own', '--type', 'ecc-p256', *how, stdin=scalar)
            self.is_in_as('own', 'own.pem')
        said = self.refused(2, 'key', 'import', 'own', '--in-format', 'raw', stdin=scalar)
        self.assertIn('reading standard input: bytes alone do not say', said)
        self.assertIn('--type', said)

    def test_parameters_in_front_of_a_key_and_certificates_beside_it(self):
        self.openssl('ecparam', '-name', 'prime256v1', '-genkey', '-out', 'own.pem')
        self.assertIn(b'BEGIN EC PARAMETERS', self.alice.read('own.pem'))
        self.strongroom('key', 'import', 'own', 'own.pem')
        self.is_in_as('own', 'own.pem')
        self.openssl('req', '-new', '-x509', '-key', 'own.pem', '-subj', '/CN=a', '-out', 'a.pem')
        chain = self.alice.read('a.pem')
        self.alice.write('full chain.pem', chain + self.alice.read('own.pem') + chain)
        self.strongroom('key', 'import', 'own', 'full chain.pem')
        self.is_in_as('own', 'own.pem')

    def test_a_windows_file(self):
        self.ecc_key('own.pem')
        self.alice.write('dos.pem', self.alice.read('own.pem').replace(b'\n', b'\r\n'))
        self.strongroom('key', 'import', 'own', 'dos.pem')
        self.is_in_as('own', 'own.pem')

    def test_public_keys_and_certificates(self):
        self.rsa_key('own.pem')
        self.openssl('pkey', '-in', 'own.pem', '-pubout', '-out', 'spki.pem')
        self.openssl('pkey', '-in', 'own.pem', '-pubout', '-outform', 'DER', '-out', 'spki.der')
        self.openssl('rsa', '-in', 'own.pem', '-RSAPublicKey_out', '-out', 'pkcs1.pem')
        self.openssl('rsa', '-in', 'own.pem', '-RSAPublicKey_out', '-outform', 'DER',
                     '-out', 'pkcs1.der')
        self.openssl('req', '-new', '-x509', '-key', 'own.pem', '-subj', '/CN=a', '-out', 'a.pem')
        self.openssl('x509', '-in', 'a.pem', '-outform', 'DER', '-out', 'a.der')
        self.openssl('dgst', '-sha256', '-sign', 'own.pem', '-out', 'signature', 'letter')
        for file in ('spki.pem', 'spki.der', 'pkcs1.pem', 'pkcs1.der', 'a.pem', 'a.der'):
            self.strongroom('key', 'import', 'theirs', file, '--algorithm', 'rsa-pkcs1v15-sha256')
            self.strongroom('verify', 'theirs', 'letter', '--signature', 'signature')
            self.is_in_as('theirs', 'own.pem')

    def test_a_compressed_point(self):
        self.ecc_key('own.pem')
        self.openssl('ec', '-in', 'own.pem', '-pubout', '-conv_form', 'compressed',
                     '-out', 'short.pem')
        self.strongroom('key', 'import', 'theirs', 'short.pem')
        self.is_in_as('theirs', 'own.pem')

    @needs_ssh_keygen
    def test_openssh_public_keys(self):
        for kind, bits in SSH_BITS.items():
            self.ecc_key('own.pem', CURVES[kind])
            self.alice.write('own.pub', self.ssh_public_key('own.pem'))
            self.strongroom('key', 'import', 'theirs', 'own.pub')
            self.assertIn(bits.encode(), self.strongroom('key', 'show', 'theirs'))
            self.is_in_as('theirs', 'own.pem')
        self.rsa_key('own.pem')
        line = self.ssh_public_key('own.pem')
        self.alice.write('authorized keys', b'# mine\n\ncommand="echo \\"a b\\"",no-pty ' + line)
        self.strongroom('key', 'import', 'theirs', 'authorized keys')
        self.is_in_as('theirs', 'own.pem')

    def test_what_is_said_must_agree(self):
        self.ecc_key('own.pem')
        said = self.refused(2, 'key', 'import', 'own', 'own.pem', '--type', 'rsa-2048')
        self.assertIn("reading 'own.pem': it holds a key of type ecc-p256, where --type says "
                      'rsa-2048', said)
        said = self.refused(2, 'key', 'import', 'own', 'own.pem', '--type', 'aes-256')
        self.assertIn('where --type says aes-256', said)
        said = self.refused(2, 'key', 'import', 'own', 'own.pem', '--algorithm', 'rsa-pss-sha256')
        self.assertIn('rsa-pss-sha256 is no algorithm for a key of type', said)
        self.alice.write('public.pem', self.public_half('own.pem'))
        said = self.refused(2, 'key', 'import', 'own', 'public.pem', '--usage', 'sign')
        self.assertIn("it holds a public key, which cannot be for 'sign'", said)
        self.strongroom('key', 'import', 'own', 'own.pem', '--type', 'ecc-p256',
                        '--algorithm', 'ecdsa-sha384', '--usage', 'sign')
        self.assertIn(b'ecdsa-sha384', self.strongroom('key', 'show', 'own'))
        self.is_in_as('own', 'own.pem')

    def test_what_is_no_key(self):
        self.ecc_key('own.pem')
        self.openssl('req', '-new', '-key', 'own.pem', '-subj', '/CN=a', '-out', 'a request.pem')
        said = self.refused(9, 'key', 'import', 'own', 'a request.pem')
        self.assertIn("reading 'a request.pem': it holds a CERTIFICATE REQUEST, not a key", said)
        said = self.refused(9, 'key', 'import', 'own', 'letter')
        self.assertIn("reading 'letter': it is neither PEM nor DER nor an OpenSSH public key", said)
        self.alice.write('two.pem', self.alice.read('own.pem') * 2)
        said = self.refused(9, 'key', 'import', 'own', 'two.pem')
        self.assertIn('it holds 2 of PRIVATE KEY, and which one is meant is open', said)
        self.alice.write('cut.pem', self.alice.read('own.pem')[:-30])
        self.assertIn("'PRIVATE KEY' has no end", self.refused(9, 'key', 'import', 'own', 'cut.pem'))
        said = self.refused(1, 'key', 'import', 'own', 'not there.pem')
        self.assertIn("opening 'not there.pem': No such file or directory", said)

    def test_ecc_keys_on_curves_that_few_use(self):
        for curve in ('secp224r1', 'secp256k1', 'brainpoolP256r1'):
            self.ecc_key('odd.pem', curve)
            self.strongroom('key', 'import', 'odd', 'odd.pem')
            self.is_in_as('odd', 'odd.pem')

    def test_what_the_service_cannot_hold(self):
        self.openssl('dsaparam', '-genkey', '-noout', '-out', 'dsa.pem', '1024')
        self.openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'dsa.pem', '-out', 'dsa.key')
        self.alice.write('dsa.pub', self.public_half('dsa.key'))
        for file in ('dsa.key', 'dsa.pub'):
            said = self.refused(8, 'key', 'import', 'dsa', file)
            self.assertIn(f"reading '{file}': it holds a DSA key, which the service cannot hold",
                          said)

    @needs_ssh_keygen
    def test_openssh_private_keys_are_explained_and_the_advice_works(self):
        self.ssh_keygen('-t', 'ecdsa', '-b', '256', '-N', '', '-f', 'id')
        shutil.chown(os.path.join(self.alice.home, 'id'), self.alice.uid)
        said = self.refused(8, 'key', 'import', 'id', 'id')
        self.assertIn('OPENSSH PRIVATE KEY', said)
        self.assertIn('ssh-keygen -p -m PKCS8 -f', said)
        self.ssh_keygen('-p', '-N', '', '-m', 'PKCS8', '-f', 'id')
        self.strongroom('key', 'import', 'id', 'id')
        self.is_in_as('id', 'id')


class Export(ShellCase):
    def make(self, name, kind, algorithm=None):
        chosen = ('--algorithm', algorithm) if algorithm else ()
        self.strongroom('key', 'generate', '--type', kind, *chosen, '--usage', 'sign,export', '--',
                        name)

    def test_openssl_reads_what_leaves(self):
        for kind in (*CURVES, 'rsa-2048'):
            self.make(kind, kind)
            public = self.strongroom('key', 'export-public', kind)
            self.strongroom('key', 'export', kind, 'own.pem')
            self.assertEqual(self.public_half('own.pem'), public)
            self.assertIn(b'Key is valid', self.openssl('pkey', '-in', 'own.pem', '-check'))
            self.strongroom('key', 'export', kind, 'own.der', '--out-format', 'der')
            self.assertEqual(self.pkcs8('own.pem'), self.alice.read('own.der'))
            self.strongroom('key', 'export-public', kind, 'public.der', '--out-format', 'der')
            self.assertEqual(self.openssl('pkey', '-pubin', '-in', 'public.der'), public)

    def test_what_left_comes_back(self):
        for kind in ('ecc-p256', 'rsa-2048', 'aes-256'):
            for form in ('pem', 'der', 'raw', 'hex', 'base64'):
                if kind == 'aes-256' and form in ('pem', 'der'):
                    continue
                name = f'{kind} as {form}'
                if kind == 'aes-256':
                    self.strongroom('key', 'generate', name, '--type', kind, '--usage', 'export')
                else:
                    self.make(name, kind)
                self.strongroom('key', 'export', name, 'key', '--out-format', form)
                self.strongroom('key', 'import', 'again', 'key', '--in-format', form,
                                '--type', kind, '--usage', 'export')
                self.assertEqual(self.strongroom('key', 'export', 'again'),
                                 self.strongroom('key', 'export', name))
                self.strongroom('key', 'delete', 'again')

    @needs_ssh_keygen
    def test_openssh_reads_public_keys(self):
        for kind, said in (('ecc-p256', '256'), ('ecc-p384', '384'), ('ecc-p521', '521'),
                           ('rsa-2048', '2048')):
            name = f'key of 🦊 {kind}'
            self.make(name, kind)
            self.strongroom('key', 'export-public', name, 'a key.pub', '--out-format', 'openssh')
            self.strongroom('key', 'export', name, 'own.pem')
            line = self.alice.read('a key.pub').split(b' ', 2)
            self.assertEqual(line[:2], self.ssh_public_key('own.pem').split()[:2])
            self.assertEqual(line[2], f'{name}\n'.encode())
            shown = self.ssh_keygen('-l', '-f', 'a key.pub').decode()
            self.assertTrue(shown.startswith(f'{said} SHA256:'), shown)
            self.assertIn(name, shown)

    def test_openssh_has_no_form_for_other_keys(self):
        self.strongroom('key', 'generate', 'data', '--type', 'aes-128')
        self.assertNotEqual(self.alice.run('key', 'export-public', 'data')[0], 0)

    def test_a_private_key_is_private(self):
        self.make('mine', 'ecc-p256')
        path = self.alice.write('old.pem', b'x' * 5000)
        shutil.chown(path, self.alice.uid)
        os.chmod(path, 0o644)
        for file in ('new.pem', 'old.pem'):
            self.strongroom('key', 'export', 'mine', file)
            mode = os.stat(os.path.join(self.alice.home, file)).st_mode
            self.assertEqual(mode & 0o7777, 0o600)
            self.assertTrue(self.alice.read(file).endswith(b'-----END PRIVATE KEY-----\n'))

    def test_a_terminal_is_no_place_for_a_key(self):
        self.make('shy', 'ecc-p256')
        code, shown = self.at_the_terminal('key', 'export', 'shy')
        self.assertEqual(code, 2)
        self.assertIn(b'writing to the terminal: the data is secret', shown)
        code, shown = self.at_the_terminal('key', 'export', 'shy', '--force')
        self.assertEqual(code, 0)
        self.assertIn(b'BEGIN PRIVATE KEY', shown)
        code, shown = self.at_the_terminal('key', 'export-public', 'shy')
        self.assertEqual(code, 0)
        self.assertIn(b'BEGIN PUBLIC KEY', shown)
        code, shown = self.at_the_terminal('key', 'export-public', 'shy', '--out-format', 'der')
        self.assertEqual(code, 2)


class Passphrases(ShellCase):
    def encrypted(self, *how):
        self.ecc_key('own.pem')
        self.openssl(*how, '-in', 'own.pem', '-out', 'locked.pem', '-passout', 'file:secret word')

    def test_come_from_a_file(self):
        for how in (('pkcs8', '-topk8', '-v2', 'aes-256-cbc'), ('pkcs8', '-topk8', '-scrypt'),
                    ('pkcs8', '-topk8', '-outform', 'DER'), ('ec', '-aes128')):
            self.encrypted(*how)
            self.strongroom('key', 'import', 'own', 'locked.pem',
                            '--passphrase-file', 'secret word')
            self.is_in_as('own', 'own.pem')

    def test_that_are_wrong(self):
        self.alice.write('wrong', b'open barley\n')
        for how in (('pkcs8', '-topk8'), ('ec', '-aes128')):
            self.encrypted(*how)
            said = self.refused(9, 'key', 'import', 'own', 'locked.pem', '--passphrase-file', 'wrong')
            self.assertIn('the passphrase is not the one that it is encrypted with', said)

    def test_without_a_terminal(self):
        self.encrypted('pkcs8', '-topk8')
        said = self.refused(2, 'key', 'import', 'own', 'locked.pem')
        self.assertIn('there is no terminal to ask for the passphrase', said)
        self.assertIn('--passphrase-file', said)

    def test_come_from_standard_input(self):
        self.encrypted('pkcs8', '-topk8')
        self.strongroom('key', 'import', 'own', 'locked.pem', '--passphrase-file', '-',
                        stdin=b'open sesame')
        self.is_in_as('own', 'own.pem')
        said = self.refused(2, 'key', 'import', 'own', '--passphrase-file', '-',
                            stdin=self.alice.read('locked.pem'))
        self.assertIn('key and passphrase cannot both be standard input', said)

    def test_of_ciphers_that_openssl_has_given_up(self):
        self.ecc_key('own.pem')
        self.openssl('pkcs8', '-topk8', '-v1', 'PBE-MD5-DES', '-provider', 'legacy', '-provider',
                     'default', '-in', 'own.pem', '-out', 'locked.pem', '-passout',
                     'file:secret word')
        said = self.refused(8, 'key', 'import', 'own', 'locked.pem', '--passphrase-file',
                            'secret word')
        self.assertIn("it is encrypted in a way that this machine's libcrypto lacks", said)

    def test_are_typed_unseen(self):
        self.encrypted('pkcs8', '-topk8')
        code, shown = self.at_the_terminal('key', 'import', 'own', 'locked.pem',
                                           answer=b'open sesame\n')
        self.assertEqual(code, 0, shown)
        self.assertIn(b'Passphrase for locked.pem: ', shown)
        self.assertNotIn(b'sesame', shown)
        self.is_in_as('own', 'own.pem')

    def test_an_interrupt_ends_the_question(self):
        self.encrypted('pkcs8', '-topk8')
        code, _ = self.at_the_terminal('key', 'import', 'own', 'locked.pem', answer=b'open\x03')
        self.assertEqual(code, -signal.SIGINT)
        self.assertEqual(self.alice.run('key', 'show', 'own')[0], 5)


class Signatures(ShellCase):
    """Each algorithm, beside openssl's `dgst` and `pkeyutl`."""

    PSS = ('-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest')
    # type, algorithm, digest, options of openssl dgst
    KINDS = (
        ('ecc-p256', 'ecdsa-sha256', 'sha256', ()),
        ('ecc-p256', 'ecdsa-sha384', 'sha384', ()),
        ('ecc-p384', 'ecdsa-sha256', 'sha256', ()),
        ('ecc-p384', 'ecdsa-sha384', 'sha384', ()),
        ('ecc-p521', 'ecdsa-sha512', 'sha512', ()),
        ('rsa-2048', 'rsa-pkcs1v15-sha256', 'sha256', ()),
        ('rsa-2048', 'rsa-pkcs1v15-sha512', 'sha512', ()),
        ('rsa-2048', 'rsa-pss-sha256', 'sha256', PSS),
        ('rsa-2048', 'rsa-pss-sha384', 'sha384', PSS),
    )

    def verified(self, *words, **how):
        self.assertEqual(self.strongroom('verify', *words, **how), b'Verified OK\n')

    def test_openssl_and_we_agree(self):
        for kind, algorithm, digest, options in self.KINDS:
            self.strongroom('key', 'generate', algorithm, '--type', kind, '--algorithm', algorithm,
                            '--usage', 'sign,verify,export')
            self.strongroom('key', 'export-public', algorithm, 'public.pem')
            self.strongroom('sign', algorithm, 'letter', '--output', 'signature')
            check = ('dgst', f'-{digest}', '-verify', 'public.pem', '-signature', 'signature')
            self.assertEqual(self.openssl(*check, *options, 'letter'), b'Verified OK\n')
            # And the other way round.
            self.strongroom('key', 'export', algorithm, 'private.pem')
            self.openssl('dgst', f'-{digest}', '-sign', 'private.pem', *options, '-out', 'theirs',
                         'letter')
            local = ('--public-key', 'public.pem', '--algorithm', algorithm)
            for signature in ('signature', 'theirs'):
                self.verified(algorithm, 'letter', '--signature', signature)
                self.verified(*local, 'letter', '--signature', signature)
                for where in ((algorithm,), local):
                    said = self.refused(7, 'verify', *where, 'other', '--signature', signature)
                    self.assertIn('the signature or tag does not match', said)
            self.strongroom('key', 'delete', algorithm)

    def test_a_digest_made_elsewhere(self):
        for kind, algorithm, digest, options in self.KINDS:
            self.strongroom('key', 'generate', algorithm, '--type', kind, '--algorithm', algorithm)
            self.strongroom('key', 'export-public', algorithm, 'public.pem')
            self.openssl('dgst', f'-{digest}', '-binary', '-out', 'binary', 'letter')
            self.alice.write('printed', self.shell(f'{digest}sum', 'letter'))
            for file in ('binary', 'printed'):
                self.strongroom('sign', '--digest', algorithm, file, '--output', 'signature')
                self.verified(algorithm, 'letter', '--signature', 'signature')
                self.verified('--digest', algorithm, file, '--signature', 'signature')
            options = ('-pkeyopt', f'digest:{digest}',
                       *('-pkeyopt' if word == '-sigopt' else word for word in options))
            self.assertEqual(
                self.openssl('pkeyutl', '-verify', '-pubin', '-inkey', 'public.pem', '-in',
                             'binary', '-sigfile', 'signature', *options),
                b'Signature Verified Successfully\n')
            said = self.refused(9, 'sign', '--digest', algorithm, 'other')
            self.assertIn(f"reading 'other': it holds no {digest} digest", said)
            self.strongroom('key', 'delete', algorithm)

    def test_signatures_in_each_form(self):
        self.strongroom('key', 'generate', 'forms', '--type', 'ecc-p256')
        self.strongroom('key', 'export-public', 'forms', 'public.pem')
        for form in ('der', 'raw', 'hex', 'base64'):
            self.strongroom('sign', 'forms', 'letter', '--output', 'signature', '--out-format',
                            form)
            named = ('--in-format', form)
            for how in (named, () if form in ('der', 'raw') else named):
                self.verified('forms', 'letter', '--signature', 'signature', *how)
                self.verified('--public-key', 'public.pem', 'letter', '--signature', 'signature',
                              *how)
        self.strongroom('sign', 'forms', 'letter', '--output', 'signature', '--out-format', 'raw')
        self.assertEqual(len(self.alice.read('signature')), 64)
        self.alice.write('hex', self.alice.read('signature').hex().encode())
        self.verified('forms', 'letter', '--signature', 'hex', '--in-format', 'hex')
        self.refused(9, 'verify', 'forms', 'letter', '--signature', 'signature', '--in-format',
                     'der')
        self.refused(9, 'verify', 'forms', 'letter', '--signature', 'letter')

    def test_a_public_key_of_any_form(self):
        self.strongroom('key', 'generate', 'any', '--type', 'ecc-p384', '--usage', 'sign,export')
        self.strongroom('sign', 'any', 'letter', '--output', 'signature')
        self.strongroom('key', 'export', 'any', 'private.pem')
        self.openssl('req', '-new', '-x509', '-key', 'private.pem', '-subj', '/CN=a', '-out',
                     'certificate.pem')
        self.strongroom('key', 'export-public', 'any', 'key.der', '--out-format', 'der')
        self.strongroom('key', 'export-public', 'any', 'key.pub', '--out-format', 'openssh')
        for file in ('certificate.pem', 'key.der', 'key.pub'):
            self.verified('--public-key', file, 'letter', '--signature', 'signature')
            self.verified('--public-key', file, '-', '--signature', 'signature',
                          stdin=self.alice.read('letter'))
        said = self.refused(9, 'verify', '--public-key', 'private.pem', 'letter', '--signature',
                            'signature')
        self.assertIn('it holds a private key', said)

    def test_no_service_is_needed_for_a_public_key(self):
        self.strongroom('key', 'generate', 'away', '--type', 'ecc-p256')
        self.strongroom('key', 'export-public', 'away', 'public.pem')
        self.strongroom('sign', 'away', 'letter', '--output', 'signature')
        code, out, said = self.alice.run('verify', '--public-key', 'public.pem', 'letter',
                                         '--signature', 'signature', socket='/nowhere')
        self.assertEqual((code, out, said), (0, b'Verified OK\n', ''))

    def test_a_key_for_messages_alone_gets_the_message(self):
        self.strongroom('key', 'generate', 'messages', '--type', 'ecc-p256', '--usage',
                        'sign-message,verify-message')
        self.strongroom('key', 'export-public', 'messages', 'public.pem')
        self.strongroom('sign', 'messages', 'letter', '--output', 'signature')
        self.verified('messages', 'letter', '--signature', 'signature')
        self.verified('--public-key', 'public.pem', 'letter', '--signature', 'signature')
        self.refused(7, 'verify', 'messages', 'other', '--signature', 'signature')

    def test_a_large_file_takes_little_memory(self):
        self.strongroom('key', 'generate', 'large', '--type', 'ecc-p256')
        self.strongroom('key', 'export-public', 'large', 'public.pem')
        with open(self.alice.write('film', b''), 'wb') as film:
            film.truncate(300 << 20)
        # An address space that would not hold the file; a sanitizer's does not fit either.
        limit = '' if self.place.is_instrumented() else 'ulimit -v 200000;'
        command = ' '.join((limit, programs.client, '--socket', self.place.socket,
                            '--insecure-socket', 'sign', 'large', 'film'))
        self.alice.write('signature', self.shell('sh', '-c', command))
        self.verified('--public-key', 'public.pem', 'film', '--signature', 'signature')

    def test_contradictions_are_usage_failures(self):
        self.strongroom('key', 'generate', 'plain', '--type', 'ecc-p256')
        for words in (('plain', 'letter'), ('--signature', 'letter'),
                      ('plain', '--signature', '-'), ('plain', 'letter', '--signature', 'letter',
                                                      '--algorithm', 'ecdsa-sha256'),
                      ('--public-key', '-', '--signature', 'letter'),
                      ('--public-key', 'letter', 'a', 'b', '--signature', 'letter')):
            self.refused(2, 'verify', *words)


class KeyNames(ShellCase):
    def test_keys_and_files_are_called_anything(self):
        self.ecc_key('own.pem')
        for name in ('two words', '--', '-x', '🔑 clé'):
            file = f'{name} of mine.pem'
            self.alice.write(file, self.alice.read('own.pem'))
            self.strongroom('key', 'import', '--usage', 'sign,verify,export', '--', name, file)
            self.strongroom('key', 'export-public', '--', name, f'{name}.pub')
            self.assertEqual(self.alice.read(f'{name}.pub'), self.public_half('own.pem'))
            self.strongroom('sign', f'--output={name}.sig', '--', name, 'letter')
            self.strongroom('verify', f'--signature={name}.sig', '--', name, 'letter')
            self.strongroom('verify', f'--public-key={name}.pub', f'--signature={name}.sig',
                            'letter')
            self.strongroom('key', 'export', '--', name, f'{name} again')
            self.assertEqual(self.public_half(f'{name} again'), self.public_half('own.pem'))
            self.is_in_as(name, 'own.pem')

    def test_files_that_are_not_there_are_named(self):
        for name in ('two words', '-x', 'a\nb'):
            said = self.refused(1, 'key', 'import', '--', 'own', name)
            self.assertIn(f"opening '{name}': No such file".replace('\n', '\\x0a'), said)


class KeyNamesInTheLocaleC(KeyNames):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.environment['LC_ALL'] = 'C'


if __name__ == '__main__':
    runner.main()
