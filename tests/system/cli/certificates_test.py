"""Requests and certificates whose keys never leave the service, beside openssl and a TLS server."""

import os
import re
import ssl

import runner
from shell import ShellCase

# type, algorithm, what openssl calls a signature of it
KINDS = (
    ('ecc-p256', 'ecdsa-sha256', 'ecdsa-with-SHA256'),
    ('ecc-p384', 'ecdsa-sha384', 'ecdsa-with-SHA384'),
    ('ecc-p521', 'ecdsa-sha512', 'ecdsa-with-SHA512'),
    ('ecc-p521', 'ecdsa-any-hash', 'ecdsa-with-SHA512'),
    ('rsa-2048', 'rsa-pkcs1v15-sha256', 'sha256WithRSAEncryption'),
    ('rsa-2048', 'rsa-pss-sha384', 'rsassaPss'),
    ('rsa-2048', 'rsa-pss-any-hash', 'rsassaPss'),
)
SUBJECT = '/C=DE/O=Example, Ltd./CN=www.example.org'


class CertificateCase(ShellCase):
    def make(self, name, kind='ecc-p256', *how):
        self.strongroom('key', 'generate', '--type', kind, *how, '--', name)

    def request_text(self, file):
        return self.openssl('req', '-in', file, '-noout', '-text', '-verify',
                            '-nameopt', 'utf8,sep_comma_plus,sname').decode()

    def text(self, file):
        return self.openssl('x509', '-in', file, '-noout', '-text', '-nameopt',
                            'utf8,sep_comma_plus,sname').decode()

    def subject(self, file, kind='req', *how):
        return self.openssl(kind, '-in', file, '-noout', '-subject', '-nameopt', 'RFC2253,utf8,-esc_msb',
                            *how).decode().strip()

    def authority(self):
        """A CA made with openssl alone, as ca.pem and ca.key."""
        self.ecc_key('ca.key')
        self.openssl('req', '-new', '-x509', '-key', 'ca.key', '-subj', '/CN=Test CA', '-out',
                     'ca.pem', '-addext', 'keyUsage=critical,keyCertSign,cRLSign')

    def issue(self, request, certificate):
        """What an authority makes of a request, with the extensions that it asks for."""
        self.openssl('x509', '-req', '-in', request, '-CA', 'ca.pem', '-CAkey', 'ca.key',
                     '-CAcreateserial', '-copy_extensions', 'copyall', '-days', '30',
                     '-out', certificate)

    def public_key_of(self, file, kind='x509'):
        return self.openssl(kind, '-in', file, '-noout', '-pubkey')


class Requests(CertificateCase):
    def test_openssl_accepts_each_kind_of_key(self):
        for kind, algorithm, signature in KINDS:
            self.make(algorithm, kind, '--algorithm', algorithm)
            self.strongroom('csr', algorithm, 'request.pem', '--subject', SUBJECT)
            text = self.request_text('request.pem')
            self.assertIn(f'Signature Algorithm: {signature}', text)
            self.assertIn('Subject: C=DE,O=Example, Ltd.,CN=www.example.org', text)
            self.assertEqual(self.public_key_of('request.pem', 'req'),
                             self.strongroom('key', 'export-public', algorithm))
            self.strongroom('key', 'delete', algorithm)

    def test_a_hash_may_be_chosen_where_the_key_leaves_it_open(self):
        self.make('open', 'rsa-2048', '--algorithm', 'rsa-pkcs1v15-any-hash')
        self.strongroom('csr', 'open', 'request.pem', '--subject', '/CN=a', '--hash', 'sha512')
        self.assertIn('sha512WithRSAEncryption', self.request_text('request.pem'))
        self.refused(8, 'csr', 'open', '--subject', '/CN=a', '--hash', 'sha1')
        self.make('fixed', 'ecc-p256')
        said = self.refused(4, 'csr', 'fixed', '--subject', '/CN=a', '--hash', 'sha512')
        self.assertIn('the key permits ecdsa-sha256 alone', said)

    def test_extensions_are_asked_for(self):
        self.make('server')
        self.strongroom(
            'csr', 'server', 'request.pem', '--subject', '/CN=a',
            '--san', 'DNS:example.org,DNS:*.example.org', '--san', 'IP:192.0.2.1',
            '--san', 'IP:2001:db8::1, email:me@example.org', '--san', 'URI:https://a.example/b,c',
            '--key-usage', 'digitalSignature,keyAgreement',
            '--extended-key-usage', 'serverAuth,1.3.6.1.4.1.311.20.2.2')
        text = self.request_text('request.pem')
        self.assertIn('DNS:example.org, DNS:*.example.org, IP Address:192.0.2.1, '
                      'IP Address:2001:DB8:0:0:0:0:0:1, email:me@example.org, '
                      'URI:https://a.example/b,c\n', text)
        self.assertRegex(text, r'Key Usage: critical\n +Digital Signature, Key Agreement\n')
        self.assertRegex(text, r'Extended Key Usage: *\n +TLS Web Server Authentication, '
                               r'Microsoft Smartcard ?[lL]ogin\n')
        self.strongroom('csr', 'server', 'request.pem', '--subject', '/CN=a', '--basic-ca')
        self.assertRegex(self.request_text('request.pem'),
                         r'Basic Constraints: critical\n +CA:TRUE')

    def test_keys_that_cannot_sign_a_request(self):
        self.make('data', 'aes-256')
        said = self.refused(4, 'csr', 'data', '--subject', '/CN=a')
        self.assertIn("making a request with key 'data': the key permits aes-gcm alone", said)
        self.make('looker', 'ecc-p256', '--usage', 'verify')
        said = self.refused(4, 'csr', 'looker', '--subject', '/CN=a')
        self.assertIn("'strongroom key show' tells what the key may be used for", said)
        self.refused(5, 'csr', 'nobody', '--subject', '/CN=a')

    def test_a_key_for_messages_alone_will_do(self):
        self.make('messages', 'ecc-p256', '--usage', 'sign-message')
        self.strongroom('csr', 'messages', 'request.pem', '--subject', '/CN=a')
        self.request_text('request.pem')


