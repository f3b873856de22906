"""Sums up test runs: report.py EXPECTED_SKIPS BUILD_DIRECTORY...

Counts the cases inside googletest programs and of tests that speak TAP, and any other test as one.
Fails when a test failed, a directory has no results, or a test was skipped that EXPECTED_SKIPS (one
name or pattern a line, after # a reason) does not list.
"""

import collections
import fnmatch
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

Case = collections.namedtuple('Case', 'name outcome detail')

# "ok 3 - Class.test_name # SKIP reason", as tests/system/runner.py writes it.
_TAP_PLAN = re.compile(r'1\.\.(\d+)')
_TAP_CASE = re.compile(r'(ok|not ok) \d+ - (.*?)(?: # SKIP (.*))?$')
_OUTCOMES = {'OK': 'passed', 'EXPECTEDFAIL': 'passed', 'SKIP': 'skipped'}


def cases_of_build(build):
    log = build / 'meson-logs' / 'testlog.json'
    if not log.exists():
        return [Case(build.name, 'failed', 'the tests did not run')]
    tests = [json.loads(line) for line in log.read_text().splitlines()]
    return [case for test in tests for case in cases_of_test(test, build)]


def cases_of_test(test, build):
    name = test['name'].split(' / ')[-1]
    outcome = _OUTCOMES.get(test['result'], 'failed')
    ending = f"{test['result']}, exit code {test['returncode']}"
    results = build / f'{name}.xml'  # Meson has googletest write it there, when it gets that far
    said = test.get('stdout', '').strip().split('\n')
    if results.exists():
        cases = [case_of(element) for element in xml.parse(results).iter('testcase')]
    elif plan := _TAP_PLAN.fullmatch(said[0]):
        cases = [Case(match[2], tap_outcome(match), match[3] or '')
                 for match in map(_TAP_CASE.match, said) if match]
        if len(cases) != int(plan[1]):
            cases.append(Case(name, 'failed', f'of {plan[1]} cases {len(cases)} were run'))
    else:
        return [Case(name, outcome, said[-1] if outcome == 'skipped' else ending)]
    if outcome == 'failed' and not any(case.outcome == 'failed' for case in cases):
        cases.append(Case(name, 'failed', f'the program as a whole: {ending}'))
    return cases


def tap_outcome(match):
    if match[1] == 'not ok':
        return 'failed'
    return 'passed' if match[3] is None else 'skipped'


def case_of(element):
    name = f"{element.get('classname')}.{element.get('name')}"
    if element.find('failure') is not None:
        return Case(name, 'failed', '')
    if element.get('status') == 'notrun':
        return Case(name, 'skipped', 'disabled')
    skipped = element.find('skipped')
    if skipped is None:
        return Case(name, 'passed', '')
    # The place, then the reason.
    return Case(name, 'skipped', skipped.get('message', '').strip().split('\n')[-1])


def read_patterns(path):
    lines = (line.split('#')[0].strip() for line in path.read_text().split('\n'))
    return [line for line in lines if line]


def summarize(builds, patterns):
    """(lines to print, whether all is well); `builds` maps a name to its cases."""
    counts = collections.Counter()
    lines = []
    for build, cases in builds.items():
        for case in cases:
            outcome, note = case.outcome, ''
            is_expected = any(fnmatch.fnmatchcase(case.name, p) for p in patterns)
            if outcome == 'skipped' and not is_expected:
                outcome, note = 'failed', 'skipped, and not listed as expected: '
            counts[outcome] += 1
            if outcome != 'passed':
                lines.append(f'{outcome}: {build}: {case.name}: {note}{case.detail}'.rstrip(': '))
    total = f"{counts['passed']} passed, {counts['failed']} failed"
    if counts['skipped']:
        total += f", {counts['skipped']} skipped"
    return sorted(lines, reverse=True) + [total], counts['failed'] == 0 and counts['passed'] > 0


def main(expected_skips, *directories):
    builds = {pathlib.Path(d).name: cases_of_build(pathlib.Path(d)) for d in directories}
    lines, is_well = summarize(builds, read_patterns(pathlib.Path(expected_skips)))
    print('\n'.join(lines))
    sys.exit(0 if is_well else 1)


if __name__ == '__main__':
    main(*sys.argv[1:])
