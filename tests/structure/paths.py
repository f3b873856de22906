"""Each path that ARCHITECTURE.md names exists, and each link of a document leads somewhere."""

import fnmatch
import posixpath
import re

from tree import line_of, report

DOCUMENT = 'ARCHITECTURE.md'

# A word in backticks with a slash or a suffix of ours.
_WORD = re.compile(r'`([\w.*-]+(?:/[\w.*-]*)+|[\w-]+\.(?:h|cc|md|toml|build|py|sh))`')
_LINK = re.compile(r'\]\(([^)\s]+)\)')
_ELSEWHERE = re.compile(r'[a-z]+:')
_HEADING = re.compile(r'^#+ (.*)$', re.MULTILINE)
_FENCED = re.compile(r'^ *```.*?^ *```', re.MULTILINE | re.DOTALL)


def check(tree):
    text = tree.files.get(DOCUMENT, '')
    if not text:
        yield f'{DOCUMENT}: is missing'
    for match in _WORD.finditer(text):
        if not is_there(tree, match.group(1)):
            yield f'{DOCUMENT}:{line_of(text, match.start())}: there is no {match.group(1)}'
    for path, document in tree.files.items():
        if path.endswith('.md'):
            yield from check_links(tree, path, document)


def check_links(tree, path, text):
    for match in _LINK.finditer(text):
        if _ELSEWHERE.match(match.group(1)):
            continue
        file, _, anchor = match.group(1).partition('#')
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
        if not tree.exists(target):
            yield f'{path}:{line_of(text, match.start())}: there is no {target}'
        elif anchor and anchor not in anchors_of(tree.files.get(target, '')):
            yield f'{path}:{line_of(text, match.start())}: {target} has no heading #{anchor}'


def anchors_of(text):
    """As forges make them of headings."""
    return {re.sub(r'[^\w -]', '', heading).strip().lower().replace(' ', '-')
            for heading in _HEADING.findall(_FENCED.sub('', text))}


def is_there(tree, path):
    return tree.exists(path) or any(fnmatch.fnmatch(p, path) for p in tree.files if '*' in path)


if __name__ == '__main__':
    report(check)
