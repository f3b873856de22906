"""What is different where a person looks: sessions on a pseudo-terminal, and completion in shells."""

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
import threading
import time
import unittest

import contract
import runner
from daemon import ALICE, DAEMON_UID, IS_ROOT, PATIENCE, SharedCase, become, programs

RAW = b'\x1b['


class TerminalCase(SharedCase):
    @classmethod
    def start_daemon(cls):
        return cls.place.start('--config', cls.place.configuration(
            service='strict = false',
            sockets=f'[[socket]]\npath = "{cls.place.socket}"\nmode = "0666"\n'
                    f'[[socket]]\npath = "{cls.place.admin_socket}"\nmode = "0666"\n'
                    'admin = true\n',
            rest=f'[admin]\nuids = [{ALICE}]\ngroups = []\n'))

    def command(self, *words, socket=None):
        trust = ['--insecure-socket'] if IS_ROOT else []
        return [programs.client, '--socket', socket or self.place.socket, *trust, *words]

    def at_terminal(self, *words, columns=80, typed=b'', environment=None, streams=(0, 1, 2),
                    socket=None):
        """`strongroom WORDS` with these streams on a terminal; gives exit code and what is seen."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
        ends = [slave if number in streams else subprocess.DEVNULL for number in range(3)]
        surroundings = {**self.alice.environment, 'TERM': 'xterm', **(environment or {})}
        process = subprocess.Popen(
            self.command(*words, socket=socket), stdin=ends[0], stdout=ends[1], stderr=ends[2],
            preexec_fn=become(ALICE), cwd=self.alice.home, env=surroundings)
        os.close(slave)
        os.write(master, typed)
        seen = self.read_all(master, process)
        os.close(master)
        return process.wait(PATIENCE), seen.replace(b'\r\n', b'\n')

    @staticmethod
    def read_all(master, process):
        seen = b''
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if select.select([master], [], [], 0.1)[0]:
                try:
                    piece = os.read(master, 65536)
                except OSError:  # the last who had it open is gone
                    break
                if not piece:
                    break
                seen += piece
            elif process.poll() is not None:
                break
        return seen


class Terminal(TerminalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.write('letter', b'hello')
        for name in ('web', "it's 🔑", 'two words', 'a name that is much longer than others are'):
            cls.succeed(cls('test_colour_is_for_terminals'), ALICE, contract.generate(name))

    def test_colour_is_for_terminals(self):
        code, seen = self.at_terminal('key', 'list')
        self.assertEqual(code, 0)
        self.assertIn(RAW + b'1mNAME', seen)
        self.assertNotIn(RAW, self.run_ok(self.alice, 'key', 'list'))
        self.assertIn(RAW, self.run_ok(self.alice, 'key', 'list', '--color', 'always'))

    def test_colour_stays_away_where_it_is_not_wanted(self):
        for environment in ({'NO_COLOR': '1'}, {'TERM': 'dumb'}):
            self.assertNotIn(RAW, self.at_terminal('key', 'list', environment=environment)[1])
        self.assertNotIn(RAW, self.at_terminal('key', 'list', '--color=never')[1])

    def test_a_table_is_as_wide_as_the_terminal(self):
        for columns in (40, 60, 72):
            _, seen = self.at_terminal('key', 'list', '--color=never', columns=columns)
            lines = seen.decode().splitlines()
            self.assertEqual(len(lines), 5)
            for line in lines:
                self.assertLessEqual(self.width(line), columns, line)
            self.assertIn('…', seen.decode())
        self.assertIn(b'much longer than others are', self.run_ok(self.alice, 'key', 'list'))

    def test_columns_are_aligned_beside_wide_characters(self):
        _, seen = self.at_terminal('key', 'list', '--color=never', columns=200)
        lines = seen.decode().splitlines()
        self.assertEqual(len({self.width(line[:line.index('ecc-p256')]) for line in lines[1:]}), 1)

    @staticmethod
    def width(text):
        return sum(2 if character == '🔑' else 1 for character in text)

    def test_in_the_c_locale_nothing_but_the_marks_differs(self):
        _, seen = self.at_terminal('key', 'list', '--color=never', columns=60,
                                   environment={'LC_ALL': 'C'})
        self.assertIn(b'...', seen)
        self.assertNotIn('…'.encode(), seen)
        self.assertIn('🔑'.encode(), seen)

    def test_a_hostile_name_is_escaped(self):
        name = 'red\x1b[31m\u202e\n'
        self.succeed(ALICE, contract.generate(name))
        _, seen = self.at_terminal('key', 'list', '--color=never', columns=200)
        self.succeed(ALICE, contract.named(contract.DESTROY, name))
        self.assertIn(b'red\\x1b[31m\\xe2\\x80\\xae\\x0a', seen)
        self.assertNotIn(b'\x1b', seen)
        self.assertIn("it's".encode(), seen)

    def test_binary_data_needs_force(self):
        code, seen = self.at_terminal('random', '8')
        self.assertEqual(code, 2)
        self.assertIn(b'the data is binary', seen)
        self.assertEqual(self.at_terminal('random', '8', '--out-format', 'hex')[0], 0)
        self.assertEqual(self.at_terminal('random', '8', '--force')[0], 0)

    def test_an_agreed_secret_needs_force_in_any_form(self):
        self.succeed(ALICE, contract.generate('agrees', contract.AGREEMENT_KEY))
        self.run_ok(self.alice, 'key', 'export-public', 'agrees', 'peer.pem')
        for form in ('raw', 'hex', 'base64'):
            code, seen = self.at_terminal('derive', 'agrees', 'peer.pem', '--out-format', form)
            self.assertEqual(code, 2)
            self.assertIn(b'the data is secret', seen)
        self.assertEqual(self.at_terminal('derive', 'agrees', 'peer.pem', '--force',
                                          '--out-format', 'hex')[0], 0)
        self.succeed(ALICE, contract.named(contract.DESTROY, 'agrees'))

    def hash_slowly(self, *words, **how):
        """Hashes a pipe that is filled for more than a second; gives exit code and what is seen."""
        path = os.path.join(self.alice.home, 'slow')
        if not os.path.exists(path):
            os.mkfifo(path, 0o644)
            os.chmod(path, 0o644)

        def fill():
            with open(path, 'wb', buffering=0) as pipe:
                for _ in range(12):
                    pipe.write(bytes(4096))
                    time.sleep(0.1)
        writer = threading.Thread(target=fill)
        writer.start()
        try:
            return self.at_terminal(*words, 'hash', 'slow', **how)
        finally:
            writer.join()

    def test_long_work_shows_that_it_goes_on(self):
        code, seen = self.hash_slowly()
        self.assertEqual(code, 0)
        self.assertIn(b'kB/s', seen)
        # It is taken away before the digest is written.
        self.assertRegex(seen, rb'\r\x1b\[K[0-9a-f]{64}\n$')
        self.assertNotIn(b'kB/s', self.hash_slowly('--quiet')[1])
        self.assertNotIn(b'kB/s', self.hash_slowly(streams=(0, 1))[1])
        self.assertIn(b'kB/s', self.hash_slowly(streams=(2,))[1])

    def test_what_cannot_be_undone_is_asked(self):
        code, seen = self.at_terminal('admin', 'delete-client', str(ALICE), typed=b'no\n',
                                      socket=self.place.admin_socket)
        self.assertEqual(code, 1)
        self.assertIn(b'will be destroyed; they cannot be brought back. Type yes to go on:', seen)
        self.assertIn(b'nothing was changed', seen)
        self.succeed(ALICE, contract.sign_hash('web'))
        code, seen = self.at_terminal('key', 'delete', 'web', typed=b'no\n')
        self.assertEqual(code, 1)
        self.assertIn(b'it cannot be brought back. Type yes to go on:', seen)
        self.succeed(ALICE, contract.sign_hash('web'))


class Completion(TerminalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.succeed(cls('test_words_of_commands'), ALICE, contract.generate("it's mine"))
        cls.succeed(cls('test_words_of_commands'), ALICE, contract.generate('web site'))
        cls.alice.write('some file', b'')

    def complete(self, *words):
        """What bash offers for the last of these words, as it would write it."""
        _, script, _ = self.alice.run('completion', 'bash')
        self.alice.write('completion.bash', script)
        program = ('source ./completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                   '_strongroom; printf "%s\\n" "${COMPREPLY[@]}"')
        code, out, said = self.alice.execute('bash', '-c', program, 'bash', *words)
        self.assertEqual(said, '')
        self.assertIn(code, (0, 1))
        return out.decode().split('\n')[:-1]

    def offered(self, *words):
        return self.complete(*self.command(*words))

    def test_words_of_commands(self):
        self.assertEqual(self.complete(programs.client, 'prov'), ['provider', 'providers'])
        self.assertIn('generate', self.complete(programs.client, 'key', ''))
        self.assertEqual(self.complete(programs.client, 'key', 'export-'), ['export-public'])
        self.assertEqual(self.complete(programs.client, 'help', 'aead', 's'), ['seal'])

    def test_options_and_their_values(self):
        self.assertEqual(self.complete(programs.client, 'key', 'list', '--so'),
                         ['--sort', '--socket'])
        self.assertEqual(self.complete(programs.client, 'key', 'generate', 'x', '--type', 'rsa-'),
                         ['rsa-2048', 'rsa-3072', 'rsa-4096'])
        self.assertEqual(self.complete(programs.client, 'ping', '--color', '=', 'n'), ['never'])
        self.assertEqual(self.complete(programs.client, 'hash', '--output', 'some'), ['some file'])

    def test_names_of_keys_as_the_shell_writes_them(self):
        self.assertEqual(self.offered('key', 'show', 'it'), ["it\\'s\\ mine"])
        self.assertEqual(self.offered('sign', 'web\\ '), ['web\\ site'])
        self.assertEqual(self.offered('key', 'delete', '--', 'w'), ['web\\ site'])
        self.assertEqual(self.offered('sign', 'web site', 'some'), ['some file'])
        self.assertEqual(self.offered('key', 'generate', 'w'), [''])

    def test_names_of_keys_wherever_a_command_takes_one(self):
        """Each command whose argument NAME is that of a key that there is."""
        _, listed, _ = self.alice.run('--help')
        commands = re.findall(r'^  ([a-z-]+(?: [a-z-]+)?)(?=  |$)', listed.decode(), re.MULTILINE)
        named = 0
        for words in commands:
            _, text, _ = self.alice.run('help', *words.split())
            usage = text.decode().partition('\n')[0]
            makes = ('key derive', 'key generate', 'key import', 'key unwrap')
            arguments = usage.split('[--]')[-1].split()
            if not {'NAME', '[NAME]'} & set(arguments) or words in makes:
                continue
            before = ['file'] if arguments[0] == 'CHALLENGE' else []
            self.assertEqual(self.offered(*words.split(), *before, 'web'), ['web\\ site'], words)
            named += 1
        self.assertGreater(named, 12)
        for words, option in (('key wrap', '--with'), ('key unwrap', '--with'),
                              ('key derive', '--from')):
            self.assertEqual(self.offered(*words.split(), 'other', option, 'web'),
                             ['web\\ site'], words)

    def test_formats_are_those_of_the_command(self):
        for words, option, formats in (
                ('csr', '--out-format', ['pem', 'der']),
                ('hash', '--out-format', ['raw', 'hex', 'base64']),
                ('random', '--out-format', ['raw', 'hex', 'base64']),
                ('sign', '--out-format', ['der', 'raw', 'hex', 'base64']),
                ('key export-public', '--out-format',
                 ['pem', 'der', 'openssh', 'raw', 'hex', 'base64']),
                ('mac', '--in-format', ['raw', 'hex', 'base64'])):
            self.assertEqual(self.complete(programs.client, *words.split(), option, ''), formats)
        self.assertEqual(self.complete(programs.client, 'completion', ''), ['bash', 'zsh'])

    def test_a_service_that_is_not_there_is_nobodys_business_here(self):
        self.assertEqual(self.complete(programs.client, '--socket', '/nowhere', 'sign', ''), [''])

    @unittest.skipUnless(shutil.which('zsh'), 'needs zsh')
    def test_zsh_reads_its_script(self):
        _, script, _ = self.alice.run('completion', 'zsh')
        self.alice.write('_strongroom', script)
        code, _, said = self.alice.execute('zsh', '-n', '_strongroom')
        self.assertEqual((code, said), (0, ''))


@unittest.skipUnless(IS_ROOT, 'needs root')
class Access(TerminalCase):
    def test_who_may_not_open_the_socket_learns_what_to_run(self):
        os.chmod(self.place.socket, 0o660)
        os.chown(self.place.socket, DAEMON_UID, 0)
        code, _, said = self.alice.run('ping')
        self.assertEqual(code, 3)
        self.assertIn('the socket is 0660 root; you are in: 64001; run `sudo usermod -aG root '
                      '64001` and log in again', said)
        os.chmod(self.place.socket, 0o600)
        self.assertIn('ask an administrator', self.alice.run('ping')[2])


if __name__ == '__main__':
    runner.main()
