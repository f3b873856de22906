"""The commands that documents show.

A fenced block of `sh` is commands, each of which has to succeed. One of `console` is a session:
commands behind `$ `, continued behind `> `, and what they print, where … stands for anything in a
line, or alone on a line for any lines. A comment before a block says what a reader need not see:

    <!-- not run: REASON -->
        It is listed, and not run.
    <!-- run: in a terminal of its own, until it says "TEXT" -->
        It goes on while the next blocks run.
    <!-- run: on an installed machine -->
        By root, where a systemd can be started for the test; with all of the document before it.
"""

import collections
import re

Block = collections.namedtuple('Block', 'document line kind text not_run until needs_machine')
Command = collections.namedtuple('Command', 'text output')

_COMMENT = re.compile(r'<!-- (.*?) -->')
_OWN_TERMINAL = re.compile(r'run: in a terminal of its own, until it says "(.+)"')
_FENCE = re.compile(r'( *)```(\w*)$')
KINDS = ('sh', 'console')


def in_markdown(document, text):
    """The blocks of a document in their order."""
    lines = text.split('\n')
    blocks, remark, number = [], '', 0
    while number < len(lines):
        line = lines[number]
        fence = _FENCE.match(line)
        if fence:
            end = lines.index(fence[1] + '```', number + 1)
            body = [inner.removeprefix(fence[1]) for inner in lines[number + 1:end]]
            if fence[2] in KINDS:
                blocks.append(_block(document, number + 1, fence[2], '\n'.join(body), remark))
            elif remark:
                raise ValueError(f'{document}:{number + 1}: a remark on a block that is not run')
            number, remark = end, ''
        elif match := _COMMENT.fullmatch(line.strip()):
            remark = match[1]
        elif line.strip():
            if remark.startswith(('run:', 'not run:')):
                raise ValueError(f'{document}:{number + 1}: a remark without a block')
            remark = ''
        number += 1
    return blocks


def in_manual(document, text):
    """Those of the section EXAMPLES of a page's source, .EX to .EE; a remark is a roff comment."""
    blocks, body, remark, start = [], None, '', 0
    is_example = False
    for number, line in enumerate(text.split('\n'), 1):
        if line == '.EX' and is_example:
            body, start = [], number
        elif line == '.EE' and is_example:
            blocks.append(_block(document, start, 'sh', '\n'.join(body), remark))
            body, remark = None, ''
        elif body is not None:
            body.append(line)
        elif line.startswith('.SH'):
            is_example = line == '.SH EXAMPLES'
        elif line.startswith('.\\" '):
            remark = line[4:]
    return blocks


def _block(document, line, kind, text, remark):
    own_terminal = _OWN_TERMINAL.fullmatch(remark)
    needs_machine = remark == 'run: on an installed machine'
    if remark.startswith('run:') and not own_terminal and not needs_machine:
        raise ValueError(f'{document}:{line}: "{remark}" is not understood')
    reason = remark.removeprefix('not run: ') if remark.startswith('not run: ') else None
    return Block(document, line, kind, text, reason, own_terminal and own_terminal[1],
                 needs_machine)


def commands_of(session):
    """The commands of a `console` block, each with what it is shown to print."""
    commands = []
    for line in session.split('\n'):
        if line.startswith('$ '):
            commands.append(Command(line[2:], []))
        elif line.startswith('> ') and commands and not commands[-1].output:
            commands[-1] = Command(commands[-1].text + '\n' + line[2:], [])
        elif commands:
            commands[-1].output.append(line)
        elif line:
            raise ValueError(f'output before the first command: {line}')
    return commands


def is_shown(expected, printed):
    """Whether what was printed is what a document shows; both lists of lines."""
    pattern = ''
    for line in expected:
        if line.strip() == '…':
            pattern += r'(?:.*\n)*'
        else:
            pattern += '.*'.join(map(re.escape, line.rstrip().split('…'))) + r'\n'
    text = ''.join(line.rstrip() + '\n' for line in printed)
    return re.fullmatch(pattern, text) is not None
