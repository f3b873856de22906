"""Secrets stay inside: not in files, not in the log, not in reach of other processes."""

import base64
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import time

import contract
import runner
import wire
from daemon import ALICE, DAEMON_UID, PATIENCE, Case, SharedCase, become, needs_root

SECRET = bytes.fromhex('5ec12e7a91b3d4f607182a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f')
WINDOW = 9  # bytes of the secret that are too many to meet by chance; whole groups of base64


def traces_of(secret):
    """How parts of a secret might look in a log."""
    for start in range(len(secret) - WINDOW + 1):
        part = secret[start:start + WINDOW]
        yield part
        yield part.hex().encode()
        yield part.hex().upper().encode()
        yield part.hex(' ').encode()
        yield ', '.join(map(str, part)).encode()
        yield base64.b64encode(part)


def parts_of(secret):
    return [secret[start:start + WINDOW] for start in range(len(secret) - WINDOW + 1)]


class Files(Case):
    def contents(self):
        contents = {}
        for entry in os.scandir(self.place.state):
            if entry.is_file():
                with open(entry.path, 'rb') as file:
                    contents[entry.name] = file.read()
        return contents

    def sealed_records(self):
        """Read from a copy, as the daemon keeps the store locked."""
        copy = self.place.make_directory('copy', 0)
        for name in ('keys.db', 'keys.db-wal'):
            shutil.copy(os.path.join(self.place.state, name), copy)
        with sqlite3.connect(os.path.join(copy, 'keys.db')) as database:
            sealed = [row[0] for row in database.execute('SELECT sealed FROM key')]
        database.close()
        shutil.rmtree(copy)
        return sealed

    def test_only_the_daemons_user_can_read_them(self):
        self.place.start()
        self.succeed(ALICE, contract.generate('any'))
        names = []
        for entry in os.scandir(self.place.state):
            status = entry.stat()
            self.assertEqual(status.st_uid, DAEMON_UID, entry.name)
            if stat.S_ISREG(status.st_mode):
                names.append(entry.name)
                self.assertEqual(stat.S_IMODE(status.st_mode), 0o600, entry.name)
        self.assertLessEqual({'keys.db', 'keys.db-wal', 'store.key'}, set(names))

    def test_a_key_is_in_none_of_them(self):
        daemon = self.place.start()
        self.succeed(ALICE, contract.import_('known', contract.AES_KEY, SECRET))
        for _ in range(2):
            for name, content in self.contents().items():
                for part in parts_of(SECRET):
                    self.assertNotIn(part, content, name)
            daemon.stop()

    def test_a_destroyed_key_leaves_no_sealed_copy(self):
        self.place.start()
        self.succeed(ALICE, contract.import_('known', contract.AES_KEY, SECRET))
        sealed, = self.sealed_records()
        self.assertTrue(any(sealed in content for content in self.contents().values()))
        self.succeed(ALICE, contract.named(contract.DESTROY, 'known'))
        deadline = time.monotonic() + PATIENCE
        while left := [n for n, content in self.contents().items() if sealed[:32] in content]:
            self.assertLess(time.monotonic(), deadline, left)
            time.sleep(0.05)


