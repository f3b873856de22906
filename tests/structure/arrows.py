"""Holds the arrows of ARCHITECTURE.md: who may include whom, and who may see which library. The
picture there and the table here say the same."""

import re

from tree import report

PICTURE = 'ARCHITECTURE.md'

# Room: what it may include beside itself. An entry is a room, or one file of a room.
ARROWS = {
    'base': [],
    'protocol': ['base'],
    'config': ['base'],
    'providers': ['base'],
    'providers/pkcs11': ['providers', 'base'],
    'providers/software': ['providers', 'base'],
    'providers/token_worker': ['providers', 'base'],
    'providers/tpm': ['providers', 'base'],
    'service/process': ['config', 'base'],
    'service/loop': ['base'],
    'service/principals': ['service/loop/mailbox.h', 'base'],
    'service/auth': ['protocol/opcode.h', 'base'],
    'service/policy': ['providers', 'base'],
    'service/key_sources': ['service/store', 'providers/tpm', 'base'],
    'service/migration': [
        'config/document.h',
        'protocol/opcode.h',
        'providers/key_facets.h',
        'base',
    ],
    'service/spawner': ['providers/token_worker/worker_process.h', 'base'],
    'service/store': ['providers/key_record.h', 'base'],
    'service/token_worker': ['service/process', 'providers/token_worker', 'providers/pkcs11', 'base'],
    'service/dispatch': [
        'service/auth',
        'service/policy',
        'service/principals',
        'service/store/store.h',
        'providers',
        'protocol',
        'base',
    ],
    'service/front_end': [
        'service/auth',
        'service/dispatch',
        'service/principals',
        'protocol',
        'base',
    ],
    'service/connection': [
        'service/auth',
        'service/front_end/request_server.h',
        'service/loop',
        'service/principals',
        'protocol',
        'base',
    ],
    'service/listener': [
        'service/auth',
        'service/connection',
        'service/front_end/request_server.h',
        'service/loop',
        'service/principals',
        'base',
    ],
    # main and what stands beside it wire the objects together.
    'service': ['service', 'providers', 'config', 'protocol', 'base'],
    'client': ['protocol', 'base'],
    'client/attestation': ['client/include/strongroom/attestation.h', 'base'],
    'client/c_api': [
        'client/include',
        'client/guarded.h',
        'client/process_identity.h',
        'base',
    ],
    'client/cli': ['client', 'config', 'protocol/opcode.h', 'base'],
    'docs/man': ['client/cli', 'config', 'service/process', 'base'],
    'tests': [''],
}

# Third-party header: the rooms and files that may see it.
LIBRARIES = {
    r'openssl/': [
        'base/secret_buffer.cc',
        'client/attestation',
        'client/cli',
        'providers/pkcs11',
        'providers/software',
        'providers/tpm',
        'providers/upkeep',
        'service/*',
        'service/process',
        'service/store',
        'tests',
    ],
    r'sqlite3\.h': ['service/migration', 'service/store', 'tests'],
    r'google/protobuf/|.*\.pb\.h': ['protocol', 'service/dispatch', 'client', 'tests'],
    r'toml\+\+/|toml\.hpp': ['config'],
    r'boost/': ['client/cli', 'service/*', 'service/process'],
    r'seccomp\.h': ['service/process', 'service/token_worker'],
    r'spdlog/': ['base/log.cc'],
    r'systemd/': ['service/listener', 'service/*', 'service/process'],
    r'tss2/': ['providers/tpm', 'tests'],
    r'p11-kit': ['providers/pkcs11', 'tests'],
    r'(gtest|gmock)/': ['tests'],
}

# Installed headers are included the way an application includes them.
PUBLIC_HEADERS = {'strongroom/': 'client/include/strongroom/'}

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def room_of(path):
    """The innermost room that holds `path`; None when no room does."""
    folder = path
    while '/' in folder:
        folder = folder.rsplit('/', 1)[0]
        if folder in ARROWS:
            return folder
    return None


def is_within(path, place):
    """Whether `path` is the file `place`, directly in the folder `place` of 'place/*', or below
    the folder `place`."""
    if place.endswith('/*'):
        return path.rsplit('/', 1)[0] == place[:-2]
    return place == '' or path == place or path.startswith(place + '/')


def may_include(room, target):
    return room_of(target) == room or any(is_within(target, place) for place in ARROWS[room])


def judge(path, bracket, header):
    """Why `path` must not include `header`; None when it may."""
    for library, places in LIBRARIES.items():
        if re.match(library, header):
            allowed = any(is_within(path, place) for place in places)
            return None if allowed else f'<{header}> belongs in {", ".join(places)}'
    for prefix, folder in PUBLIC_HEADERS.items():
        if header.startswith(prefix):
            header = folder + header[len(prefix):]
    if bracket == '<' and room_of(header) is None:
        return None
    if room_of(header) is None:
        return f'"{header}" is not written from the root, or in no room'
    if not may_include(room_of(path), header):
        return f'no arrow from {room_of(path)} to {header}'
    return None


def drawn(text):
    """Room: what the picture's arrows point at."""
    return {
        match[1]: set(re.findall(r'[\w./]+', re.split(r'\s{2,}', match[2])[0]))
        for match in re.finditer(r'^([\w/]+) +─► (.+)$', text, re.MULTILINE)
    }


def compare_with_picture(text):
    table = {room: set(places) - {'base'} for room, places in ARROWS.items()}
    picture = drawn(text)
    for room in sorted(table.keys() | picture.keys()):
        # Not drawn: tests, which see everything, and rooms that see base alone.
        if room != 'tests' and table.get(room, set()) != picture.get(room, set()):
            yield f'{PICTURE}: {room}: the arrows are not those of tests/structure/arrows.py'


def check(tree):
    yield from compare_with_picture(tree.files.get(PICTURE, ''))
    for path, text in tree.sources():
        if room_of(path) is None:
            yield f'{path}: stands in no room of tests/structure/arrows.py'
            continue
        for number, line in enumerate(text.split('\n'), 1):
            match = _INCLUDE.match(line)
            reason = match and judge(path, *match.groups())
            if reason:
                yield f'{path}:{number}: {reason}'


if __name__ == '__main__':
    report(check)
