"""docs/protocol.md names every extension with its number: operations as protocol/opcode.h has them,
fields and values as the contracts do."""

import re

from tree import report

PAGE = 'docs/protocol.md'
OPCODES = 'protocol/opcode.h'
CONTRACTS = tuple(f'protocol/contracts/{name}.proto' for name in
                  ('attest_key', 'prepare_key_attestation', 'psa_algorithm', 'psa_key_attributes'))

_OPCODE = re.compile(r'^\s*(\w+) = (0x8[0-9A-Fa-f]{3}),', re.MULTILINE)
_ROW = re.compile(r'^\| (0x[0-9A-Fa-f]{4}) \| (\w+) \|', re.MULTILINE)
_FIELD = re.compile(r'\b(\w+) = (1\d{3});')
_SHOWN = re.compile(r'`(\w+)` = (1\d{3})\b')


def differing(what, told, there):
    for name, number in sorted(told ^ there):
        where = PAGE if (name, number) in told else 'the sources'
        yield f'{PAGE}: {what} {name} = {number} stands in {where} alone'


def check(tree):
    page = tree.files[PAGE]
    opcodes = {(name, int(number, 16)) for name, number in _OPCODE.findall(tree.files[OPCODES])}
    rows = {(name, int(number, 16)) for number, name in _ROW.findall(page)}
    yield from differing('operation', rows, opcodes)
    fields = {field for path in CONTRACTS for field in _FIELD.findall(tree.files[path])}
    yield from differing('field', set(_SHOWN.findall(page)), fields)


if __name__ == '__main__':
    report(check)
