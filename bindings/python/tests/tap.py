"""Runs the tests beside this file and prints TAP. Usage: tap.py [NAME...], parts of test names."""

import os
import sys
import traceback
import unittest


class Tap(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.count, self.bad = 0, 0

    def _line(self, ok, test, more=""):
        self.count += 1
        print(f"{'ok' if ok else 'not ok'} {self.count} - python {test.id()}{more}", flush=True)

    def addSuccess(self, test):
        self._line(True, test)

    def addSkip(self, test, reason):
        self._line(False, test, " # SKIP " + reason)

    def _failed(self, test, failure):
        self.bad += 1
        self._line(False, test)
        print("# " + "".join(traceback.format_exception(*failure)).replace("\n", "\n# "), flush=True)

    addFailure = addError = _failed

    def addSubTest(self, test, subtest, failure):
        """Of a test that goes on; those that failed are told here alone."""
        if failure is not None:
            self._failed(subtest, failure)


here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
found = unittest.defaultTestLoader.discover(here, "test_*.py")
chosen = unittest.TestSuite(
    test for group in found for case in group for test in (case if isinstance(case, unittest.TestSuite) else [case])
    if not sys.argv[1:] or any(name in test.id() for name in sys.argv[1:])
)
result = Tap()
chosen.run(result)
print(f"1..{result.count}")
sys.exit(1 if result.bad or not result.count else 0)
