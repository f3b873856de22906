"""Each command that a document shows does what the document says.

A document is read from its beginning to its end in one shell, by a user without privileges, in a
new home. A service of that user's own is there for whoever asks; those that a document starts are
its own affair. blocks.py says how blocks are marked.
"""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

import blocks
import runner
from daemon import ALICE, Case, become, programs
from terminal import Terminal

SOURCE = pathlib.Path(os.environ['STRONGROOM_SOURCE'])
# What a reader has who has cloned and built the project.
CLONED = ('*.md', 'dev', 'dev.d', 'docs', 'config', 'systemd', 'threat-model')
# Followed as a whole by a test of its own.
FOLLOWED_ELSEWHERE = {'docs/installation.md': 'tests/installed, as root, under a real systemd'}
BUILT = {'daemon': 'service/strongroomd', 'client': 'client/cli/strongroom',
         'library': 'client/libstrongroom.so.0'}


def documents():
    """Paths from the root."""
    found = [p.relative_to(SOURCE) for p in SOURCE.rglob('*.md')]
    return sorted(p for p in found if not p.parts[0].startswith(('build', '.')))


def pages():
    return sorted(p.relative_to(SOURCE) for p in (SOURCE / 'docs/man').glob('*.in'))


def blocks_of(path):
    text = (SOURCE / path).read_text(encoding='utf-8')
    read = blocks.in_manual if path.suffix == '.in' else blocks.in_markdown
    shown = read(str(path), text)
    if where := FOLLOWED_ELSEWHERE.get(str(path)):
        return [block._replace(not_run=f'by {where}') for block in shown]
    return shown


def sanitizers_of(library):
    symbols = subprocess.run(['nm', '-D', library], capture_output=True, text=True,
                             check=True).stdout
    return [name for mark, name in (('asan', 'address'), ('ubsan', 'undefined'), ('tsan', 'thread'))
            if f' __{mark}_' in symbols]


class Reader(Case):
    """Somebody who does what a document says."""

    def setUp(self):
        super().setUp()
        self.home = pathlib.Path(self.place.make_directory('home', ALICE))
        self.clone = self.home / 'strongroom'
        self.terminals = []

    def clone_project(self):
        for pattern in CLONED:
            for path in SOURCE.glob(pattern):
                target = self.clone / path.name
                target.parent.mkdir(exist_ok=True)
                (shutil.copytree if path.is_dir() else shutil.copy)(path, target)
        for kind, name in BUILT.items():
            target = self.clone / 'build' / name
            target.parent.mkdir(parents=True, exist_ok=True)
            built = programs.built[('daemon', 'client', 'library').index(kind)]
            shutil.copy(built, target)
        if os.geteuid() == 0:
            for path in (self.clone, *self.clone.rglob('*')):
                os.chown(path, ALICE, ALICE, follow_symlinks=False)

    def install_library(self):
        """For programs that are written in C, where pkg-config finds it."""
        place = self.home / 'sdk'
        shutil.copytree(SOURCE / 'client/include', place / 'include')
        (place / 'lib').mkdir()
        shutil.copy(programs.built[2], place / 'lib/libstrongroom.so')
        # A program whose library has a sanitizer in it needs one, too.
        flags = ' '.join(f'-fsanitize={name}' for name in sanitizers_of(programs.built[2]))
        (place / 'strongroom.pc').write_text(
            'Name: strongroom\nDescription: client library\nVersion: 0\n'
            f'Cflags: -I{place}/include {flags}\nLibs: -L{place}/lib -lstrongroom {flags}\n')

    def start_service(self):
        state = self.place.make_directory('service', ALICE)
        self.socket = os.path.join(state, 'strongroom.sock')
        self.place.start('--standalone', state, listens_at=self.socket, uid=ALICE)

    def open_terminal(self):
        """Of a user who has what an installation brings."""
        folder = self.place.make_directory(f'terminal.{len(self.terminals)}', ALICE)
        environment = {
            'HOME': str(self.home), 'LC_ALL': 'C.UTF-8', 'TERM': 'dumb',
            'PATH': f"{programs.folder}:{os.environ['PATH']}:/usr/sbin:/sbin",
            'LD_LIBRARY_PATH': programs.folder, 'STRONGROOM_BUILT': '1',
            'STRONGROOM_SERVICE_ENDPOINT': self.socket, 'PKG_CONFIG_PATH': str(self.home / 'sdk'),
        }
        environment |= {k: v for k, v in os.environ.items() if k.endswith('SAN_OPTIONS')}
        terminal = Terminal(folder, self.clone, environment, become(ALICE))
        self.terminals.append(terminal)
        self.addCleanup(terminal.close)
        return terminal

    def read(self, path):
        self.clone_project()
        self.install_library()
        self.start_service()
        terminal = self.open_terminal()
        for block in blocks_of(path):
            if block.not_run is not None or block.needs_machine:
                continue
            where = f'{block.document}:{block.line}'
            if block.until:
                is_there, printed = self.open_terminal().run_until(block.text, block.until)
                self.assertTrue(is_there, f'{where} does not say "{block.until}"\n'
                                          f'{printed.read_text()}')
            elif block.kind == 'sh':
                printed, failures = terminal.run(block.text)
                self.assertEqual(failures, [], f'{where}\n{printed}')
            else:
                self.follow_session(terminal, block.text, where)

    def follow_session(self, terminal, session, where):
        for command in blocks.commands_of(session):
            printed, failures = terminal.run(command.text)
            lines = printed.rstrip('\n').split('\n') if printed.strip() else []
            expected = '\n'.join(command.output).rstrip('\n')
            expected = expected.split('\n') if expected else []
            self.assertTrue(blocks.is_shown(expected, lines),
                            f'{where}: {command.text}\nprints\n{printed}\ninstead of\n'
                            + '\n'.join(expected))
            if not expected:
                self.assertEqual(failures, [], f'{where}: {command.text}')


