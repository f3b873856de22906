"""The programs and the library are built as hard to exploit as the compiler can make them."""

import glob
import json
import os
import shlex
import subprocess
import tempfile
import unittest

import runner
from daemon import programs

SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
ALWAYS = ('-fstack-protector-strong', '-fstack-clash-protection', '-fcf-protection=full')
FORTIFIED = '-D_FORTIFY_SOURCE=2'
OUR_ROOMS = ('base', 'client', 'config', 'protocol', 'providers', 'service')


def readelf(*words):
    return subprocess.run(['readelf', '--wide', *words], capture_output=True, text=True,
                          check=True).stdout


def build_directory():
    return os.path.dirname(os.path.dirname(os.path.realpath(programs.built[0])))


def flags_of(directory):
    """Of each source of ours, generated ones among them, the compiler's arguments."""
    with open(os.path.join(directory, 'compile_commands.json'), encoding='utf-8') as commands:
        found = {c['output']: shlex.split(c['command']) for c in json.load(commands)}
    return {output: flags for output, flags in found.items()
            if output.split('/')[0] in OUR_ROOMS}


class Linked(unittest.TestCase):
    def test_programs_are_position_independent(self):
        for path in programs.built[:2]:
            self.assertRegex(readelf('--file-header', path), r'Type: +DYN', path)
            self.assertRegex(readelf('--dynamic', path), r'FLAGS_1.*\bPIE\b', path)

    def test_relocations_are_read_only_from_the_start(self):
        for path in programs.built:
            self.assertIn('GNU_RELRO', readelf('--program-headers', path), path)
            self.assertRegex(readelf('--dynamic', path), r'FLAGS_1.*\bNOW\b', path)

    def test_no_memory_is_both_writable_and_executable(self):
        for path in programs.built:
            headers = readelf('--program-headers', path)
            self.assertRegex(headers, r'GNU_STACK .* RW +0x', path)
            self.assertNotIn('RWE', headers, path)

    def test_stacks_are_guarded(self):
        for path in programs.built:
            self.assertIn('__stack_chk_fail', readelf('--dyn-syms', path), path)

    # A program is marked so only if each of its objects is, and the start files of Debian 12's C
    # library (crt1.o, crti.o) are not: ours are ready for a distribution whose are.
    def test_jumps_and_returns_of_our_objects_are_checked(self):
        pattern = os.path.join(build_directory(), '{}', '**', '*.o')
        objects = [o for room in OUR_ROOMS
                   for o in glob.glob(pattern.format(room), recursive=True)]
        self.assertGreater(len(objects), 50)
        notes = readelf('--notes', *objects).split('\nFile: ')[1:]
        unmarked = [note for note in notes if 'x86 feature: IBT, SHSTK' not in note]
        self.assertEqual((len(notes), unmarked), (len(objects), []))


class Compiled(unittest.TestCase):
    def test_every_source_has_the_flags(self):
        for output, flags in flags_of(build_directory()).items():
            for flag in ALWAYS:
                self.assertIn(flag, flags, output)

    def test_a_release_build_is_fortified_and_a_debug_build_is_not(self):
        for kind, is_fortified in (('release', True), ('debugoptimized', True), ('debug', False)):
            with tempfile.TemporaryDirectory() as directory:
                subprocess.run(['meson', 'setup', directory, SOURCE, f'--buildtype={kind}',
                                '-Dtests=disabled'], capture_output=True, check=True)
                compiled = flags_of(directory)
            self.assertGreater(len(compiled), 50)
            for output, flags in compiled.items():
                self.assertEqual(FORTIFIED in flags, is_fortified, (kind, output))


if __name__ == '__main__':
    runner.main()
