"""What a manual page says, as its reader sees it."""

import collections
import re

# `sections` maps a heading, "OPTIONS" or "COMMANDS/key list", to the entries of its lists in their
# order: (term, text). `prose` is all text but that of EXAMPLES.
Page = collections.namedtuple('Page', 'sections prose')

_ESCAPES = [(r'\f[BIRP]', ''), (r'\&', ''), (r'\:', ''), (r'\-', '-'), (r'\(aq', "'"),
            (r'\(ga', '`'), (r'\(ha', '^'), (r'\(ti', '~'), (r'\e', '\\')]


def unescaped(line):
    line = re.sub(r'\\f[BIRP]', '', line)
    for escape, letter in _ESCAPES[1:]:
        line = line.replace(escape, letter)
    return line


def _arguments(macro_line):
    """The text of a line with a font macro: .BR strongroom (1) is strongroom(1)."""
    macro, _, rest = macro_line.partition(' ')
    words = [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', rest)]
    return ('' if len(macro) == 3 else ' ').join(words)


def parse(text):
    sections, prose = collections.defaultdict(list), []
    section, heading, is_term, is_entry = '', '', False, False
    for line in text.split('\n'):
        if line.startswith(('.SH', '.SS')):
            title = unescaped(line[4:]).strip('"')
            section = title if line.startswith('.SH') else section
            heading = title if line.startswith('.SH') else f'{section}/{title}'
            is_term = is_entry = False
            continue
        if line in ('.TP', '.PP'):
            is_term = is_entry = line == '.TP'
            continue
        if line.startswith('.') and not re.match(r'\.(B|I|BR|IR|RB|RI|BI|IB) ', line):
            continue
        words = unescaped(_arguments(line) if line.startswith('.') else line)
        if is_term:
            sections[heading].append((words, ''))
        elif is_entry:
            term, before = sections[heading][-1]
            sections[heading][-1] = (term, f'{before} {words}'.strip())
        is_term = False
        if section != 'EXAMPLES':
            prose.append(words)
    return Page(dict(sections), '\n'.join(prose))
