"""A secret is never formatted: no reveal() among the arguments of a log line, a message or an
Error."""

import re

from tree import closing, code_only, line_of, report

_TEXT = re.compile(r'\b(?:log::\w+|fmt::\w+|fail|in_context|Error)\s*\(')


def check(tree):
    for path, text in tree.sources():
        code = code_only(text)
        for match in _TEXT.finditer(code):
            arguments = code[match.end():closing(code, match.end() - 1)]
            if re.search(r'\breveal(_mutable)?\b', reveals_into_text(arguments, match.group())):
                yield f'{path}:{line_of(code, match.start())}: a secret in a text'


def reveals_into_text(arguments, call):
    """in_context's first argument is the work, the rest is the text."""
    if not call.startswith('in_context'):
        return arguments
    depth = 0
    for offset, character in enumerate(arguments):
        depth += {'(': 1, ')': -1, '{': 1, '}': -1}.get(character, 0)
        if character == ',' and depth == 0:
            return arguments[offset:]
    return ''


if __name__ == '__main__':
    report(check)
