"""report.py adds up right, and no loss of a test stays unseen."""

import json
import pathlib
import tempfile
import unittest

import report

_XML = """<testsuites><testsuite name="Store">
<testcase classname="Store" name="Seals" status="run" result="completed"/>
<testcase classname="Store" name="NeedsRoot" status="run" result="skipped">
<skipped message="store_test.cc:7&#x0A;needs root"/></testcase>
<testcase classname="Store" name="{name}" status="run" result="completed">{inner}</testcase>
</testsuite></testsuites>"""


class Report(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.build = pathlib.Path(self.folder.name) / 'build'
        (self.build / 'meson-logs').mkdir(parents=True)

    def log(self, *tests):
        lines = '\n'.join(json.dumps(test) for test in tests)
        (self.build / 'meson-logs' / 'testlog.json').write_text(lines)

    def googletest(self, result='OK', inner='', code=0):
        (self.build / 'store.xml').write_text(_XML.format(name='Opens', inner=inner))
        return self.run_of('unit - strongroom / store', result, code)

    def run_of(self, name, result='OK', code=0, said=''):
        return {'name': name, 'result': result, 'stdout': said, 'returncode': code}

    def summary(self, *patterns):
        return report.summarize({'build': report.cases_of_build(self.build)}, patterns)

    def test_counts_cases_and_other_tests(self):
        self.log(self.googletest(), self.run_of('arrows'))
        lines, is_well = self.summary('Store.NeedsRoot')
        self.assertEqual(lines[-1], '3 passed, 0 failed, 1 skipped')
        self.assertIn('skipped: build: Store.NeedsRoot: needs root', lines)
        self.assertTrue(is_well)

    def test_counts_the_cases_of_tap(self):
        said = '1..3\nok 1 - Key.test_a\n# 0.1 s\nok 2 - Key.test_b # SKIP needs root\n'
        self.log(self.run_of('key', 'FAIL', 1, said + 'not ok 3 - Key.test_c\n# a # SKIP b'))
        lines, is_well = self.summary('Key.test_b')
        self.assertEqual(lines, ['skipped: build: Key.test_b: needs root',
                                 'failed: build: Key.test_c', '1 passed, 1 failed, 1 skipped'])
        self.assertFalse(is_well)
        self.assertEqual(self.summary()[0][-1], '1 passed, 2 failed')

    def test_cases_of_tap_that_did_not_run_fail(self):
        self.log(self.run_of('key', 'TIMEOUT', -9, '1..2\nok 1 - Key.test_a\n'))
        self.assertEqual(self.summary()[0][-1], '1 passed, 1 failed')

    def test_an_unexpected_skip_fails(self):
        self.log(self.googletest())
        lines, is_well = self.summary('Other.*')
        self.assertEqual(lines[-1], '2 passed, 1 failed')
        self.assertFalse(is_well)

    def test_a_failed_case_counts_once(self):
        self.log(self.googletest('FAIL', '<failure message="no"/>', 1))
        lines, _ = self.summary('Store.*')
        self.assertEqual(lines[-1], '1 passed, 1 failed, 1 skipped')

    def test_a_crash_counts_even_when_no_case_failed(self):
        self.log(self.googletest('FAIL', code=-6))
        self.assertEqual(self.summary('Store.*')[0][-1], '2 passed, 1 failed, 1 skipped')
        (self.build / 'store.xml').unlink()
        self.assertEqual(self.summary('Store.*')[0][-1], '0 passed, 1 failed')

    def test_a_timeout_and_a_missing_run_fail(self):
        self.log(self.run_of('arrows', 'TIMEOUT'))
        self.assertEqual(self.summary()[0][-1], '0 passed, 1 failed')
        (self.build / 'meson-logs' / 'testlog.json').unlink()
        self.assertEqual(self.summary()[0][-1], '0 passed, 1 failed')


if __name__ == '__main__':
    unittest.main()
