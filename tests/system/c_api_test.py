"""The C interface of libstrongroom against a real service, from C and from another language."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

import runner
from daemon import CAROL, Case, programs

SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
DUMP = os.path.join(SOURCE, 'client', 'abi', 'libstrongroom.abi')
NODE = 'STRONGROOM_0.1'


def session_program():
    build = os.path.dirname(os.path.dirname(os.path.realpath(programs.built[0])))
    return os.path.join(build, 'tests', 'c_api', 'c_api_session')


def dump_of(library):
    return subprocess.run([os.path.join(SOURCE, 'dev.d', 'abi.sh'), library], capture_output=True,
                          text=True, check=True).stdout


def symbols(*words):
    return subprocess.run(['nm', '--dynamic', *words], capture_output=True, text=True,
                          check=True).stdout


class FromC(Case):
    def test_every_call_does_what_the_header_says(self):
        self.place.start('--config', self.place.configuration(
            service='strict = false',
            sockets=f'[[socket]]\npath = "{self.place.socket}"\nmode = "0666"\n'
                    f'[[socket]]\npath = "{self.place.admin_socket}"\nmode = "0666"\n'
                    'admin = true\n',
            rest=f'[admin]\nuids = [{CAROL}]\ngroups = []\n'))
        carol = self.session(CAROL, 'carol')
        program = shutil.copy(session_program(), programs.folder)
        code, out, said = carol.execute(program, self.place.socket, self.place.admin_socket)
        self.assertEqual((code, out, said), (0, b'', ''))

    def test_every_exported_function_is_called(self):
        shown = re.findall(rf' T (\w+)@@{re.escape(NODE)}$',
                           symbols('--defined-only', programs.built[2]), re.MULTILINE)
        called = re.findall(rf' U (\w+)@{re.escape(NODE)}$',
                            symbols('--undefined-only', session_program()), re.MULTILINE)
        self.assertGreater(len(shown), 100)
        self.assertEqual(sorted(shown), sorted(called))


@unittest.skipUnless(shutil.which('abidiff'), 'needs abidiff of abigail-tools')
class BinaryInterface(unittest.TestCase):
    """A program that was linked with the library of the dump runs with the one just built."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.built = dump_of(programs.built[2])
        if '<function-decl' not in cls.built:
            raise unittest.SkipTest('needs a library with debug information')
        with open(DUMP, encoding='utf-8') as dump:
            cls.committed = dump.read()

    def differences(self, before, after):
        with tempfile.TemporaryDirectory() as directory:
            paths = [os.path.join(directory, name) for name in ('before.abi', 'after.abi')]
            for path, text in zip(paths, (before, after)):
                with open(path, 'w', encoding='utf-8') as file:
                    file.write(text)
            done = subprocess.run(['abidiff', *paths], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode & 3, 0, done.stderr)  # it ran
        return done.stdout if done.returncode else ''

    def test_is_the_one_of_the_committed_dump(self):
        self.assertEqual(self.differences(self.committed, self.built), '',
                         "\n'./dev abi' writes the dump anew; CONTRIBUTING.md says when it may")

    def test_a_parameter_of_another_type_is_noticed(self):
        wider = re.search(r"typedef-decl name='uint64_t' type-id='\w+' id='(\w+)'", self.built)[1]
        changed = re.sub(r"type-id='\w+' name='timeout_ms'", f"type-id='{wider}' name='timeout_ms'",
                         self.built)
        self.assertIn("parameter 2 of type 'typedef uint32_t' changed",
                      self.differences(self.committed, changed))

    def test_a_function_that_is_gone_is_noticed(self):
        changed = re.sub(r" *<elf-symbol name='strongroom_ping'.*\n", '', self.built)
        changed = re.sub(r" *<function-decl name='strongroom_ping'(.*\n)*? *</function-decl>\n", '',
                         changed)
        self.assertRegex(self.differences(self.committed, changed), r'\[D\].* strongroom_ping\(')

    def test_an_enumerator_of_another_value_is_noticed(self):
        changed = self.built.replace("ADMIN_OPERATION' value='21'", "ADMIN_OPERATION' value='23'")
        self.assertIn("STRONGROOM_STATUS_ADMIN_OPERATION' from value '21' to '23'",
                      self.differences(self.committed, changed))


if __name__ == '__main__':
    runner.main()
