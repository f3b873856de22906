"""Prints a public header as it is installed: what it includes from the project's root stands below
strongroom/ there, so that the prefix is all that a compiler has to know.

    rewrite_includes.py HEADER
"""

import re
import sys

with open(sys.argv[1], encoding='utf-8') as header:
    text = header.read()
text = re.sub(r'^#include "strongroom/([^"]+)"', r'#include <strongroom/\1>', text,
              flags=re.MULTILINE)
text = re.sub(r'^#include "([^"]+)"', r'#include <strongroom/\1>', text, flags=re.MULTILINE)
sys.stdout.reconfigure(encoding='utf-8')
print(text, end='')