class Documents(Reader):
    """A case for each document with a block that is run."""

    def test_what_is_not_run_says_why(self):
        left_out = [block for path in documents() + pages() for block in blocks_of(path)
                    if block.not_run is not None]
        for block in left_out:
            print(f'# not run: {block.document}:{block.line}: {block.not_run}')
            self.assertGreater(len(block.not_run), 4)
        print(f'# {len(left_out)} blocks are not run')


class Troubleshooting(Reader):
    """The table at the end of the tutorial: what stands there in backticks is a whole cause."""

    # A service that is short of something is more than a reader can bring about here, and so are
    # devices.
    NOT_PROVOKED = {'the service is short of memory or overloaded',
                    'the device failed or is not available',
                    'it is deleted; its device does not serve now',
                    'its device does not have the key any more'}
    SOCKETS = """
        cd
        bind() { python3 -c 'import socket, sys; socket.socket(1).bind(sys.argv[1])' "$1"; }
        mkdir -m 0755 closed; bind closed/stale; bind closed/mine; chmod 0 closed/mine
        mkdir open; chmod 0777 open; bind open/to_all
        strongroom key generate taken --type ecc-p256
        echo a > a; echo b > b; strongroom sign taken a > a.sig
    """
    PROVOKED = {
        'no such socket': '--socket "$PWD/nowhere" ping',
        'connection refused, nobody listens on it': '--socket "$PWD/closed/stale" ping',
        'Permission denied': '--socket "$PWD/closed/mine" ping',
        'not trusting the socket': '--socket "$PWD/open/to_all" ping',
        'not permitted': 'key export taken',
        'only administrators may do this':
            '--socket "$STRONGROOM_SERVICE_ENDPOINT" admin clients',
        'there is no such key': 'key show missing',
        'a key of that name exists': 'key generate taken --type ecc-p256',
        'the signature or tag does not match': 'verify taken b --signature a.sig',
    }

    @staticmethod
    def rows():
        """Quoted words, and the exit code that is named beside them."""
        table = (SOURCE / 'docs/tutorial.md').read_text(encoding='utf-8')
        for row in table.partition('| what you see |')[2].split('\n')[2:]:
            if not row.startswith('|'):
                break
            seen = row.split('|')[1]
            for words in re.findall('`(.*?)`', seen):
                if not words.startswith('strongroom '):
                    yield words, int(re.search(r'\((?:exit code )?(\d+)\)', seen)[1])

    def test_quotes_what_the_client_says(self):
        self.clone.mkdir()
        self.start_service()
        terminal = self.open_terminal()
        self.assertEqual(terminal.run(self.SOCKETS)[1], [])
        rows = dict(self.rows())
        self.assertEqual(set(rows), set(self.PROVOKED) | self.NOT_PROVOKED)
        for words, command in self.PROVOKED.items():
            printed, _ = terminal.run(f'strongroom {command}; echo "exit code $?"')
            self.assertRegex(printed.split('\n')[0], f': {re.escape(words)}(?=$|:| \\()', command)
            self.assertIn(f'\nexit code {rows[words]}\n', printed, command)

    def test_quotes_messages_of_what_it_cannot_bring_about(self):
        source = ''.join(path.read_text(encoding='utf-8')
                         for path in (SOURCE / 'client/cli').rglob('*.cc'))
        for words in self.NOT_PROVOKED:
            for part in words.split('; '):
                self.assertIn(part, source)