class Log(Case):
    def test_tells_no_secret_whatever_goes_wrong(self):
        daemon = self.place.start('--standalone', self.place.state, '--log-level', 'trace')
        key = contract.import_('known', contract.AES_KEY, SECRET)
        self.succeed(ALICE, key)
        ciphertext = wire.fields_of(self.succeed(ALICE, contract.encrypt_aes('known')))[0][1]
        self.succeed(ALICE, contract.decrypt_aes('known', ciphertext))
        self.succeed(ALICE, contract.named(contract.EXPORT, 'known'))
        self.fail_in_many_ways(key, ciphertext)
        self.assertEqual(daemon.stop(), 0)
        log = self.place.read_log().encode()
        self.assertIn(b"'known'", log)
        for trace in (*traces_of(SECRET), contract.MESSAGE, contract.MESSAGE.hex().encode()):
            self.assertNotIn(trace, log)

    def fail_in_many_ways(self, key, ciphertext):
        opcode, body = key
        wrong_tag = ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])
        for request, expected in (
                (key, wire.ALREADY_EXISTS),
                ((opcode, body[:-1]), 7),
                (contract.import_('long', contract.AES_KEY, SECRET + b'x'), wire.INVALID_ARGUMENT),
                (contract.import_('ec', contract.SIGNING_KEY, SECRET + b'x'),
                 wire.INVALID_ARGUMENT),
                (contract.import_('rsa', contract.RSA_KEY, SECRET), wire.INVALID_ARGUMENT),
                (contract.decrypt_aes('known', wrong_tag), wire.INVALID_SIGNATURE),
                (contract.sign_hash('known', SECRET), wire.NOT_PERMITTED),
                (contract.encrypt_rsa('known'), wire.NOT_PERMITTED)):
            self.assertEqual(self.status(ALICE, request), expected, request)
        self.assertEqual(self.status(ALICE, key, auth=SECRET), wire.AUTHENTICATION_ERROR)
        self.assertEqual(self.status(ALICE, key, magic=1), wire.INVALID_HEADER)

    def test_a_name_cannot_forge_a_line(self):
        self.place.start()
        name = "x'\n2026-01-01T00:00:00.000 error component=main forged\r\x1b[31m\u202e"
        self.assertEqual(self.status(ALICE, contract.sign_hash(name)), wire.DOES_NOT_EXIST)
        for line in self.place.read_log().split('\n'):
            self.assertRegex(line, r'^(\d{4}-\d\d-\d\dT[\d:.]+ \w+ component=\w+ [^\x00-\x1f]*)?$')
            self.assertNotRegex(line, '^[^ ]* error component=main forged')
        self.assertNotIn('\u202e', self.place.read_log())


class Process(SharedCase):
    def skip_if_instrumented(self):
        if self.place.is_instrumented():
            self.skipTest('an instrumented build lets its memory be inspected')

    def test_gains_no_privileges_and_writes_private_files(self):
        self.assertEqual(self.daemon.status('NoNewPrivs'), '1')
        self.assertEqual(self.daemon.status('Umask'), '0077')
        self.assertEqual(self.daemon.status('CapEff'), '0' * 16)

    def test_leaves_no_core(self):
        with open(f'/proc/{self.daemon.pid}/limits', encoding='ascii') as limits:
            self.assertRegex(limits.read(), r'(?m)^Max core file size +0 +0 ')

    def test_its_memory_is_closed_to_its_own_user(self):
        self.skip_if_instrumented()
        for name in ('mem', 'environ', 'maps', 'fd/0'):
            done = subprocess.run(['cat', f'/proc/{self.daemon.pid}/{name}'],
                                  preexec_fn=become(DAEMON_UID), capture_output=True, text=True,
                                  check=False)
            self.assertEqual((done.returncode, done.stdout), (1, ''), name)
            self.assertIn('Permission denied', done.stderr)

    @needs_root
    def test_a_destroyed_key_is_nowhere_in_its_memory(self):
        self.skip_if_instrumented()
        self.succeed(ALICE, contract.import_('known', contract.AES_KEY, SECRET))
        self.succeed(ALICE, contract.encrypt_aes('known'))
        self.succeed(ALICE, contract.named(contract.EXPORT, 'known'))
        self.assertEqual(self.status(ALICE, contract.import_('known', contract.AES_KEY, SECRET)),
                         wire.ALREADY_EXISTS)
        self.assertTrue(self.places_of(SECRET))  # which shows that it would be found
        self.succeed(ALICE, contract.named(contract.DESTROY, 'known'))
        deadline = time.monotonic() + 5
        while (places := self.places_of(SECRET)) and time.monotonic() < deadline:
            self.ping()
            time.sleep(0.1)
        self.assertEqual(places, [])

    def places_of(self, secret):
        """Where in the daemon's writable memory the secret stands."""
        places = []
        with open(f'/proc/{self.daemon.pid}/maps', encoding='utf-8') as maps, \
                open(f'/proc/{self.daemon.pid}/mem', 'rb', buffering=0) as memory:
            for line in maps:
                start, end, rights = re.match('([0-9a-f]+)-([0-9a-f]+) (....)', line).groups()
                if rights.startswith('rw'):
                    start, end = int(start, 16), int(end, 16)
                    memory.seek(start)
                    if secret in memory.read(end - start):
                        places.append(line.strip())
        return places


if __name__ == '__main__':
    runner.main()
