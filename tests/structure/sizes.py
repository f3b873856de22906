"""Headers, sources and folders stay of a size that one sitting can read."""

import collections

from tree import report

LINES = {'.h': 200, '.cc': 400}
FILES_IN_A_FOLDER = 25
# Folders of data, one file a case.
DATA = ('tests/golden', 'tests/fuzz/corpus', 'tests/vectors')


def check(tree):
    for path, text in tree.sources():
        bound = LINES['.h' if path.endswith('.h') else '.cc']
        lines = text.count('\n')
        if lines > bound:
            yield f'{path}: {lines} lines, more than {bound}'
    folders = collections.Counter(p.rsplit('/', 1)[0] for p in tree.files if '/' in p)
    for folder, count in sorted(folders.items()):
        if count > FILES_IN_A_FOLDER and not folder.startswith(DATA):
            yield f'{folder}: {count} files, more than {FILES_IN_A_FOLDER}'


if __name__ == '__main__':
    report(check)
