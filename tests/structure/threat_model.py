"""Each asset, assumption and threat has one row in threat-model/ with a status, and a row that says
"mitigated" names tests that exist."""

import ast
import re

from tree import report

STATUSES = ('mitigated', 'operator', 'out of scope', 'open')


def numbered(letter, last):
    return [f'{letter}{number}' for number in range(1, last + 1)]


THREATS = [
    *numbered('R', 16),
    *numbered('P', 6),
    *numbered('H', 5),
    *numbered('T', 11),
    *numbered('V', 2),
    *numbered('C', 3),
    *numbered('L', 4),
    *numbered('S', 4),
    *numbered('I', 6),
]
# In README.md: assets by letter, assumptions by number. They have no status.
STATEMENTS = [*'KDCMSVLT', *'12345']

_ROW = re.compile(r'^\|\s*([A-Z]\d*|\d+)\s*\|(.*)\|\s*$', re.MULTILINE)
_NAMED = re.compile(r'`([^`]+)`')
_TEST = re.compile(r'\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)')


def rows(tree):
    """(document, id, cells) of each row of each table."""
    for path, text in tree.files.items():
        if path.startswith('threat-model/') and path.endswith('.md'):
            for match in _ROW.finditer(text):
                yield path, match[1], [cell.strip() for cell in match[2].split('|')]


def known_tests(tree):
    names = {p for p in tree.files if p.startswith('tests/')}
    for path, text in tree.sources():
        if path.startswith('tests/'):
            names.update(f'{suite}.{name}' for suite, name in _TEST.findall(text))
    for path, text in tree.files.items():
        if path.startswith(('tests/installed/', 'tests/system/')) and path.endswith('.py'):
            names.update(python_tests(text))
    return names


def python_tests(text):
    for kind in ast.parse(text).body:
        if isinstance(kind, ast.ClassDef):
            for member in kind.body:
                if isinstance(member, ast.FunctionDef) and member.name.startswith('test_'):
                    yield f'{kind.name}.{member.name}'


def judge_status(status, tests):
    """What is wrong with a status cell."""
    if not status.startswith(STATUSES):
        return f'status is none of {", ".join(STATUSES)}'
    if not status.startswith('mitigated'):
        return None
    named = _NAMED.findall(status)
    if not named:
        return 'is mitigated by no named test'
    missing = [name for name in named if name not in tests]
    return f'no such test: {", ".join(missing)}' if missing else None


def check(tree):
    tests = known_tests(tree)
    seen = []
    for path, identifier, cells in rows(tree):
        seen.append(identifier)
        if identifier in THREATS:
            reason = judge_status(cells[-1], tests)
            if reason:
                yield f'{path}: {identifier}: {reason}'
        elif identifier not in STATEMENTS:
            yield f'{path}: {identifier}: is no asset, assumption or threat'
    for identifier in THREATS + STATEMENTS:
        if seen.count(identifier) != 1:
            yield f'threat-model: {identifier}: has {seen.count(identifier)} rows, not one'


if __name__ == '__main__':
    report(check)
