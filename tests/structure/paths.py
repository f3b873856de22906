"""Each path that ARCHITECTURE.md names exists."""

import fnmatch
import re

from tree import line_of, report

DOCUMENT = 'ARCHITECTURE.md'

# A link's target, or a word in backticks with a slash or a suffix of ours.
_LINK = re.compile(r'\]\(([^)#\s]+)[^)]*\)')
_WORD = re.compile(r'`([\w.*-]+(?:/[\w.*-]*)+|[\w-]+\.(?:h|cc|md|toml|build|py|sh))`')


def check(tree):
    text = tree.files.get(DOCUMENT, '')
    if not text:
        yield f'{DOCUMENT}: is missing'
    for pattern in (_LINK, _WORD):
        for match in pattern.finditer(text):
            path = match.group(1)
            if '://' not in path and not is_there(tree, path):
                yield f'{DOCUMENT}:{line_of(text, match.start())}: there is no {path}'


def is_there(tree, path):
    return tree.exists(path) or any(fnmatch.fnmatch(p, path) for p in tree.files if '*' in path)


if __name__ == '__main__':
    report(check)
