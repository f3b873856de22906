"""What a developer installs, from a staging root: the examples in it are built as they say
themselves, with what pkg-config tells alone, and do what they are examples of."""

import os
import pathlib
import re
import subprocess

import runner
from daemon import ALICE, Case, become, programs
from staged import Staged


def is_instrumented(library):
    symbols = subprocess.run(['nm', '--dynamic', library], capture_output=True, text=True,
                             check=True).stdout
    return re.search(r'__[atu]b?san_', symbols) is not None


class Sdk(Staged):
    """What an installed tree has for developers."""

    def __init__(self):
        super().__init__()
        self.library_directory = self.installed('libdir')
        self.examples = pathlib.Path(self.find('sign_file.c')).parent

    def environment(self):
        return {
            'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'HOME': self.root,
            'LD_LIBRARY_PATH': self.library_directory,
            'PKG_CONFIG_LIBDIR': os.path.join(self.library_directory, 'pkgconfig'),
            'PKG_CONFIG_SYSROOT_DIR': self.root,
            # A prefix that compilers know is told all the same, as it is not theirs here.
            'PKG_CONFIG_ALLOW_SYSTEM_CFLAGS': '1', 'PKG_CONFIG_ALLOW_SYSTEM_LIBS': '1',
        }

    def pkg_config(self, *words):
        return subprocess.run(['pkg-config', *words, 'strongroom'], env=self.environment(),
                              capture_output=True, text=True, check=True).stdout.split()


class ForDevelopers(Case):
    """A case uses what all of them share, and a service of Alice's own."""

    sdk = None

    def setUp(self):
        if is_instrumented(programs.built[2]):
            self.skipTest('needs a library without sanitizers')
        super().setUp()
        if ForDevelopers.sdk is None:
            ForDevelopers.sdk = Sdk()
            ForDevelopers.addClassCleanup(self.sdk.remove)
        state = self.place.make_directory('service', ALICE)
        self.socket = os.path.join(state, 'strongroom.sock')
        self.home = self.place.make_directory('alice', ALICE)

    def start_service(self):
        self.place.start('--standalone', os.path.dirname(self.socket), listens_at=self.socket,
                         uid=ALICE)

    def build(self, source):
        """By the command in the example's first comment; gives the program."""
        text = (self.sdk.examples / source).read_text(encoding='utf-8')
        command = re.search(r'^//   (\S+ (?:-\S+ )*' + re.escape(source) + r' .*)$', text,
                            re.MULTILINE)[1]
        self.assertIn('pkg-config', command)
        done = subprocess.run(['sh', '-c', command], cwd=self.sdk.examples, capture_output=True,
                              env=self.sdk.environment(), text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        return str(self.sdk.examples / source.rpartition('.')[0])

    def run_as_alice(self, *command):
        return subprocess.run(command, preexec_fn=become(ALICE), cwd=self.home, text=True,
                              capture_output=True, timeout=60, check=False,
                              env=self.sdk.environment() | {
                                  'STRONGROOM_SERVICE_ENDPOINT': f'unix:{self.socket}'})

    def output_of(self, *command):
        done = self.run_as_alice(*command)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        return done.stdout

    def failure_of(self, *command):
        done = self.run_as_alice(*command)
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        return done.stderr

    def test_examples_in_c(self):
        self.start_service()
        letter = self.place.write('alice/letter', 'Dear bank', uid=ALICE)
        self.assertEqual(self.output_of(self.build('sign_file.c'), 'letters', letter),
                         '9 bytes of file, 64 bytes of signature\nthe signature is good\n')
        book = self.place.write('alice/book', 'a' * (64 * 1024 + 1), uid=ALICE)
        self.assertIn('longer than 65536 bytes',
                      self.failure_of(self.build('sign_file.c'), 'letters', book))
        printed = self.output_of(self.build('async_sign.c'), 'letters', 'one', 'two', 'three')
        self.assertEqual(sorted(printed.split('\n')), ['', "'one': 64 bytes of signature",
                                                       "'three': 64 bytes of signature",
                                                       "'two': 64 bytes of signature"])

    def test_examples_in_cpp(self):
        self.start_service()
        self.assertEqual(self.output_of(self.build('sign_and_verify.cc'), 'letters'),
                         'signed: 64 bytes\nas signed: verified\n'
                         'altered: PsaErrorInvalidSignature\n')
        self.assertEqual(self.output_of(self.build('pipelined.cc'), 'letters'),
                         'signed 100, failed 0\n')

    def test_example_in_python(self):
        self.start_service()
        example = str(self.sdk.examples / 'random_bytes.py')
        # The system's interpreter: every user can run it.
        self.assertRegex(self.output_of('/usr/bin/python3', '-B', example, '16'),
                         r'^[0-9a-f]{32}\n$')

    def test_every_example_is_tried(self):
        tried = pathlib.Path(__file__).read_text(encoding='utf-8')
        for example in self.sdk.examples.iterdir():
            if example.suffix:
                self.assertIn(f"'{example.name}'", tried)

    def test_each_header_is_complete(self):
        flags = self.sdk.pkg_config('--cflags')
        include = pathlib.Path(self.sdk.installed('includedir'))
        headers = [str(h.relative_to(include)) for h in include.rglob('*.h')]
        self.assertIn('strongroom/client.h', headers)
        self.assertIn('strongroom/base/psa.h', headers)
        for header in headers:
            is_c = header == 'strongroom/strongroom.h' or header.startswith('strongroom/c/')
            compilers = [['g++', '-std=c++23', '-x', 'c++']]
            compilers += [['cc', '-std=c11', '-x', 'c'], ['g++', '-std=c++11', '-x', 'c++']] * is_c
            for compiler in compilers:
                done = subprocess.run([*compiler, '-Wall', '-Wextra', '-Wpedantic', '-Werror',
                                       '-fsyntax-only', *flags, '-'], text=True, check=False,
                                      input=f'#include <{header}>\n', capture_output=True)
                self.assertEqual((done.returncode, done.stderr), (0, ''), (header, compiler))

    def test_pkg_config_asks_for_nothing_else(self):
        include = pathlib.Path(self.sdk.installed('includedir'))
        self.assertEqual(self.sdk.pkg_config('--cflags'), [f'-I{include}'])
        self.assertEqual(self.sdk.pkg_config('--libs'),
                         [f'-L{self.sdk.library_directory}', '-lstrongroom'])
        self.assertEqual(self.sdk.pkg_config('--print-requires', '--print-requires-private'),
                         [])

    def test_the_library_has_its_version_as_its_real_name(self):
        version, = self.sdk.pkg_config('--modversion')
        libraries = pathlib.Path(self.sdk.library_directory)
        self.assertEqual(os.readlink(libraries / 'libstrongroom.so'), 'libstrongroom.so.0')
        self.assertEqual(os.readlink(libraries / 'libstrongroom.so.0'),
                         f'libstrongroom.so.{version}')
        self.assertFalse((libraries / f'libstrongroom.so.{version}').is_symlink())


if __name__ == '__main__':
    runner.main()