class OwnerNames(CertificateCase):
    def test_both_notations_give_one_name(self):
        self.make('named')
        for name in ('/DC=org/DC=example/O=Größe + Söhne\\/Töchter/CN=Zoë 🔑',
                     'CN=Zoë 🔑,O=Größe \\+ Söhne/Töchter,DC=example,DC=org',
                     'cn = Zoë 🔑, o=Gr\\C3\\B6\\C3\\9Fe \\2B S\\C3\\B6hne/Töchter , dc=example,dc=org'):
            name = name.replace(' + S', ' \\+ S')
            self.strongroom('csr', 'named', 'request.pem', '--subject', name)
            self.assertEqual(self.subject('request.pem'),
                             'subject=CN=Zoë 🔑,O=Größe \\+ Söhne/Töchter,DC=example,DC=org')
        self.strongroom('csr', 'named', 'request.pem', '--subject', '/O=a/CN=b+serialNumber=7')
        self.assertEqual(self.subject('request.pem'), 'subject=serialNumber=7+CN=b,O=a')

    def test_a_request_of_alternative_names_alone(self):
        self.make('nameless')
        self.strongroom('csr', 'nameless', 'request.pem', '--san', 'DNS:example.org')
        self.assertRegex(self.request_text('request.pem'),
                         r'Subject Alternative Name: critical\n +DNS:example.org')

    def test_what_is_no_name(self):
        self.make('strict')
        for words in (['--subject', 'www.example.org'], ['--subject', '/CN='], ['--subject', '/'],
                      ['--subject', '/NOSUCH=a'], ['--subject', '/C=Germany/CN=a'],
                      ['--subject', 'CN=#0c0161'], ['--subject', '/CN=a\\'],
                      ['--san', 'example.org'], ['--san', 'DNS:'], ['--san', 'DNS:a b'],
                      ['--san', 'DNS:größe.de'], ['--san', 'DNS:a..b'], ['--san', 'IP:300.1.1.1'],
                      ['--san', 'email:nobody'], ['--san', 'URI:nowhere'], ['--san', ''], [],
                      ['--subject', '/CN=a', '--key-usage', 'signing'],
                      ['--subject', '/CN=a', '--extended-key-usage', 'server'],
                      ['--subject', '/CN=a', '--extended-key-usage', '1.2.x'],
                      ['--subject', '/CN=a', '--out-format', 'raw']):
            said = self.refused(2, 'csr', 'strict', *words)
            self.assertTrue(said.startswith('strongroom: reading the '), said)
        said = self.refused(2, 'csr', 'strict', '--subject', '/C=Germany/CN=a')
        self.assertIn("'Germany' cannot be the value of C: string too long", said)

    def test_names_and_files_of_any_kind(self):
        for name in ('two words', '--', '-x', '🔑 clé'):
            self.make(name)
            self.strongroom('csr', '--subject', f'/CN=owner of {name}', '--', name, 'my request')
            self.assertEqual(self.subject('my request'), f'subject=CN=owner of {name}')
            der = self.strongroom('csr', '--subject', '/CN=a', '--out-format', 'der', '--', name)
            self.openssl('req', '-inform', 'DER', '-noout', '-verify', stdin=der)
            self.strongroom('key', 'delete', '--', name)


