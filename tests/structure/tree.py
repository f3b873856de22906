"""The project's files as the structure checks see them, and how a check reports."""

import pathlib
import re
import sys

SOURCE_SUFFIXES = ('.h', '.cc')


class Tree:
    """File texts by path from the root, '/'-separated."""

    def __init__(self, files):
        self.files = files

    @classmethod
    def read(cls, root):
        files = {}
        for path in sorted(pathlib.Path(root).rglob('*')):
            relative = path.relative_to(root)
            if path.is_file() and not is_foreign(relative.parts):
                files[relative.as_posix()] = path.read_text(encoding='utf-8', errors='replace')
        return cls(files)

    def sources(self):
        """(path, text) of each C++ file."""
        return [(p, t) for p, t in self.files.items() if p.endswith(SOURCE_SUFFIXES)]

    def exists(self, path):
        folder = path.rstrip('/') + '/'
        return path in self.files or any(p.startswith(folder) for p in self.files)


def is_foreign(parts):
    """Build directories, version control, caches: not the project's own files."""
    return (
        parts[0].startswith('build')
        or parts[0] in ('.git', '.cache')
        or '__pycache__' in parts
    )


_NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'|"
    r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*',
    re.DOTALL | re.MULTILINE,
)


def code_only(text):
    """The text with comments, literals and preprocessor lines blanked, line numbers kept."""
    return _NOT_CODE.sub(lambda match: re.sub(r'[^\n]', ' ', match.group()), text)


def line_of(text, offset):
    return text.count('\n', 0, offset) + 1


def closing(text, opening):
    """Offset of the parenthesis that closes the one at `opening`; the text's end if none does."""
    depth = 0
    for offset in range(opening, len(text)):
        depth += {'(': 1, ')': -1}.get(text[offset], 0)
        if depth == 0:
            return offset
    return len(text)


def report(check):
    """Runs a check over the root given as argument, one line a violation."""
    violations = list(check(Tree.read(sys.argv[1])))
    for violation in violations:
        print(violation)
    sys.exit(1 if violations else 0)
