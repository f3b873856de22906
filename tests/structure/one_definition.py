"""No two types of the same name in one namespace: the linker would merge their members silently
(C++ one-definition rule, [basic.def.odr])."""

import re

from tree import code_only, line_of, report

ROOMS = ('base/', 'protocol/', 'config/', 'service/', 'providers/', 'client/')

_EVENT = re.compile(
    r'^namespace (?P<opened>[\w:]+) \{|^(?P<anonymous>namespace \{)|^\}  // namespace.*$|'
    r'^(?:class|struct|enum class|union)(?: \[\[\w+\]\])? (?P<type>\w+)\b(?!::)[^;{]*\{',
    re.MULTILINE,
)
_CLOSED = re.compile(r'^\}  // namespace[^\n]*', re.MULTILINE)


def definitions(text):
    """(qualified name, offset) of each type at namespace level with external linkage."""
    # The closing comments tell a namespace's end, so they must survive code_only().
    code = code_only(text)
    for match in _CLOSED.finditer(text):
        code = code[: match.start()] + match.group() + code[match.end():]
    namespaces = []
    for event in _EVENT.finditer(code):
        if event['opened']:
            namespaces.append(event['opened'])
        elif event['anonymous']:
            namespaces.append(None)
        elif event['type']:
            if None not in namespaces:
                yield '::'.join([*namespaces, event['type']]), event.start('type')
        elif namespaces:
            namespaces.pop()


def check(tree):
    first = {}
    for path, text in tree.sources():
        if not path.startswith(ROOMS):
            continue
        for name, offset in definitions(text):
            place = f'{path}:{line_of(text, offset)}'
            if name in first:
                yield f'{place}: {name} is defined at {first[name]} already'
            else:
                first[name] = place


if __name__ == '__main__':
    report(check)
