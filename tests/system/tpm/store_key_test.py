"""The store's key sealed by a TPM: rekeying, registers, another TPM, the recovery secret; and old
copies of the store, which a counter in the TPM gives away."""

import os
import re
import shutil
import socket
import struct
import subprocess
import time

import contract
import runner
import swtpm
import wire
from daemon import ALICE, DAEMON_UID, IS_ROOT, PATIENCE, become, programs

SECRET = re.compile(r'^ +((?:[0-9A-Z]{5}-){7}[0-9A-Z]{5})$', re.MULTILINE)


class StoreKey(swtpm.Case):
    """A daemon whose [store] can be changed; both providers."""

    def configure_store(self, source=None, more=''):
        source = source or f'file:{self.place.state}/store.key'
        self.configuration = self.place.write('strongroom.toml', (
            '[service]\nrequire_locked_memory = false\n'
            f'[[socket]]\npath = "{self.place.socket}"\nmode = "0666"\n'
            f'[store]\npath = "{self.place.state}/keys.db"\nkey_source = "{source}"\n{more}\n'
            f'[admin]\ngroups = []\n{self.tpm.provider()}'))

    def serve(self):
        self.daemon = self.place.start('--config', self.configuration)

    def stop(self):
        self.assertEqual(self.daemon.stop(), 0)

    def refuse(self):
        """A start that is refused; gives what was said."""
        code, _, said = self.place.run_daemon('--config', self.configuration)
        self.assertEqual(code, 1, said)
        return said

    def task(self, *words, stdin=b'', uid=DAEMON_UID):
        """strongroomd does something to the store and ends."""
        done = subprocess.run([programs.daemon, '--config', self.configuration, *words],
                              preexec_fn=become(uid), cwd='/', input=stdin, capture_output=True,
                              timeout=PATIENCE, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def succeed_task(self, *words, **how):
        code, out, said = self.task(*words, **how)
        self.assertEqual(code, 0, said)
        return out

    def rekey(self, *words):
        """Seals by the TPM; gives the recovery secret."""
        out = self.succeed_task('--rekey', 'tpm:tpm', *words)
        self.assertIn('key_source = "tpm:tpm"', out)
        return SECRET.search(out)[1]

    def make_key(self, name='web'):
        self.succeed(ALICE, contract.generate(name))

    def use_key(self, name='web'):
        self.succeed(ALICE, contract.sign_hash(name))

    def extend_pcr(self, number):
        """TPM2_PCR_Extend, with an empty password."""
        parameters = struct.pack('>III', number, 9, 0x40000009) + bytes(5)
        parameters += struct.pack('>IH', 1, 0x000B) + b'\x11' * 32
        command = struct.pack('>HII', 0x8002, 10 + len(parameters), 0x182) + parameters
        with socket.socket(socket.AF_UNIX) as tpm:
            tpm.connect(self.tpm.socket)
            tpm.sendall(command)
            self.assertEqual(tpm.recv(4096)[6:10], bytes(4))

    def another_tpm(self):
        self.tpm.kill()
        self.tpm.start('another')


@swtpm.needs_swtpm
class Sealed(StoreKey):
    def setUp(self):
        super().setUp()
        self.configure_store()
        self.serve()
        self.make_key()
        self.stop()

    def seal(self, *words, more=''):
        secret = self.rekey(*words)
        self.configure_store('tpm:tpm', more)
        self.serve()
        self.use_key()
        self.stop()
        return secret

    def test_either_source_opens_until_the_new_one_was_used(self):
        self.rekey()
        self.serve()
        self.use_key()
        self.assertIn("'tpm:tpm' opens the store, too", self.place.read_log())
        self.stop()
        self.configure_store('tpm:tpm')
        self.serve()
        self.use_key()
        self.stop()
        self.configure_store()
        self.assertIn("is sealed by 'tpm:tpm', and key_source is 'file:", self.refuse())

    def test_a_restart_needs_no_hands(self):
        self.seal()
        self.serve()
        self.daemon.end()
        self.tpm.reset()
        self.serve()
        self.use_key()

    def test_nothing_on_the_disk_opens_it_without_the_tpm(self):
        self.seal()
        self.tpm.kill()
        os.unlink(os.path.join(self.place.state, 'store.key'))
        self.tpm.start('another')
        self.assertIn('another TPM has sealed it', self.refuse())
        self.tpm.kill()
        self.tpm.start()
        self.serve()
        self.use_key()

    def test_registers_that_changed_are_named_and_the_recovery_secret_seals_anew(self):
        more = 'key_pcrs = "sha256:16,23"'
        secret = self.seal('--pcrs', 'sha256:16,23', more=more)
        self.extend_pcr(16)
        said = self.refuse()
        self.assertIn('the PCRs that it is bound to, sha256:16,23,', said)
        self.assertIn('those that differ are sha256:16;', said)
        self.assertIn('strongroom store recover', said)
        wrong = secret[:-1] + ('0' if secret[-1] != '0' else '1')
        code, _, said = self.task('--recover', stdin=wrong.encode())
        self.assertEqual(code, 1)
        self.assertIn('group 8 has a mistake', said)
        self.assertNotIn(secret[:5], said)
        self.succeed_task('--recover', stdin=f' {secret.lower()} \n'.encode())
        self.serve()
        self.use_key()
        self.stop()
        self.extend_pcr(23)
        self.assertIn('those that differ are sha256:23;', self.refuse())
        self.succeed_task('--recover', stdin=secret.encode())
        self.serve()
        self.use_key()

    def test_with_another_tpm_software_keys_survive(self):
        self.seal()
        secret = SECRET.search(self.succeed_task('--recovery-secret'))[1]
        self.another_tpm()
        self.refuse()
        code, _, said = self.task('--recover', stdin=b'')
        self.assertEqual(code, 1)
        self.assertIn('there is nothing', said)
        self.succeed_task('--recover', stdin=secret.encode())
        self.serve()
        self.use_key()

    def test_a_recovery_secret_that_was_replaced_opens_nothing(self):
        secret = self.seal()
        self.succeed_task('--recovery-secret')
        code, _, said = self.task('--recover', stdin=secret.encode())
        self.assertEqual(code, 1)
        self.assertIn('is not that of store', said)

    def test_registers_can_be_chosen_anew(self):
        self.seal('--pcrs', 'sha256:16', more='key_pcrs = "sha256:16"')
        out = self.succeed_task('--rekey', 'tpm:tpm', '--pcrs', 'sha256:23')
        self.assertIsNone(SECRET.search(out), 'there is one already')
        self.configure_store('tpm:tpm', 'key_pcrs = "sha256:23"')
        self.serve()
        self.stop()
        self.extend_pcr(16)
        self.serve()
        self.use_key()

    def test_registers_of_the_configuration_that_are_not_the_sealed_ones_are_told(self):
        self.seal()
        self.configure_store('tpm:tpm', 'key_pcrs = "sha256:7"')
        self.serve()
        self.assertIn('key_pcrs says sha256:7', self.place.read_log())

    def test_an_absent_tpm_is_waited_for(self):
        self.seal()
        self.tpm.kill()
        self.daemon = self.place.spawn([programs.daemon, '--config', self.configuration])
        deadline = time.monotonic() + PATIENCE
        while "waiting for 'tpm:tpm'" not in self.place.read_log():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        self.tpm.start()
        self.daemon.wait_until_it_listens(self.place.socket)
        self.use_key()

    def test_rotation_keeps_keys_and_replaces_the_recovery_secret(self):
        secret = self.seal()
        later = SECRET.search(self.succeed_task('--rotate-store-key'))[1]
        self.assertNotEqual(secret, later)
        self.serve()
        self.use_key()
        self.stop()
        self.assertEqual(self.task('--recover', stdin=secret.encode())[0], 1)
        self.succeed_task('--recover', stdin=later.encode())

    def test_back_to_a_file(self):
        self.seal()
        self.succeed_task('--rekey', f'file:{self.place.state}/new.key')
        self.configure_store(f'file:{self.place.state}/new.key')
        self.tpm.kill()
        self.serve()
        self.use_key()

    def test_root_leaves_no_files_that_the_service_cannot_use(self):
        if not IS_ROOT:
            self.skipTest('needs root')
        self.succeed_task('--rekey', 'tpm:tpm', uid=0)
        for name in os.listdir(self.place.state):
            status = os.lstat(os.path.join(self.place.state, name))
            self.assertEqual(status.st_uid, DAEMON_UID, name)
        self.serve()

    def client(self, *words, stdin=b''):
        """`strongroom store WORDS` of the store's owner."""
        owner = self.session(DAEMON_UID, 'owner')
        try:
            return owner.execute(programs.client, 'store', *words, '--config', self.configuration,
                                 '--strongroomd', programs.daemon, stdin=stdin)
        finally:
            shutil.rmtree(owner.home)

    def test_the_command_line_does_it_all(self):
        code, out, said = self.client('rekey', '--to', 'tpm:tpm', '--pcrs', 'sha256:23')
        self.assertEqual(code, 0, said)
        secret = SECRET.search(out.decode())[1].encode()
        self.configure_store('tpm:tpm', 'key_pcrs = "sha256:23"\nrollback_counter = "tpm"')
        self.assertEqual(self.client('recover', stdin=secret)[0], 0)
        self.assertEqual(self.client('accept-rollback', '--yes')[0], 0)
        self.serve()
        self.use_key()
        self.stop()
        self.assertEqual(self.client('rekey', '--rotate')[0], 2, 'nobody can be asked')
        code, out, _ = self.client('rekey', '--rotate', '--yes')
        self.assertEqual(code, 0)
        self.assertNotEqual(SECRET.search(out.decode())[1].encode(), secret)
        self.assertEqual(self.client('recovery-secret')[0], 0)
        self.serve()
        self.use_key()
        self.succeed(ALICE, contract.named(contract.DESTROY, 'web'))
        self.stop()
        self.assertEqual(self.client('forget-key', '--yes')[0], 0)
        self.serve()
        self.assertEqual(self.status(ALICE, contract.sign_hash('web')), wire.DOES_NOT_EXIST)

    def test_the_command_line_says_what_is_wrong(self):
        for words in (('rekey',), ('rekey', '--to', 'tpm:tpm', '--rotate'),
                      ('rekey', '--rotate', '--pcrs', 'sha256:7')):
            self.assertEqual(self.client(*words)[0], 2, words)
        code, _, said = self.client('rekey', '--to', 'hunter2')
        self.assertEqual(code, 2)
        self.assertNotIn('hunter2', said)
        code, _, said = self.client('rekey', '--to', 'tpm:software')
        self.assertEqual(code, 1)
        self.assertIn("provider 'software' is not a TPM", said)

    def test_a_store_that_is_served_is_left_alone(self):
        self.serve()
        code, _, said = self.task('--rekey', 'tpm:tpm')
        self.assertEqual(code, 1)
        self.assertIn(f'in use by process {self.daemon.pid}', said)

    def test_no_secret_is_on_the_command_line_nor_in_the_log(self):
        secret = self.seal()
        self.succeed_task('--recover', stdin=secret.encode())
        self.serve()
        self.assertNotIn(secret[:11], self.place.read_log())


@swtpm.needs_swtpm
class Rollback(StoreKey):
    def setUp(self):
        super().setUp()
        self.configure_store(more='rollback_counter = "tpm"')
        self.serve()
        self.make_key()

    def copy(self, name):
        """As one who has the disk, of the store in use or not."""
        folder = os.path.join(self.place.root, name)
        os.mkdir(folder)
        for file in ('keys.db', 'keys.db-wal'):
            path = os.path.join(self.place.state, file)
            if os.path.exists(path):
                shutil.copy(path, folder)

    def bring_back(self, name):
        for file in ('keys.db', 'keys.db-wal', 'keys.db-shm'):
            path = os.path.join(self.place.state, file)
            if os.path.exists(path):
                os.unlink(path)
            source = os.path.join(self.place.root, name, file)
            if os.path.exists(source):
                shutil.copy(source, path)
                os.chmod(path, 0o600)
                if IS_ROOT:
                    os.chown(path, DAEMON_UID, DAEMON_UID)

    def destroy(self, name='web'):
        self.succeed(ALICE, contract.named(contract.DESTROY, name))

    def test_a_copy_from_before_a_destroy_is_refused_even_after_a_kill(self):
        self.copy('before')
        self.destroy()
        self.daemon.end()
        self.bring_back('before')
        said = self.refuse()
        self.assertIn('the store is an old copy: it is of epoch', said)
        self.assertIn('strongroom store accept-rollback', said)
        self.succeed_task('--accept-rollback')
        self.serve()
        self.use_key()

    def test_a_copy_from_before_a_stop_is_refused(self):
        self.copy('before')
        self.stop()
        self.bring_back('before')
        self.assertIn('an old copy', self.refuse())

    def test_restarts_and_kills_are_accepted(self):
        for round_number in range(4):
            if round_number % 2:
                self.daemon.end()
            else:
                self.stop()
            self.serve()
            self.use_key()

    def test_a_cleared_tpm_is_refused_in_words(self):
        self.stop()
        self.another_tpm()
        said = self.refuse()
        self.assertIn('nothing at NV index 0x01800000', said)
        self.assertIn('accept-rollback', said)
        self.succeed_task('--accept-rollback')
        self.serve()
        self.use_key()

    def test_a_tpm_that_is_away_holds_up_no_destroy_and_is_told_of(self):
        for name in ('a', 'b', 'c'):
            self.make_key(name)
        self.tpm.freeze()
        self.addCleanup(self.tpm.thaw)
        began = time.monotonic()
        for name in ('a', 'b', 'c'):
            self.destroy(name)
        self.assertLess(time.monotonic() - began, 4.5)
        self.assertIn('an old copy of the store may pass for it', self.place.read_log())
        began = time.monotonic()
        self.daemon.stop()
        self.assertLess(time.monotonic() - began, 15)
        self.tpm.thaw()
        self.serve()
        self.assertEqual(self.status(ALICE, contract.sign_hash('a')), wire.DOES_NOT_EXIST)
        self.use_key()

    def test_a_store_that_had_no_counter_needs_a_word(self):
        self.stop()
        shutil.rmtree(self.place.state)
        self.place.make_directory('state', DAEMON_UID)
        self.configure_store()
        self.serve()
        self.make_key()
        self.stop()
        self.configure_store(more='rollback_counter = "tpm"')
        self.assertIn('knows no rollback counter', self.refuse())
        self.succeed_task('--accept-rollback')
        self.serve()
        self.use_key()

    def test_the_index_is_the_one_that_is_configured(self):
        self.stop()
        shutil.rmtree(self.place.state)
        self.place.make_directory('state', DAEMON_UID)
        self.configure_store(more='rollback_counter = "tpm"\nrollback_index = 0x01805200')
        self.serve()
        self.assertIn('NV index 0x01805200', self.place.read_log())

    # The order of commit and step: death at each call that writes to the disk or to the TPM.
    def test_death_at_any_write_is_made_good_by_the_next_start(self):
        if shutil.which('strace') is None:
            self.skipTest('needs strace')
        self.stop()
        deaths = {}
        for call in ('fdatasync', 'write'):
            for count in range(1, 60):
                if not self.dies_at(call, count):
                    break
                deaths[call] = count
                self.serve()
                self.use_key()
                self.stop()
        self.assertGreater(deaths['fdatasync'], 3, deaths)
        self.assertGreater(deaths['write'], 20, 'of commands to the TPM')

    def dies_at(self, call, count):
        """Whether a daemon that starts, destroys a key and stops is killed there."""
        wrapper = ['strace', '-D', '-f', '-qq', '-I2', '-o', '/dev/null', '-e', f'trace={call}',
                   '-e', f'inject={call}:signal=SIGKILL:when={count}']
        daemon = self.place.spawn([*wrapper, programs.daemon, '--config', self.configuration])
        try:
            daemon.wait_until_it_listens(self.place.socket)
            self.status(ALICE, contract.generate('passing'))
            self.status(ALICE, contract.named(contract.DESTROY, 'passing'))
        except Exception:  # of whatever it died in
            pass
        if daemon.process.poll() is None:
            daemon.signal(15)
        return daemon.wait() != 0


if __name__ == '__main__':
    runner.main()
