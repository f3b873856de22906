"""Renders libstrongroom(3): prose, with the functions and types of the public headers.

    library_page.py PAGE.in INCLUDE_DIRECTORY VERSION

A line `@functions HEADER@` gives way to what a C header declares, `@class HEADER NAME@` to the
public part of a C++ class, each with the comment that stands before it. What stands between .EX and
.EE is shown letter for letter.
"""

import pathlib
import re
import sys

_DECLARATION = re.compile(r'STRONGROOM_API|typedef (?!enum strongroom_(?:status|source) )')
_NOT_SHOWN = re.compile(r'\b(?:STRONGROOM_(?:API|ENUM|NOEXCEPT)|noexcept)\b|\[\[.*?\]\] ?')


def plain(text):
    """As roff(7) shows it letter for letter."""
    for letter, escape in (('\\', '\\e'), ('-', '\\-'), ("'", '\\(aq'), ('`', '\\(ga'),
                           ('^', '\\(ha'), ('~', '\\(ti')):
        text = text.replace(letter, escape)
    return '\\&' + text if text.startswith('.') else text


def declarations(text):
    """(comment, declaration) in their order; the comment is empty where none stands right before,
    and the declaration where a blank line follows the comment."""
    comment, statement = [], ''
    for line in text.split('\n'):
        bare = line.strip()
        if not statement and bare.startswith('//'):
            comment.append(bare[2:].strip())
            continue
        statement = f"{statement} {re.sub(r' *//.*', '', bare)}".strip()
        is_complete = statement.count('{') == statement.count('}')
        if is_complete and re.search(r'[;}]$|^$', statement):
            if statement or comment:
                yield ' '.join(comment), statement
            comment, statement = [], ''


def shown(declaration):
    """The declaration without what only compilers read; its name in bold."""
    text = re.sub(r'\s+', ' ', _NOT_SHOWN.sub('', declaration))
    text = text.replace(' ;', ';').replace('( ', '(').strip()
    text = re.sub(r'\) *\{.*\}$', ');', text)
    name = re.search(r'([~\w]+|operator\S+)\(', text)
    if not name:
        return f'\\fB{plain(text)}\\fR'
    before, after = text[:name.start(1)], text[name.end():]
    # Behind the parenthesis a line may be broken, as long names want it.
    return f'{plain(before)}\\fB{plain(name[1])}\\fR(\\:{plain(after)}'


def entries(declared):
    page = ''
    for comment, declaration in declared:
        page += f'.PP\n{shown(declaration)}\n'
        if comment:
            page += f'.RS 4\n{plain(comment)}\n.RE\n'
    return page


def functions(include, header):
    """Statuses and sources are left to the prose."""
    text = (include / 'strongroom' / header).read_text(encoding='utf-8')
    text = re.sub(r'^(?:#.*|STRONGROOM_(?:BEGIN|END))$', '', text, flags=re.MULTILINE)
    declared = list(declarations(text))
    about = [comment for comment, declaration in declared[:1] if not declaration]
    return ''.join(plain(comment) + '\n' for comment in about) + entries(
        [(comment, declaration) for comment, declaration in declared
         if _DECLARATION.match(declaration)])


def public_part(include, header, name):
    """Without what every class has: constructors, destructor, assignment."""
    text = (include / 'strongroom' / header).read_text(encoding='utf-8')
    comment, body = re.search(rf'((?:^//[^\n]*\n)+)class (?:\[\[.*?\]\] )?{name} [^\n]*\n'
                              '(?: +[^\n]*\n)*? public:\n(.*?)^ private:', text,
                              re.MULTILINE | re.DOTALL).groups()
    about = ' '.join(line[2:].strip() for line in comment.split('\n')).strip()
    return plain(about) + '\n' + entries(
        [(comment, declaration) for comment, declaration in declarations(body)
         if declaration and not re.search(rf'(?:^|[~ ]){name}\(|operator=', declaration)])


def render(prose, include, version):
    page, is_example = '', False
    for line in prose.split('\n'):
        if line in ('.EX', '.EE'):
            is_example = line == '.EX'
        elif is_example:
            line = plain(line)
        words = line.strip('@').split() if line.startswith('@') and line.endswith('@') else []
        if words[:1] == ['functions']:
            page += functions(include, words[1])
        elif words[:1] == ['class']:
            page += public_part(include, *words[1:])
        else:
            page += line.replace('@version@', version) + '\n'
    return page.rstrip('\n') + '\n'


if __name__ == '__main__':
    sys.stdout.reconfigure(encoding='utf-8')
    path, include_directory, release = sys.argv[1:]
    print(render(pathlib.Path(path).read_text(encoding='utf-8'),
                 pathlib.Path(include_directory), release), end='')
