"""The broken configurations, and what a daemon has to say of each of them.

A configuration is a file, or a directory of a main file and its conf.d. Each file tells the
problems in it at its end, one a line after '#> '.
"""

import os
import re
import shutil

FOLDER = os.path.join(os.path.dirname(__file__), '..', 'configurations', 'broken')
MAIN = 'strongroom.toml'


def configurations():
    """Their paths below FOLDER."""
    return sorted(os.path.join(kind, name) for kind in os.listdir(FOLDER)
                  for name in os.listdir(os.path.join(FOLDER, kind)))


def install(configuration, directory):
    """Puts one into an empty directory, as only root may write it; gives the main file's path."""
    source = os.path.join(FOLDER, configuration)
    if os.path.isdir(source):
        shutil.copytree(source, directory, dirs_exist_ok=True)
    else:
        shutil.copy(source, os.path.join(directory, MAIN))
    for folder, _, names in os.walk(directory):
        os.chmod(folder, 0o755)
        for name in names:
            os.chmod(os.path.join(folder, name), 0o644)
    return os.path.join(directory, MAIN)


def problems(directory):
    """What is told of the configuration that was installed there, line by line."""
    fragments = os.path.join(directory, 'conf.d')
    names = sorted(os.listdir(fragments)) if os.path.isdir(fragments) else []
    files = [os.path.join(directory, MAIN)] + [os.path.join(fragments, name) for name in names]
    return [line for path in files for line in problems_in(path, directory)]


def problems_in(path, directory):
    with open(path, encoding='utf-8', errors='replace') as file:
        for line in file:
            if line.startswith('#> '):
                text = line[3:].rstrip('\n').replace('{here}', directory)
                yield f'{path}:{text}' if re.match(r'\d+:', text) else f'{path}: {text}'


def without_defaults(lines):
    """Leaves out what depends on the machine: whether the groups of the defaults are there."""
    return [line for line in lines if 'which is the default of' not in line]
