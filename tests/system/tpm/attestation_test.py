"""The story of remote attestation at the shell: a machine with a TPM, and a verifier elsewhere who
has nothing but files."""

import json
import os
import sys

import contract
import runner
import swtpm
import wire
from daemon import ALICE, BOB

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'cli'))
import json_schema  # noqa: E402  pylint: disable=wrong-import-position

NONCE = '4e' * 20


@swtpm.needs_swtpm
class Opcodes(swtpm.Case):
    def test_only_the_tpm_lists_attestation(self):
        self.start()
        for provider, attests in ((swtpm.TPM, True), (wire.SOFTWARE, False)):
            request = (contract.LIST_OPCODES, wire.message((1, provider)))
            opcodes = dict(wire.fields_of(self.succeed(ALICE, request, provider=wire.CORE)))[1]
            for opcode in (contract.ATTEST, contract.PREPARE_ATTESTATION):
                self.assertEqual(opcode in opcodes, attests)
            # Without flag 0x0002 no opcode takes more than a byte.
            self.assertLess(max(opcodes), 33)


@swtpm.needs_swtpm
class Attestation(swtpm.Case):
    def setUp(self):
        super().setUp()
        self.start()
        self.machine = self.session(ALICE, 'alice')
        self.verifier = self.session(BOB, 'bob')
        self.strongroom('--provider', 'tpm', 'key', 'generate', 'web', '--type', 'ecc-p256')
        self.strongroom('key', 'export-public', 'web', 'web.pem')

    def strongroom(self, *words):
        return self.run_ok(self.machine, *words)

    def bring(self, *names):
        """From the machine to the verifier."""
        for name in names:
            self.verifier.write(name, self.machine.read(name))

    def verify(self, *words, nonce=NONCE):
        """Without a socket to go to."""
        return self.verifier.run('attest', 'verify', '--attestation-key', 'ak', '--nonce', nonce,
                                 *words, socket='/nonexistent')

    def verified(self, *words, **how):
        code, out, said = self.verify(*words, **how)
        self.assertEqual((code, said), (0, ''), words)
        return out

    def refused(self, *words, code=7, **how):
        failed_with, out, said = self.verify(*words, **how)
        self.assertEqual((failed_with, out), (code, b''), said)
        return said

    def enrol(self, identity, *names, challenge=()):
        """The verifier comes to trust a key by what the TPM alone can open."""
        self.strongroom('attest', 'identify', *names, '--output', identity)
        self.bring(identity)
        # Its maker's certificate, or a list, would say so.
        self.verifier.write('endorsement.pem', self.verifier.read(identity))
        code, _, said = self.verifier.run(
            'attest', 'challenge', identity, 'challenge', '--endorsement-key', 'endorsement.pem',
            '--secret', 'secret', *challenge, socket='/nonexistent')
        self.assertEqual((code, said), (0, ''))
        self.machine.write('challenge', self.verifier.read('challenge'))
        self.strongroom('attest', 'answer', 'challenge', *names, '--output', 'answer')
        self.assertEqual(self.machine.read('answer'), self.verifier.read('secret'))
        self.assertEqual(len(self.machine.read('answer')), 32)

    def test_a_key_is_certified_to_who_enrolled_the_machine(self):
        self.enrol('ak')
        self.strongroom('attest', 'certify', 'web', 'evidence', '--nonce', NONCE)
        self.bring('evidence', 'web.pem')
        out = self.verified('evidence', '--public-key', 'web.pem', '--signs')
        self.assertIn(b'Verified OK: the TPM holds this key', out)
        self.assertIn(self.machine.read('web.pem'), out)
        said = self.refused('evidence', nonce='4f' * 20)
        self.assertIn('verifying the key: nonce: expected ' + '4f' * 20 + ', found ' + NONCE, said)
        self.assertIn('type: expected 0x8018 (a quote), found 0x8017 (a certified key)',
                      self.refused('evidence', '--pcrs', 'sha256:0'))

    def test_what_differs_is_told(self):
        self.enrol('ak')
        self.strongroom('--provider', 'tpm', 'key', 'generate', 'other', '--type', 'ecc-p256')
        self.strongroom('key', 'export-public', 'other', 'other.pem')
        self.strongroom('attest', 'certify', 'web', 'evidence', '--nonce', NONCE)
        self.bring('evidence', 'other.pem')
        self.assertIn('public key: expected',
                      self.refused('evidence', '--public-key', 'other.pem'))
        record = json.loads(self.verified('evidence', '--json'))
        for option, field, told in (('--reset-count', 'reset_count', 'reset count'),
                                    ('--restart-count', 'restart_count', 'restart count')):
            self.verified('evidence', option, str(record[field]))
            self.assertIn(f'{told}: expected', self.refused('evidence', option,
                                                            str(record[field] + 1)))
        self.verified('evidence', '--firmware', record['firmware'],
                      '--clock-at-least', str(record['clock']))
        self.assertIn('firmware version', self.refused('evidence', '--firmware', '0' * 16))
        self.assertIn('clock: expected', self.refused('evidence', '--clock-at-least',
                                                      str(record['clock'] + 1)))

    def test_an_imported_key_is_none_of_the_tpm(self):
        self.enrol('ak')
        self.machine.execute('openssl', 'genpkey', '-algorithm', 'EC', '-pkeyopt',
                             'ec_paramgen_curve:prime256v1', '-out', 'own.pem')
        self.strongroom('--provider', 'tpm', 'key', 'import', 'own', 'own.pem')
        self.strongroom('attest', 'certify', 'own', 'evidence', '--nonce', NONCE)
        self.bring('evidence')
        self.assertIn('key attributes: expected fixedTPM', self.refused('evidence'))

    def test_registers_are_quoted(self):
        self.enrol('ak')
        self.strongroom('attest', 'quote', 'evidence', '--pcrs', 'sha256:0,16+sha384:17',
                        '--nonce', NONCE)
        self.bring('evidence')
        zeros, ones = '00' * 32, 'ff' * 48
        out = self.verified('evidence', '--pcrs', f'sha256:0={zeros},16+sha384:17={ones}')
        self.assertIn(f'sha384:17={ones}'.encode(), out)
        self.assertIn(f'pcr digest: expected sha256:16 {"11" * 32}, found {zeros}',
                      self.refused('evidence', '--pcrs', f'sha256:0,16={"11" * 32}+sha384:17'))
        self.assertIn('pcr selection: expected sha256:0, found sha256:0 sha256:16 sha384:17',
                      self.refused('evidence', '--pcrs', 'sha256:0'))
        self.assertIn('type: expected 0x8017', self.refused('evidence'))

    def test_another_tpm_is_not_the_one_that_was_enrolled(self):
        self.enrol('ak')
        self.tpm.kill()
        self.tpm.start('another')
        self.daemon.stop()
        self.configuration = self.place.configuration(rest=self.tpm.provider('name = "second"'))
        self.place.start('--config', self.configuration)
        self.strongroom('attest', 'quote', 'evidence', '--pcrs', 'sha256:0', '--nonce', NONCE)
        self.bring('evidence')
        self.assertIn('attestation key: expected', self.refused('evidence', '--pcrs', 'sha256:0'))
        code, _, said = self.machine.run('attest', 'answer', 'challenge')
        self.assertEqual(code, 9, said)

    def test_a_key_itself_answers_a_challenge(self):
        self.enrol('key', 'web', challenge=('--application-key',))
        code, _, said = self.verifier.run(
            'attest', 'challenge', 'key', '--endorsement-key', 'endorsement.pem', '--secret',
            'secret', socket='/nonexistent')
        self.assertEqual(code, 7, said)
        self.assertIn('key attributes: expected restricted', said)

    def test_an_unknown_endorsement_key_gets_no_challenge(self):
        self.strongroom('attest', 'identify', '--output', 'ak')
        self.bring('ak')
        self.verifier.execute('openssl', 'genrsa', '-out', 'other.key', '2048')
        self.verifier.execute('openssl', 'rsa', '-in', 'other.key', '-pubout', '-out', 'other.pem')
        code, out, said = self.verifier.run(
            'attest', 'challenge', 'ak', '--endorsement-key', 'other.pem', '--secret', 'secret',
            socket='/nonexistent')
        self.assertEqual((code, out), (7, b''), said)
        self.assertFalse(os.path.exists(os.path.join(self.verifier.home, 'secret')))

    def test_records_are_as_documented(self):
        self.enrol('ak')
        self.strongroom('attest', 'certify', 'web', 'key', '--nonce', NONCE)
        self.strongroom('attest', 'quote', 'quote', '--pcrs', 'sha256:0', '--nonce', NONCE)
        self.bring('key', 'quote')
        for words in (('key',), ('quote', '--pcrs', 'sha256:0')):
            out = self.verified(*words, '--json')
            self.assertEqual(json_schema.problems_of('attest verify', out), [])

    def test_keys_outside_of_a_tpm_are_not_certified(self):
        self.strongroom('--provider', 'software', 'key', 'generate', 'soft', '--type', 'ecc-p256')
        code, _, said = self.machine.run('attest', 'certify', 'soft', '--nonce', NONCE)
        self.assertEqual(code, 8, said)
        code, _, said = self.machine.run('attest', 'certify', 'absent', '--nonce', NONCE)
        self.assertEqual(code, 5, said)

    def test_wrong_words_are_refused_before_anything_is_asked(self):
        for words in (('certify', 'web'), ('certify', 'web', '--nonce', 'xyz'),
                      ('quote', '--nonce', NONCE), ('quote', '--nonce', NONCE, '--pcrs', '0'),
                      ('quote', '--nonce', NONCE, '--pcrs', 'md5:0'),
                      ('quote', '--nonce', NONCE, '--pcrs', 'sha256:24'),
                      ('quote', '--nonce', NONCE, '--pcrs', 'sha256:1,1'),
                      ('quote', '--nonce', NONCE, '--pcrs', 'sha256:1=00'),
                      ('verify', '--nonce', NONCE), ('challenge', 'ak'),):
            code, out, said = self.machine.run('attest', *words)
            self.assertEqual((code, out), (2, b''), (words, said))


if __name__ == '__main__':
    runner.main()