class OwnerNamesInTheLocaleC(OwnerNames):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.environment['LC_ALL'] = 'C'


class SelfSigned(CertificateCase):
    def test_openssl_trusts_each_kind_of_key(self):
        for kind, algorithm, signature in KINDS:
            self.make(algorithm, kind, '--algorithm', algorithm)
            self.strongroom('self-sign', algorithm, 'own.pem', '--subject', SUBJECT, '--san',
                            'DNS:www.example.org')
            self.openssl('verify', '-x509_strict', '-CAfile', 'own.pem', '-verify_hostname',
                         'www.example.org', 'own.pem')
            self.assertIn(f'Signature Algorithm: {signature}', self.text('own.pem'))
            self.assertEqual(self.public_key_of('own.pem'),
                             self.strongroom('key', 'export-public', algorithm))
            self.strongroom('key', 'delete', algorithm)

    def test_it_says_what_rfc_5280_asks_for(self):
        self.make('own')
        self.strongroom('self-sign', 'own', 'own.pem', '--subject', '/CN=a', '--days', '10')
        text = self.text('own.pem')
        self.assertIn('Version: 3', text)
        self.assertRegex(text, r'Basic Constraints: critical\n +CA:FALSE')
        identifiers = re.findall(r'Key Identifier: *\n +([0-9A-F:]{59})\n', text)
        self.assertEqual(len(identifiers), 2)
        self.assertEqual(*identifiers)
        self.openssl('x509', '-in', 'own.pem', '-noout', '-checkend', str(10 * 86400 - 300))
        code = self.alice.execute('openssl', 'x509', '-in', 'own.pem', '-noout', '-checkend',
                                  str(10 * 86400 + 300))[0]
        self.assertEqual(code, 1)

    def test_serial_numbers_are_long_and_never_the_same(self):
        self.make('serial')
        serials = set()
        for _ in range(8):
            self.strongroom('self-sign', 'serial', 'own.pem', '--subject', '/CN=a')
            line = self.openssl('x509', '-in', 'own.pem', '-noout', '-serial').decode()
            serials.add(int(line.split('=')[1], 16))
        self.assertEqual(len(serials), 8)
        self.assertGreater(max(serials), 1 << 150)
        self.assertLess(max(serials), 1 << 159)

    def test_times_beyond_2049(self):
        self.make('long')
        self.strongroom('self-sign', 'long', 'own.pem', '--subject', '/CN=a', '--days', '36500')
        self.assertRegex(self.text('own.pem'), r'Not After : .* 21\d\d GMT')
        self.openssl('verify', '-x509_strict', '-CAfile', 'own.pem', 'own.pem')
        for days in ('0', '-1', '1.5', 'many', '365001'):
            self.refused(2, 'self-sign', 'long', '--subject', '/CN=a', f'--days={days}')

    def test_an_authority(self):
        self.make('root')
        self.strongroom('self-sign', 'root', 'root.pem', '--subject', '/CN=Root', '--basic-ca')
        text = self.text('root.pem')
        self.assertRegex(text, r'Basic Constraints: critical\n +CA:TRUE')
        self.assertRegex(text, r'Key Usage: critical\n +Digital Signature, Certificate Sign, CRL')
        self.openssl('verify', '-x509_strict', '-CAfile', 'root.pem', 'root.pem')

    def test_nobody_issues_without_a_name(self):
        self.make('nameless')
        said = self.refused(2, 'self-sign', 'nameless', '--san', 'DNS:a')
        self.assertIn('--subject says none', said)


