"""TRY stands only as `x = TRY(…);`, as a statement, or after return: inside braces or another
expression g++ 12 forgets to destroy what was built before it."""

import re

from tree import closing, code_only, line_of, report

_TRY = re.compile(r'\bTRY\s*\(')
# What may stand between the end of the statement before and TRY.
_BEFORE = re.compile(
    r'\s*'
    r'(?:case\s[^:]*(?:::[^:]*)*:\s|default:|public:|private:|protected:)?\s*'
    r'(?:else\b\s*)?'
    r'(?:(?:if|while)\s*\(.*\)\s*)?'
    r'(?:return\s|co_return\s|[\w:][\w:<>,&*\s\[\].]*(?:->[\w.]+)*\s*=)?\s*',
    re.DOTALL,
)


def is_allowed(code, start, opening):
    before = code[statement_start(code, start):start]
    after = code[closing(code, opening) + 1:].lstrip()
    return bool(_BEFORE.fullmatch(before)) and after.startswith(';')


def statement_start(code, offset):
    """Just past the ; { or } before `offset` that is not inside parentheses closed since."""
    depth = 0
    for at in range(offset - 1, -1, -1):
        depth += {')': 1, '(': -1}.get(code[at], 0)
        if depth <= 0 and code[at] in ';{}':
            return at + 1
    return 0


def with_for_headers_as_statements(code):
    """The parts of `for (a; b; c)` are statements of their own: `for {a; b; c;`."""
    characters = list(code)
    for match in re.finditer(r'\bfor\s*\(', code):
        characters[match.end() - 1] = '{'
        characters[closing(code, match.end() - 1)] = ';'
    return ''.join(characters)


def check(tree):
    for path, text in tree.sources():
        code = with_for_headers_as_statements(code_only(text))
        for match in _TRY.finditer(code):
            if not is_allowed(code, match.start(), match.end() - 1):
                yield f'{path}:{line_of(code, match.start())}: TRY inside another expression'


if __name__ == '__main__':
    report(check)
