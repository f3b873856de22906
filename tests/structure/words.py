"""No words that stand in for unfinished work: an issue is the place for those."""

import re

from tree import line_of, report

SUFFIXES = ('.h', '.cc', '.md', '.build', '.proto', '.py', '.sh', '.toml')
EXECUTABLES = ('dev', '.ci/run')
EXEMPT = ('tests/structure/words.py', 'tests/structure/checks_test.py')

_WORDS = re.compile(r'\b(TODO|FIXME|XXX|HACK|TBD|for now|not implemented yet|stub)\b')


def check(tree):
    for path, text in tree.files.items():
        if path in EXEMPT or not (path.endswith(SUFFIXES) or path in EXECUTABLES):
            continue
        for match in _WORDS.finditer(text):
            yield f"{path}:{line_of(text, match.start())}: '{match.group()}'"


if __name__ == '__main__':
    report(check)
