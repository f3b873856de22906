"""docs/json.md as something to hold output against."""

import json
import os
import re

DOCUMENT = os.path.join(os.path.dirname(__file__), '..', '..', 'docs', 'json.md')
ROW = re.compile(r'\| `([a-z0-9_.]+)` \| ([^|]+) \|')
KINDS = {'string': str, 'integer': int, 'boolean': bool, 'fraction': float, 'object': dict}


def documented():
    """{command: {field: type}}, with dots in the names of fields of fields."""
    commands = {}
    with open(DOCUMENT, encoding='utf-8') as document:
        for line in document:
            if line.startswith('## '):
                fields = commands.setdefault(line[3:].strip(), {})
            elif row := ROW.match(line):
                fields[row.group(1)] = row.group(2).strip()
    return commands


def problems_of_value(value, kind, fields, path):
    if kind.endswith('?'):
        if value is None:
            return []
        kind = kind[:-1]
    if kind.startswith('['):
        if not isinstance(value, list):
            return [f'{path} is no array']
        return [problem for part in value
                for problem in problems_of_value(part, kind[1:-1], fields, path)]
    # In Python a truth value is a number.
    if type(value) is not KINDS[kind]:  # pylint: disable=unidiomatic-typecheck
        return [f'{path} is {value!r}, and no {kind}']
    return problems_of_object(value, fields, path + '.') if kind == 'object' else []


def problems_of_object(record, fields, prefix=''):
    own = {name[len(prefix):]: kind for name, kind in fields.items()
           if name.startswith(prefix) and '.' not in name[len(prefix):]}
    problems = [f'{prefix}{name} is missing' for name in own if name not in record]
    problems += [f'{prefix}{name} is not documented' for name in record if name not in own]
    for name in record.keys() & own.keys():
        problems += problems_of_value(record[name], own[name], fields, prefix + name)
    return problems


def problems_of(command, output):
    """What of an output differs from what is documented of its command."""
    fields = documented()[command]
    value = json.loads(output)
    records = value if isinstance(value, list) else [value]
    return [problem for record in records for problem in problems_of_object(record, fields)]
