"""Headers, sources and folders stay of a size that one sitting can read."""

import collections

from tree import report

LINES = {'.h': 200, '.cc': 400}
FILES_IN_A_FOLDER = 25
# Not counted: data of one file a case, and contracts of one file a message.
DATA = ('protocol/contracts/', 'tests/golden/', 'tests/configurations/', 'tests/fuzz/corpus/',
        'tests/vectors/')


def check(tree):
    for path, text in tree.sources():
        bound = LINES['.h' if path.endswith('.h') else '.cc']
        lines = text.count('\n')
        if lines > bound:
            yield f'{path}: {lines} lines, more than {bound}'
    counted = [p for p in tree.files if '/' in p and not p.startswith(DATA)]
    for folder, count in sorted(collections.Counter(p.rsplit('/', 1)[0] for p in counted).items()):
        if count > FILES_IN_A_FOLDER:
            yield f'{folder}: {count} files, more than {FILES_IN_A_FOLDER}'


if __name__ == '__main__':
    report(check)
