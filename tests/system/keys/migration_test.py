"""Keys of Parsec's service, taken over from files that it has written (tests/parsec_sample)."""

import base64
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess

import contract
import daemon
import runner
import softhsm
import swtpm
from daemon import ALICE, BOB, DAEMON_UID, IS_ROOT, needs_root, programs

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / 'parsec_sample'
PIN = '1234'
LETTER = b'Dear bank, please move everything to the vault.\n'
INCOMPLETE = 11
SIGNING = {'soft-ecc': '1', 'soft-rsa': '1', 'token-ecc': '2', 'token-rsa': '2', 'tpm-ecc': '3',
           'tpm-rsa': '3'}
DECRYPTING = {'token-decrypt': ('2', ['rsa_padding_mode:pkcs1']),
              'tpm-decrypt': ('3', ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256'])}
OTHERS = ('public', 'a key/with:strange äöü name')


def own(path):
    """What the daemon's user has."""
    if IS_ROOT:
        subprocess.run(['chown', '-R', f'{DAEMON_UID}:{DAEMON_UID}', path], check=True)


def digests(folder):
    """Of all but what a login changes in a token of SoftHSM's."""
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(pathlib.Path(folder).rglob('*')) if path.is_file() and path.name != 'token.object'}


@softhsm.needs_softhsm
@swtpm.needs_swtpm
class Migration(daemon.Case):
    """Parsec's files in a directory of their own, its token and its TPM; and a service that has
    not been started yet."""

    def setUp(self):
        super().setUp()
        self.parsec = pathlib.Path(self.place.root, 'parsec')
        for part in ('mappings', 'keys', 'public'):
            shutil.copytree(SAMPLE / part, self.parsec / part)
        text = (SAMPLE / 'config.toml').read_text(encoding='utf-8')
        self.parsec_configuration = self.parsec / 'config.toml'
        self.parsec_configuration.write_text(text.replace('@DIRECTORY@', str(self.parsec)),
                                             encoding='utf-8')
        self.be_alice()
        self.token = softhsm.SoftHsm()
        self.addCleanup(self.token.remove)
        shutil.rmtree(self.token.tokens)
        shutil.copytree(SAMPLE / 'tokens', self.token.tokens)
        own(self.token.tokens)
        self.token.write_pin(PIN)
        self.tpm = swtpm.SwTpm()
        self.addCleanup(self.tpm.remove)
        self.tpm.kill()
        shutil.copytree(SAMPLE / 'tpm', os.path.join(self.tpm.root, 'sample'))
        own(os.path.join(self.tpm.root, 'sample'))
        self.tpm.start('sample')
        self.configure()
        self.alice = self.session(ALICE, 'alice')
        self.letter = self.alice.write('letter', LETTER)

    def be_alice(self):
        """An ordinary user is all users; then the keys are that one's."""
        if IS_ROOT:
            return
        with sqlite3.connect(self.parsec / 'mappings/kim.sqlite3') as rows:
            rows.execute('UPDATE key_mapping SET application_name = ?', (str(ALICE),))
        rows.close()
        folder = self.parsec / 'mappings/on-disk'
        encoded = base64.urlsafe_b64encode(str(ALICE).encode()).decode()
        os.rename(folder / 'NjQwMDE=', folder / encoded)
        shutil.rmtree(folder / 'NjQwMDI=')

    def configure(self, token=True):
        tables = self.tpm.provider()
        if token:
            tables += ('[[provider]]\ntype = "pkcs11"\n'
                       f'uri = "pkcs11:token=parsec?module-path={softhsm.module}"\n'
                       f'pin = "file:{self.token.pin}"\n')
        path, admin = self.place.socket, self.place.admin_socket
        self.configuration = self.place.configuration(
            sockets=f'[[socket]]\npath = "{path}"\nmode = "0666"\n'
                    f'[[socket]]\npath = "{admin}"\nmode = "0660"\nadmin = true\n',
            rest=f'[admin]\nuids = [{os.geteuid()}]\ngroups = []\n{tables}')

    def start(self):
        self.daemon = self.place.start('--config', self.configuration,
                                       environment=self.token.environment())

    def migrate(self, *words, keys=True, uid=0 if IS_ROOT else DAEMON_UID):
        """Exit code and the lines of the answer."""
        if keys:
            words = (*words, '--mbed-crypto-keys', str(self.parsec / 'keys'))
        code, out, said = self.place.run_daemon(
            '--config', self.configuration, '--migrate-parsec', str(self.parsec_configuration),
            *words, uid=uid, environment=self.token.environment())
        self.assertIn(code, (0, 1, INCOMPLETE, 78), said)
        self.said = said
        return code, out.splitlines()

    def succeed_migration(self):
        code, lines = self.migrate()
        self.assertEqual(code, 0, (lines, self.said))
        return lines

    def sign_as_before(self, session, name, provider, public_key):
        signature = session.write('signature', self.run_ok(session, '--provider', provider, 'sign',
                                                           name, self.letter))
        session.execute('chmod', '644', signature)
        verified = subprocess.run(
            ['openssl', 'dgst', '-sha256', '-verify', self.parsec / 'public' / public_key,
             '-signature', signature, self.letter], capture_output=True, check=False)
        self.assertEqual(verified.returncode, 0, (name, verified.stderr))

    def decrypt_as_before(self, name, provider, options):
        sealed = subprocess.run(
            ['openssl', 'pkeyutl', '-encrypt', '-pubin', '-inkey',
             self.parsec / 'public' / f'64001-{name}.pem',
             *(word for option in options for word in ('-pkeyopt', option))],
            input=LETTER, capture_output=True, check=True).stdout
        sealed = self.alice.write('sealed', sealed)
        opened = self.run_ok(self.alice, '--provider', provider, 'decrypt', name, sealed)
        self.assertEqual(opened, LETTER)

    def use_all(self):
        for name, provider in SIGNING.items():
            self.sign_as_before(self.alice, name, provider, f'64001-{name}.pem')
        for name, (provider, options) in DECRYPTING.items():
            self.decrypt_as_before(name, provider, options)

    def test_its_keys_do_what_they_did(self):
        self.succeed_migration()
        self.start()
        self.use_all()
        listed = {key['name'] for key in json.loads(self.run_ok(self.alice, 'key', 'list', '--json'))}
        self.assertEqual(listed, {*SIGNING, *DECRYPTING, *OTHERS})
        self.daemon.stop()
        self.start()
        self.use_all()

    def findings(self):
        operator = self.session(os.geteuid(), 'operator')
        code, out, said = operator.run('fsck', '--json', socket=self.place.admin_socket)
        shutil.rmtree(operator.home)
        self.assertIn(code, (0, INCOMPLETE), said)
        return [each['kind'] for each in json.loads(out)['findings']]

    def test_the_check_takes_no_object_for_an_orphan(self):
        self.configure(token=False)
        self.migrate()
        self.configure()
        self.start()
        self.assertEqual(self.findings(), [], "objects of Parsec's without a record")
        self.daemon.stop()
        self.succeed_migration()
        self.start()
        self.assertEqual(self.findings(), [])

    @needs_root
    def test_each_uid_has_its_own(self):
        self.succeed_migration()
        self.start()
        bob = self.session(BOB, 'bob')
        self.sign_as_before(bob, 'tpm-ecc', '3', '64002-tpm-ecc.pem')
        code, _, _ = bob.run('--provider', '3', 'sign', 'tpm-rsa', self.letter)
        self.assertEqual(code, 5)

    def test_nothing_of_its_is_changed(self):
        before = digests(self.parsec) | digests(self.token.tokens)
        self.succeed_migration()
        after = digests(self.parsec) | digests(self.token.tokens)
        self.assertEqual({path: after[path] for path in before}, before)
        self.assertEqual(after.keys(), before.keys())

    def test_a_dry_run_tells_the_same_and_makes_nothing(self):
        code, lines = self.migrate('--dry-run')
        self.assertEqual(code, 0, lines)
        self.assertEqual(os.listdir(self.place.state), [])
        moved = [line.removeprefix('would be moved: ') for line in lines if ': key' in line]
        self.assertEqual(moved, [line.removeprefix('moved: ') for line in self.succeed_migration()
                                 if ': key' in line])
        code, lines = self.migrate('--dry-run')
        self.assertEqual(code, 0)
        self.assertTrue(all(line.startswith('already there') for line in lines if ': key' in line))

    def test_a_second_time_all_is_there_already(self):
        first = self.succeed_migration()
        again = self.succeed_migration()
        count = len([line for line in first if line.startswith('moved: ')])
        self.assertEqual(len([line for line in again if line.startswith('already there: ')]), count)
        self.assertIn(f'0 keys moved, {count} already there, 0 kept back', again)

    def test_what_was_missing_the_first_time_comes_the_second(self):
        self.configure(token=False)
        code, lines = self.migrate(keys=False)
        self.assertEqual(code, INCOMPLETE)
        kept = '\n'.join(line for line in lines if line.startswith('kept back: '))
        self.assertIn('no provider of that type is configured here', kept)
        self.assertIn("it is in file '0000000000000002.psa_its'", kept)
        self.configure()
        self.succeed_migration()
        self.start()
        self.use_all()

    def test_a_name_that_is_taken_stays_what_it_is(self):
        self.start()
        self.succeed(ALICE, contract.generate('soft-ecc'))
        before = self.succeed(ALICE, contract.named(contract.EXPORT_PUBLIC, 'soft-ecc'))
        self.daemon.stop()
        code, lines = self.migrate()
        self.assertEqual(code, INCOMPLETE)
        self.assertIn('which is another one', '\n'.join(lines))
        self.start()
        after = self.succeed(ALICE, contract.named(contract.EXPORT_PUBLIC, 'soft-ecc'))
        self.assertEqual(before, after)
        self.sign_as_before(self.alice, 'token-rsa', '2', '64001-token-rsa.pem')

    def test_keys_of_another_tpm_are_kept_back(self):
        self.tpm.kill()
        self.tpm.start('another')
        code, lines = self.migrate()
        self.assertEqual(code, INCOMPLETE)
        kept = [line for line in lines if line.startswith('kept back: ')]
        self.assertTrue(all('of another TPM' in line for line in kept), kept)
        self.assertGreaterEqual(len(kept), 3)

    def test_keys_of_a_token_that_is_away_are_kept_back(self):
        self.token.take_away()
        code, lines = self.migrate()
        self.assertEqual(code, INCOMPLETE)
        self.assertEqual(len([line for line in lines if line.startswith('kept back: ')]), 4)

    def test_keys_of_a_token_that_refuses_the_pin_are_kept_back(self):
        self.token.write_pin('4321')
        code, lines = self.migrate()
        self.assertEqual(code, INCOMPLETE)
        kept = [line for line in lines if line.startswith('kept back: ')]
        self.assertEqual(len(kept), 4)
        self.assertTrue(all('PIN' in line for line in kept), kept)

    def test_the_stores_key_may_come_from_a_command(self):
        command = self.place.write('command', '#!/bin/sh\necho a secret that has more than 32 bytes\n')
        os.chmod(command, 0o755)
        with open(self.configuration, encoding='utf-8') as file:
            text = file.read()
        self.place.write('strongroom.toml', text.replace(
            f'file:{self.place.state}/store.key', f'command:{command}'))
        self.place.start('--config', self.configuration, '--init',
                         environment=self.token.environment()).stop()
        self.succeed_migration()
        self.start()
        self.sign_as_before(self.alice, 'soft-rsa', '1', '64001-soft-rsa.pem')

    def test_a_destroyed_key_leaves_the_token_and_the_others_stay(self):
        self.succeed_migration()
        self.start()
        objects = len(os.listdir(next(pathlib.Path(self.token.tokens).iterdir())))
        self.run_ok(self.alice, '--provider', '2', 'key', 'delete', 'token-ecc', '--yes')
        self.sign_as_before(self.alice, 'token-rsa', '2', '64001-token-rsa.pem')
        self.assertLess(len(os.listdir(next(pathlib.Path(self.token.tokens).iterdir()))), objects)
        self.daemon.stop()
        code, lines = self.migrate()
        self.assertEqual(code, INCOMPLETE)
        self.assertIn("'token-ecc'", [line for line in lines if 'kept back' in line][0])

    def test_a_configuration_that_it_would_refuse_is_refused(self):
        self.parsec_configuration.write_text('[authenticator]\n', encoding='ascii')
        code, lines = self.migrate()
        self.assertEqual((code, lines), (1, []))
        self.assertIn("config.toml:1:", self.said)
        self.assertEqual(os.listdir(self.place.state), [])

    def test_a_store_that_is_served_is_left_alone(self):
        self.start()
        code, lines = self.migrate()
        self.assertEqual((code, lines), (1, []))
        self.assertIn(f'in use by process {self.daemon.pid}, which has to be stopped', self.said)

    def test_mappings_that_are_not_there_are_no_empty_ones(self):
        (self.parsec / 'mappings/kim.sqlite3').rename(self.parsec / 'elsewhere')
        code, lines = self.migrate('--dry-run')
        self.assertEqual((code, lines), (1, []))
        self.assertIn("kim.sqlite3': No such file or directory", self.said)

    @needs_root
    def test_root_makes_nothing_of_roots(self):
        self.succeed_migration()
        for path in pathlib.Path(self.place.state).iterdir():
            self.assertEqual(path.stat().st_uid, DAEMON_UID, path)

    def test_the_command_line_does_it(self):
        owner = self.session(DAEMON_UID, 'owner')
        owner.environment |= self.token.environment()
        words = [programs.client, 'migrate', 'parsec', '--config', str(self.parsec_configuration),
                 '--strongroom-config', self.configuration, '--strongroomd', programs.daemon]
        code, out, said = owner.execute(*words, '--dry-run')
        self.assertEqual(code, INCOMPLETE, said)
        self.assertIn(b'would be moved: key', out)
        code, out, said = owner.execute(*words, '--mbed-crypto-keys', str(self.parsec / 'keys'))
        self.assertEqual(code, 0, said)


if __name__ == '__main__':
    runner.main()