class Units(Reader):
    """Units that documents have their readers write."""

    SHOWN = re.compile(r"^cat > (\S+\.service) <<'END'\n(.*?)^END$", re.MULTILINE | re.DOTALL)
    COMPANIONS = {'strongroom.socket': '[Socket]\nListenStream=/run/x.sock\n',
                  'strongroom.service': '[Service]\nExecStart=/bin/true\n'}

    @unittest.skipUnless(shutil.which('systemd-analyze'), 'needs systemd-analyze')
    def test_are_understood_by_systemd(self):
        units = [match.groups() for path in documents() for block in blocks_of(path)
                 for match in self.SHOWN.finditer(block.text)]
        self.assertGreater(len(units), 0)
        self.home.joinpath('units').mkdir()
        for name, text in (*self.COMPANIONS.items(), *units):
            # The programs are not installed.
            text = re.sub(r'^ExecStart=.*$', 'ExecStart=/bin/true', text, flags=re.MULTILINE)
            self.home.joinpath('units', name).write_text(text, encoding='utf-8')
        for name, _ in units:
            done = subprocess.run(['systemd-analyze', 'verify', '--man=no', f'./{name}'],
                                  cwd=self.home / 'units', capture_output=True, text=True,
                                  timeout=60, check=False)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ''), name)


def case_for(path):
    return lambda self: self.read(path)


for document in documents() + pages():
    if any(block.not_run is None for block in blocks_of(document)):
        name = ''.join(c if c.isalnum() else '_' for c in str(document))
        setattr(Documents, f'test_{name}', case_for(document))


class Terminals(Reader):
    """What would go unnoticed if the shell did not tell."""

    def setUp(self):
        super().setUp()
        self.clone.mkdir()
        self.socket = ''
        self.terminal = self.open_terminal()

    def test_a_command_that_fails_amid_others_is_noted(self):
        printed, failures = self.terminal.run('echo a\nfalse\nls / | grep -q -x none\necho b')
        self.assertEqual(printed, 'a\nb\n')
        self.assertEqual(failures, ['exit code 1: false', 'exit code 1: grep -q -x none'])

    def test_a_condition_may_be_false(self):
        self.assertEqual(self.terminal.run('if false; then :; fi\nfalse || true\n! true')[1], [])

    def test_what_a_block_leaves_is_there_for_the_next(self):
        self.terminal.run('cd /tmp; there=$PWD; alias say=echo; f() { echo "$1"; }')
        self.assertEqual(self.terminal.run('say "$there $PWD"\nf x')[0], '/tmp /tmp\nx\n')
        self.terminal.run('(exit 7)')
        self.assertEqual(self.terminal.run('echo $?'), ('7\n', []))

    def test_an_end_of_the_shell_is_noted(self):
        self.assertEqual(self.terminal.run('exit 0')[1], ['the shell did not get to the end'])

    def test_a_session_that_prints_something_else_is_noticed(self):
        self.follow_session(self.terminal, '$ echo a; echo b\na\n…\n$ false\n…', 'd.md:1')
        for session in ('$ echo a\nb', '$ echo a', '$ false'):
            with self.assertRaises(AssertionError):
                self.follow_session(self.terminal, session, 'd.md:1')


class Marks(unittest.TestCase):
    """How blocks are read and output is compared."""

    def test_a_session_is_commands_with_their_output(self):
        text = 'x\n```console\n$ a\n1\n\n2\n$ b \\\n> c\n```\n'
        block, = blocks.in_markdown('d.md', text)
        self.assertEqual(blocks.commands_of(block.text), [('a', ['1', '', '2']), ('b \\\nc', [])])

    def test_a_remark_holds_for_the_next_block_alone(self):
        text = '<!-- not run: needs root -->\n```sh\na\n```\n```sh\nb\n```\n'
        self.assertEqual([b.not_run for b in blocks.in_markdown('d.md', text)],
                         ['needs root', None])

    def test_a_remark_without_a_block_is_an_error(self):
        for text in ('<!-- not run: x -->\n\ntext\n', '<!-- run: somehow -->\n```sh\na\n```\n',
                     '<!-- not run: x -->\n```c\na\n```\n'):
            with self.assertRaises(ValueError):
                blocks.in_markdown('d.md', text)

    def test_dots_stand_for_anything_in_a_line_or_for_lines(self):
        self.assertTrue(blocks.is_shown(['a … c', '…', 'z'], ['a b c', '1', '2', 'z']))
        self.assertTrue(blocks.is_shown(['…'], []))
        self.assertFalse(blocks.is_shown(['a …'], ['a b', 'c']))
        self.assertFalse(blocks.is_shown([], ['a']))
        self.assertFalse(blocks.is_shown(['a.c'], ['abc']))

    def test_examples_of_a_manual_page(self):
        text = ('.SH OPTIONS\n.EX\nx\n.EE\n.SH EXAMPLES\n'
                '.\\" not run: no\n.EX\na\nb\n.EE\n.EX\nc\n.EE\n')
        self.assertEqual([(b.text, b.not_run) for b in blocks.in_manual('p', text)],
                         [('a\nb', 'no'), ('c', None)])


if __name__ == '__main__':
    runner.main()