class Renewal(CertificateCase):
    """The way of a certificate over the years, with a key that stays where it is."""

    def test_a_certificate_is_renewed_with_the_same_key(self):
        self.authority()
        self.make('web server')
        self.strongroom('csr', 'web server', 'first.csr', '--subject', SUBJECT, '--san',
                        'DNS:www.example.org', '--extended-key-usage', 'serverAuth',
                        '--key-usage', 'digitalSignature')
        self.issue('first.csr', 'first.pem')
        self.strongroom('csr', 'web server', 'second.csr', '--from-certificate', 'first.pem')
        self.issue('second.csr', 'second.pem')
        public = self.strongroom('key', 'export-public', 'web server')
        for file in ('first.pem', 'second.pem'):
            self.openssl('verify', '-x509_strict', '-CAfile', 'ca.pem', '-purpose', 'sslserver',
                         '-verify_hostname', 'www.example.org', file)
            self.assertEqual(self.public_key_of(file), public)
        self.assertEqual(self.subject('first.pem', 'x509'), self.subject('second.pem', 'x509'))
        shown = ('-noout', '-ext', 'subjectAltName,keyUsage,extendedKeyUsage')
        self.assertEqual(self.openssl('x509', '-in', 'first.pem', *shown),
                         self.openssl('x509', '-in', 'second.pem', *shown))

    def test_a_key_moved_in_from_a_file_goes_on_with_its_certificate(self):
        self.authority()
        self.rsa_key('old.key')
        self.openssl('req', '-new', '-key', 'old.key', '-out', 'old.csr', '-utf8', '-subj',
                     '/O=Größe/CN=www.example.org', '-addext', 'subjectAltName=DNS:www.example.org')
        self.issue('old.csr', 'old.pem')
        chain = self.alice.read('old.pem') + self.alice.read('ca.pem')
        self.alice.write('full chain.pem', chain)
        self.strongroom('key', 'import', 'moved in', 'old.key', '--algorithm',
                        'rsa-pkcs1v15-sha256')
        self.strongroom('csr', 'moved in', 'new.csr', '--from-certificate', 'full chain.pem')
        self.assertEqual(self.public_key_of('new.csr', 'req'), self.public_key_of('old.pem'))
        self.assertEqual(self.subject('new.csr'), self.subject('old.pem', 'x509'))
        self.assertIn('DNS:www.example.org', self.request_text('new.csr'))
        self.strongroom('csr', 'moved in', 'new.csr', '--from-certificate', 'old.pem', '--san',
                        'DNS:new.example.org', '--subject', '/CN=new')
        text = self.request_text('new.csr')
        self.assertIn('DNS:new.example.org', text)
        self.assertNotIn('www.example.org', text)

    def test_a_self_signed_certificate_is_renewed(self):
        self.make('self')
        self.strongroom('self-sign', 'self', 'first.pem', '--subject', SUBJECT, '--basic-ca',
                        '--san', 'DNS:a.example', '--days', '1')
        self.strongroom('self-sign', 'self', 'second.pem', '--from-certificate', 'first.pem')
        shown = ('-noout', '-subject', '-ext',
                 'subjectAltName,keyUsage,basicConstraints,subjectKeyIdentifier')
        self.assertEqual(self.openssl('x509', '-in', 'first.pem', *shown),
                         self.openssl('x509', '-in', 'second.pem', *shown))
        self.openssl('verify', '-x509_strict', '-CAfile', 'second.pem', 'second.pem')

    def test_what_is_no_certificate(self):
        self.make('lost')
        self.strongroom('key', 'export-public', 'lost', 'public.pem')
        for file in ('letter', 'public.pem'):
            said = self.refused(9, 'csr', 'lost', '--from-certificate', file)
            self.assertIn(f"reading '{file}': it", said)

    def test_a_tls_server_shows_it(self):
        self.authority()
        self.make('tls', 'ecc-p256', '--usage', 'sign,export')
        self.strongroom('csr', 'tls', 'tls.csr', '--subject', '/CN=localhost', '--san',
                        'DNS:localhost')
        self.issue('tls.csr', 'tls.pem')
        self.strongroom('key', 'export', 'tls', 'tls.key')
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(self.path('tls.pem'), self.path('tls.key'))
        client = ssl.create_default_context(cafile=self.path('ca.pem'))
        self.assertEqual(handshake(server, client), (('commonName', 'localhost'),))

    def path(self, name):
        return os.path.join(self.alice.home, name)


def handshake(server, client):
    """Lets two TLS contexts meet; gives the first part of the name that the server has shown."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(to_client, to_server, server_hostname='localhost'),
            server.wrap_bio(to_server, to_client, server_side=True)]
    for _ in range(10):
        for end in list(ends):
            try:
                end.do_handshake()
                ends.remove(end)
                if end.server_side is False:
                    shown = end.getpeercert()['subject'][0]
            except ssl.SSLWantReadError:
                pass
    assert not ends
    return shown


if __name__ == '__main__':
    runner.main()
