"""Store and token agree whatever comes between their steps: no name is lost or taken for ever, no
object is left over, no destroyed key is of use, no acknowledged key is lost."""

import json
import os
import shutil
import struct
import subprocess
import time

import contract
import device
import json_schema
import runner
import softhsm
import token_worker_test
import wire
from daemon import ALICE, needs_root
from device import DOWN, SOON

ABSENT = 1140
TAKEN = 1139
DEGRADED = 11  # exit codes of the command line
DEVICE_FAILURE = 10
NOT_THERE = 5
# What the writer of the store and SoftHSM make of a change.
CALLS = ('pwrite64', 'fdatasync', 'write', 'openat', 'unlink', 'fcntl')
# What a worker does for one.
CALLS_OF_WORKERS = ('sendmsg', 'sendto', 'write', 'openat', 'unlink', 'fcntl')
# Of one call, in one thread: all of the first, and some of those that follow.
COUNTS = (*range(1, 9), 11, 15, 20, 26, 33)


class Case(softhsm.WithToken, device.OperatorCase):
    def setUp(self):
        super().setUp()
        self.owner = self.session(ALICE, 'owner')  # of the keys

    def left(self):
        return self.shown()[1]['unfinished_keys']

    def wait_until_nothing_is_left(self):
        deadline = time.monotonic() + 2 * SOON
        while self.left() != 0:
            self.assertLess(time.monotonic(), deadline, self.place.read_log())
            time.sleep(0.05)

    def check(self, *words):
        """Exit code and findings of a look at store and token."""
        code, out, said = self.run_as_operator('fsck', '--json', *words)
        self.assertEqual(json_schema.problems_of('fsck', out), [], said)
        return code, [each['kind'] for each in json.loads(out)['findings']]

    def assert_coherent(self):
        self.wait_until_nothing_is_left()
        self.assertEqual(self.check(), (0, []))

    def status_of(self, request):
        return self.ask_device(request).status

    def destroy(self, name='web'):
        return self.status_of(contract.named(contract.DESTROY, name))

    def generate(self, name='web'):
        return self.status_of(contract.generate(name, contract.KEPT_KEY))


class InjectionCase(Case):
    def setUp(self):
        super().setUp()
        if shutil.which('strace') is None:
            self.skipTest('needs strace')

    def inject(self, call, what, count, pid=None):
        """At that call of any thread of the process, else of the daemon, counted from now on."""
        pid = pid or self.daemon.pid
        tracer = subprocess.Popen(
            ['strace', '-f', '-qq', '-o', '/dev/null', '-e', f'trace={call}', '-e',
             f'inject={call}:{what}:when={count}', '-p', str(pid)])
        self.addCleanup(tracer.wait)
        self.addCleanup(tracer.kill)
        threads = f'/proc/{pid}/task'
        deadline = time.monotonic() + SOON
        while any(self.tracer_of(f'{threads}/{each}') == '0' for each in os.listdir(threads)):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        return tracer

    @staticmethod
    def tracer_of(task):
        with open(f'{task}/status', encoding='ascii') as status:
            return next(line.split()[1] for line in status if line.startswith('TracerPid:'))

    def answer(self, request):
        """Nothing when the daemon dies."""
        try:
            return self.ask_device(request).status
        except (OSError, struct.error):
            return None

    def free_the_name(self):
        self.assertIn(self.destroy(), (wire.SUCCESS, ABSENT))

    def have_a_key(self):
        self.assertIn(self.generate(), (wire.SUCCESS, TAKEN))

    def make(self):
        return self.answer(contract.generate('web', contract.KEPT_KEY))

    def end(self):
        return self.answer(contract.named(contract.DESTROY, 'web'))

    def expect_made(self, answered):
        """Or not at all, where that was not acknowledged."""
        if answered == wire.SUCCESS:
            self.assertTrue(self.signs())
        elif not self.signs():
            self.assertEqual(self.generate(), wire.SUCCESS)

    def expect_destroyed(self, answered):
        if answered == wire.SUCCESS:
            self.assertEqual(self.status_of(contract.sign_hash('web')), ABSENT)
        if not self.signs():
            self.assertEqual(self.generate(), wire.SUCCESS)


