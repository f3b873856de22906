"""The C interface of libstrongroom against a real service, from C and from another language."""

import os
import re
import shutil
import subprocess
import unittest

import runner
from daemon import CAROL, Case, programs

NODE = 'STRONGROOM_0.1'


def session_program():
    build = os.path.dirname(os.path.dirname(os.path.realpath(programs.built[0])))
    return os.path.join(build, 'tests', 'c_api', 'c_api_session')


def symbols(*words):
    return subprocess.run(['nm', '--dynamic', *words], capture_output=True, text=True,
                          check=True).stdout


class FromC(Case):
    def test_every_call_does_what_the_header_says(self):
        self.place.start('--config', self.place.configuration(
            service='strict = false',
            sockets=f'[[socket]]\npath = "{self.place.socket}"\nmode = "0666"\n'
                    f'[[socket]]\npath = "{self.place.admin_socket}"\nmode = "0666"\nadmin = true\n',
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


if __name__ == '__main__':
    runner.main()
