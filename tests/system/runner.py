"""Runs the cases of one file and tells the outcome of each as TAP, by name `Class.test_name`.

Started by Meson as: FILE DAEMON CLIENT LIBRARY [NAME...]; with names, runs those alone.
"""

import sys
import time
import unittest

import daemon


class TapResult(unittest.TestResult):
    """One line a case; what went wrong follows it in comments."""

    def __init__(self, stream):
        super().__init__()
        self.stream = stream
        self.began = time.monotonic()

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def say(self, outcome, test, directive=''):
        line = f'{outcome} {self.testsRun} - {name_of(test)}{directive}'
        print(line, file=self.stream, flush=True)

    def comment(self, text):
        for line in text.rstrip().split('\n'):
            print('#', line, file=self.stream, flush=True)

    def addSuccess(self, test):
        self.say('ok', test)
        self.comment(f'{time.monotonic() - self.began:.2f} s')

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say('ok', test, f' # SKIP {reason}')

    def fail(self, test, error):
        self.say('not ok', test)
        self.comment(self._exc_info_to_string(error, test))
        self.comment(getattr(test, 'what_the_daemon_said', str)())

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.fail(test, err)

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            super().addSubTest(test, subtest, err)
            self.comment(str(subtest))
            self.comment(self._exc_info_to_string(err, test))

    def stopTest(self, test):
        # A case whose parts failed gets neither addSuccess nor addFailure.
        if any(getattr(part, 'test_case', None) is test for part, _ in self.failures + self.errors):
            self.say('not ok', test)
        super().stopTest(test)


def name_of(test):
    return '.'.join(test.id().split('.')[-2:])


def cases_in(suite):
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from cases_in(part)
        else:
            yield part


def main():
    daemon.programs.install(*sys.argv[1:4])
    wanted = sys.argv[4:]
    loaded = unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__'])
    cases = [case for case in cases_in(loaded) if not wanted or name_of(case) in wanted]
    print(f'1..{len(cases)}', flush=True)
    result = TapResult(sys.stdout)
    unittest.TestSuite(cases).run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