@softhsm.needs_softhsm
@needs_root
class Failures(InjectionCase):
    """Of the daemon, with the module in its process, and of its disk."""

    SETTINGS = 'isolation = "none"\n'

    def at_each_call(self, prepare, act, expect):
        kills = 0
        for call in CALLS:
            for count in COUNTS:
                self.start()
                prepare()
                tracer = self.inject(call, 'signal=SIGKILL', count)
                answered = act()
                is_dead = answered is None
                kills += is_dead
                self.daemon.end()
                tracer.wait()
                self.start()
                with self.subTest(call=call, count=count):
                    self.assert_coherent()
                    expect(answered)
                self.daemon.stop()
                if not is_dead:
                    break
        print(f'# {kills} kills', flush=True)
        self.assertGreater(kills, 10)

    def with_a_failure_at_each_call(self, prepare, act, expect):
        """Of the disk, once; the daemon goes on."""
        self.start()
        for call, error in ('pwrite64', 'ENOSPC'), ('pwrite64', 'EIO'), ('fdatasync', 'EIO'):
            for count in COUNTS:
                prepare()
                tracer = self.inject(call, f'error={error}', count)
                answered = act()
                tracer.terminate()
                tracer.wait()
                with self.subTest(call=call, error=error, count=count):
                    self.wait_until_the_store_is_healthy()
                    self.assert_coherent()
                    expect(answered)
                if answered == wire.SUCCESS and count > 3:
                    break

    def wait_until_the_store_is_healthy(self):
        deadline = time.monotonic() + 2 * SOON
        while (shown := self.run_as_operator('status'))[0] != 0:
            self.assertLess(time.monotonic(), deadline, shown)
            time.sleep(0.05)

    def test_while_a_key_is_made(self):
        self.at_each_call(self.free_the_name, self.make, self.expect_made)

    def test_while_a_key_is_destroyed(self):
        self.at_each_call(self.have_a_key, self.end, self.expect_destroyed)

    def test_of_the_disk_while_a_key_is_made(self):
        self.with_a_failure_at_each_call(self.free_the_name, self.make, self.expect_made)

    def test_of_the_disk_while_a_key_is_destroyed(self):
        self.with_a_failure_at_each_call(self.have_a_key, self.end, self.expect_destroyed)


@softhsm.needs_softhsm
@needs_root
class FailuresOfWorkers(InjectionCase):
    """Which are replaced, while the daemon goes on."""

    SETTINGS = 'workers = 1\n'

    def worker(self):
        deadline = time.monotonic() + SOON
        while not (found := [pid for pid in token_worker_test.children_of(self.daemon.pid)
                             if token_worker_test.name_of(pid) == token_worker_test.WORKER]):
            self.assertLess(time.monotonic(), deadline, self.place.read_log())
            time.sleep(0.02)
        return found[0]

    def at_each_call(self, prepare, act, expect):
        kills = 0
        self.start()
        for call in CALLS_OF_WORKERS:
            for count in COUNTS:
                self.wait_until('up')
                prepare()
                pid = self.worker()
                tracer = self.inject(call, 'signal=SIGKILL', count, pid)
                answered = act()
                is_dead = answered not in (wire.SUCCESS, ABSENT)
                kills += is_dead
                tracer.terminate()
                tracer.wait()
                with self.subTest(call=call, count=count):
                    self.wait_until('up')
                    self.assert_coherent()
                    expect(answered)
                if not is_dead:
                    break
        print(f'# {kills} kills', flush=True)
        self.assertGreater(kills, 5)

    def test_while_a_key_is_made(self):
        self.at_each_call(self.free_the_name, self.make, self.expect_made)

    def test_while_a_key_is_destroyed(self):
        self.at_each_call(self.have_a_key, self.end, self.expect_destroyed)


@softhsm.needs_softhsm
class Absence(Case):
    def setUp(self):
        super().setUp()
        self.start()
        self.make_key('web')

    def test_keys_destroyed_meanwhile_go_when_the_token_is_back(self):
        self.token.take_away()
        self.assertEqual(self.destroy(), DOWN)
        self.assertEqual(self.status_of(contract.sign_hash('web')), ABSENT)
        self.assertEqual(self.left(), 1)
        self.assertEqual(self.check(), (DEGRADED, ['destroying', 'not-compared']))
        self.token.put_back()
        self.assert_coherent()
        self.make_key('web')

    def test_a_client_is_told_that_its_key_is_deleted(self):
        self.token.take_away()
        code, _, said = self.owner.run('key', 'delete', 'web')
        self.assertEqual(code, DEVICE_FAILURE)
        self.assertIn('it is deleted; its device does not serve now, and destroys it once it does',
                      said)
        code, out, _ = self.owner.run('key', 'list', '--json')
        self.assertEqual((code, json.loads(out)), (0, []))
        self.token.put_back()
        self.assert_coherent()

    def test_what_is_left_outlives_a_kill(self):
        self.token.take_away()
        self.assertEqual(self.destroy(), DOWN)
        self.daemon.end()
        self.start()
        self.assertEqual(self.left(), 1)
        self.token.put_back()
        self.assert_coherent()

    def test_nothing_is_reserved_for_keys_that_cannot_be_made(self):
        self.token.take_away()
        while self.shown()[1]['state'] != 'down':
            self.signs()
        for number in range(20):
            self.assertEqual(self.generate(f'k{number}'), DOWN)
        self.assertEqual(self.left(), 0)
        self.token.put_back()
        self.wait_until_it_signs()
        self.assertEqual(self.generate('k1'), wire.SUCCESS)
        self.assert_coherent()


