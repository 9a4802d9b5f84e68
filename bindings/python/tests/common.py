"""What all tests use: the parts that tests/tools/make_fixture wrote, and a bank of them."""

import glob
import os
import tempfile
import unittest
import warnings

import numpy as np
import okng
from okng.native import ffi, lib

FIXTURE = os.environ["OKNG_FIXTURE"]
OK = sorted(glob.glob(FIXTURE + "/ok/*.png"))
NG = sorted(glob.glob(FIXTURE + "/ng/*.png"))
FAST = {"resize": "64x64", "threads": 1}


def pixels(path):
    """A picture of the fixture, uint8 [H, W, 3], by the library's own reader: resized to its own size, not normalised."""
    height, width = 72, 80
    array = okng.preprocess(path, resize=(height, width), interpolation="nearest", mean=(0, 0, 0), std=(1, 1, 1))
    return np.ascontiguousarray((array[0] * 255).round().astype(np.uint8).transpose(1, 2, 0))


def quietly(function, *arguments, **named):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", okng.OkngWarning)
        return function(*arguments, **named)


class Case(unittest.TestCase):
    """Tests with a folder of their own; the bank is built once for all."""

    _bank = None

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.folder = self._folder.name

    @property
    def bank(self):
        if Case._bank is None:
            Case._bank = quietly(okng.Bank.build, OK, **FAST)
        return Case._bank

    def refuses(self, kind, *words):
        """A context in which an exception of a kind comes, whose text has all words."""
        return _Refusal(self, kind, words)


class _Refusal:
    def __init__(self, case, kind, words):
        self._case, self._kind, self._words = case, kind, words
        self._context = case.assertRaises(kind)

    def __enter__(self):
        return self._context.__enter__()

    def __exit__(self, *given):
        done = self._context.__exit__(*given)
        text = str(self._context.exception) if done else ""
        for word in self._words if done else ():
            self._case.assertIn(word, text)
        return done
