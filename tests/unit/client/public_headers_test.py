"""What an application gets with libstrongroom's headers: the standard library and ours, and no
other. Usage: public_headers_test.py COMPILER SOURCE_ROOT"""

import pathlib
import re
import subprocess
import sys
import tempfile

FOREIGN = re.compile(
    r'google/protobuf|\.pb\.h|openssl/|spdlog/|/fmt/|boost/|systemd/|sqlite3|toml\+\+')
# Beside client/include/strongroom/, what the public headers may include.
INSTALLED = ['base/bytes.h', 'base/psa.h', 'base/psa_algorithm.h', 'base/status.h',
             'protocol/opcode.h']


def dependencies(compiler, folder, header):
    """All files that a program of this one header is made of, when nothing else can be found."""
    program = pathlib.Path(folder, 'program.cc')
    program.write_text(f'#include <{header}>\nint main() {{}}\n')
    listed = pathlib.Path(folder, 'program.d')
    command = [*compiler.split(), '-std=c++23', '-Wall', '-Wextra', '-Wpedantic', '-Wconversion',
               '-Wshadow', '-Werror', '-I', folder, '-fsyntax-only', '-MD', '-MF', str(listed),
               str(program)]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode != 0:
        return None, made.stderr
    return listed.read_text().replace('\\\n', ' ').split(), ''


def main(compiler, root):
    public = sorted(pathlib.Path(root, 'client/include/strongroom').glob('*.h'))
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        for name in INSTALLED:
            copy = pathlib.Path(folder, name)
            copy.parent.mkdir(exist_ok=True)
            copy.write_text(pathlib.Path(root, name).read_text())
        pathlib.Path(folder, 'strongroom').symlink_to(public[0].parent.resolve())
        for header in public:
            files, complaint = dependencies(compiler, folder, f'strongroom/{header.name}')
            if files is None:
                failures.append(f'{header.name} does not compile alone:\n{complaint}')
                continue
            foreign = [file for file in files if FOREIGN.search(file)]
            if foreign:
                failures.append(f'{header.name} brings {", ".join(foreign)}')
    if not public:
        failures.append('there are no public headers')
    print('\n'.join(failures), file=sys.stderr)
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