@softhsm.needs_softhsm
class Orphans(Case):
    def setUp(self):
        super().setUp()
        self.start()
        self.make_key('web')
        self.make_key('mail')

    def forget(self):
        """The store is an older one: it lacks the keys made since."""
        self.daemon.stop()
        kept = os.path.join(self.place.root, 'kept')
        shutil.copytree(self.place.state, kept)
        self.start()
        self.make_key('since')
        self.daemon.stop()
        for name in os.listdir(self.place.state):
            if name.startswith('keys.db'):
                os.remove(os.path.join(self.place.state, name))
        for name in os.listdir(kept):
            if name.startswith('keys.db'):
                path = os.path.join(self.place.state, name)
                shutil.copy(os.path.join(kept, name), path)
                shutil.copystat(os.path.join(kept, name), path)
                owner = os.stat(self.place.state)
                os.chown(path, owner.st_uid, owner.st_gid)
        self.start()

    def test_in_the_token_are_told_of_and_destroyed_on_demand(self):
        self.forget()
        self.assertEqual(self.check(), (DEGRADED, ['orphan-object']))
        code, _, said = self.run_as_operator('fsck', '--repair')
        self.assertEqual(code, 2)
        self.assertIn('--yes', said)
        code, out, said = self.run_as_operator('fsck', '--repair', '--yes')
        self.assertEqual(code, 0, said)
        self.assertRegex(out.decode(), "(?m)^destroyed: provider 'pkcs11': .*CKA_ID ")
        self.assertEqual(self.check('--repair', '--yes'), (0, []))
        self.assertEqual(self.told('makes no sense'), 0)  # the worker took it for a request
        self.assertEqual(self.told('an administrator has destroyed an object of no key'), 1)
        self.assertTrue(self.signs())
        self.assert_coherent()

    def test_in_the_token_are_told_with_what_it_shows_of_them(self):
        self.forget()
        code, out, said = self.run_as_operator('fsck')
        self.assertEqual(code, DEGRADED)
        for word in ('CKA_ID ', 'private key', 'ecc-p256', 'made in the token',
                     'fingerprint ', "label 'strongroom "):
            self.assertIn(word, out.decode())
        self.assertIn('the keys made since', said)

    def test_of_a_provider_that_is_not_configured_are_counted(self):
        self.daemon.stop()
        self.start('name = "renamed"\n')
        code, out, _ = self.run_as_operator('status')
        self.assertEqual(code, DEGRADED)
        self.assertRegex(out.decode(), r'pkcs11: +down: not configured: .* 2 keys need it')
        self.assertNotIn(b'1970', out)
        code, out, said = self.run_as_operator('fsck')
        self.assertEqual(code, DEGRADED)
        self.assertIn(b"provider 'pkcs11' was not compared: it is not configured", out)
        self.assertNotIn('--repair', said)

    def test_in_the_store_are_told_of_and_removed_on_demand(self):
        self.daemon.stop()
        kept = self.token.tokens + '.kept'
        subprocess.run(['cp', '-a', self.token.tokens, kept], check=True)
        self.start()
        self.make_key('since')
        self.daemon.stop()
        shutil.rmtree(self.token.tokens)
        os.rename(kept, self.token.tokens)
        self.start()
        self.assertEqual(self.status_of(contract.sign_hash('since')), ABSENT)
        code, _, said = self.owner.run('key', 'export-public', 'since')
        self.assertEqual((code, said), (0, ''))  # of the record
        code, _, said = self.owner.run('sign', 'since', os.devnull)
        self.assertEqual(code, NOT_THERE)
        self.assertIn('its device does not have the key any more', said)
        self.assertEqual(self.check(), (DEGRADED, ['object-missing']))
        self.assertEqual(self.check('--repair', '--yes'), (0, []))
        self.assertTrue(self.signs())
        self.assertEqual(self.generate('since'), wire.SUCCESS)

    def test_are_not_looked_for_while_the_token_is_away(self):
        self.token.take_away()
        self.assertEqual(self.check('--repair', '--yes'), (DEGRADED, ['not-compared']))
        self.token.put_back()
        self.wait_until_it_signs()
        self.assertEqual(self.check(), (0, []))

    def test_of_another_installation_are_left_alone(self):
        """Two stores, one token."""
        self.daemon.stop()
        first = self.place.state
        for name in os.listdir(first):
            if name.startswith(('keys.db', 'store.key')):
                os.rename(os.path.join(first, name), os.path.join(self.place.root, name))
        self.start()
        self.make_key('web')
        self.assertEqual(self.check(), (0, []))
        self.daemon.stop()


if __name__ == '__main__':
    runner.main()
