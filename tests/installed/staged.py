"""What `meson install` puts into an empty root."""

import json
import os
import re
import shutil
import subprocess
import tempfile

from daemon import PATIENCE, programs


def meson(*words, **how):
    done = subprocess.run(['meson', *words], capture_output=True, text=True, check=False,
                          timeout=3 * PATIENCE, **how)
    if done.returncode:
        raise AssertionError(f'meson {words}: {done.stdout}{done.stderr}')
    return done.stdout


def build_directory():
    # build/service/strongroomd
    return os.path.dirname(os.path.dirname(os.path.abspath(programs.built[0])))


def options(directory):
    """Meson's of a build directory, with the places below the prefix written out."""
    told = json.loads(meson('introspect', '--buildoptions', directory))
    values = {option['name']: option['value'] for option in told}
    for name, value in values.items():
        if name.endswith('dir') and isinstance(value, str) and value:
            values[name] = os.path.join(values['prefix'], value)
    return values


def install(root):
    """What is built already, without asking whether it is up to date."""
    meson('install', '-C', build_directory(), '--no-rebuild', '--quiet',
          env=os.environ | {'DESTDIR': root})


class Staged:
    """An installed tree in a directory of its own."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix='strongroom-staged-')
        os.chmod(self.root, 0o755)
        self.options = options(build_directory())
        install(self.root)

    def remove(self):
        shutil.rmtree(self.root)

    def below(self, path):
        """Where a path of the installed system is now."""
        return self.root + path

    def installed(self, name, *more):
        """A file in one of Meson's directories: 'sbindir', 'strongroomd'."""
        return self.below(os.path.join(self.options[name], *more))

    def find(self, name):
        """The one file of that name."""
        found = [os.path.join(folder, name) for folder, _, files in os.walk(self.root)
                 if name in files]
        if len(found) != 1:
            raise AssertionError(f'{name}: {found}')
        return found[0]

    def read(self, path):
        with open(path, encoding='utf-8') as file:
            return file.read()

    def unit(self, name):
        return self.read(self.find(name))

    def setting(self, unit, key):
        """The values of a key in a unit, as they stand."""
        return re.findall(rf'^{key}=(.*)$', self.unit(unit), re.MULTILINE)
