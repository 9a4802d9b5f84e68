"""Banks that learn more, are joined, thinned, made of rows, compared."""

import os
import shutil
import warnings

import numpy as np
import okng
from common import FAST, NG, OK, Case, quietly


class Growing(Case):
    def setUp(self):
        super().setUp()
        for name, paths in (("first", OK[:5]), ("more", OK[5:])):
            os.mkdir(f"{self.folder}/{name}")
            for path in paths:
                shutil.copy(path, f"{self.folder}/{name}")
        quietly(okng.Bank.build, self.folder + "/first", self.folder + "/bank", **FAST)

    def test_more_is_learnt(self):
        told = []
        report = okng.add(self.folder + "/bank", self.folder + "/more", out_dir=self.folder + "/new", progress=told.append)
        self.assertEqual((report.pictures, report.added, report.known), (len(OK), len(OK) - 5, 0))
        self.assertGreater(report.rows, report.rows_before)
        self.assertTrue(told)
        with okng.Bank.open(self.folder + "/bank") as old, okng.Bank.open(self.folder + "/new") as new:
            self.assertEqual((old.info.pictures, new.info.pictures), (5, len(OK)))
            self.assertEqual(new.inspect(NG[0]).verdict, "NG")
        with self.refuses(okng.ArgumentError):
            okng.add(self.folder + "/new", self.folder + "/more")
        shutil.copy(NG[0], self.folder + "/more/one.png")
        self.assertEqual(okng.add(self.folder + "/new", self.folder + "/more").known, len(OK) - 5)
        with self.refuses(okng.CancelledError):
            okng.add(self.folder + "/bank", self.folder + "/more", progress=lambda progress: True)
        with okng.Bank.open(self.folder + "/bank") as old:
            self.assertEqual(old.info.pictures, 5)

    def test_banks_are_joined_thinned_and_compared(self):
        quietly(okng.Bank.build, self.folder + "/more", self.folder + "/second", **FAST)
        first, second, both, small = (f"{self.folder}/{name}" for name in ("bank", "second", "both", "small"))
        report = okng.merge(first, second, both)
        self.assertEqual(report.pictures, len(OK))
        with okng.Bank.open(first) as one, okng.Bank.open(second) as other:
            self.assertEqual(report.rows, one.info.rows + other.info.rows)
        self.assertEqual(okng.shrink(both, coreset_size=20, out_dir=small).rows, 20)
        self.assertEqual(okng.diff(both, small)["rows"], [report.rows, 20])
        with self.refuses(okng.ArgumentError):
            okng.merge(both, second, self.folder + "/again")
        quietly(okng.Bank.build, self.folder + "/more", self.folder + "/other", **{**FAST, "layers": ["layer2"]})
        with self.refuses(okng.MismatchError, "layers"):
            okng.merge(first, self.folder + "/other", self.folder + "/again")
        self.assertFalse(os.path.exists(self.folder + "/again"))

    def test_a_choice_that_is_left_out_is_told(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error", okng.OkngWarning)
            self.assertFalse(okng.shrink(self.folder + "/bank", coreset_size=30).forgot_choice)
        okng.Bank.choose(self.folder + "/bank", image=5.0)
        with self.assertWarnsRegex(okng.OkngWarning, "somebody chose"):
            report = okng.shrink(self.folder + "/bank", coreset_size=20)
        self.assertTrue(report.forgot_choice)
        with okng.Bank.open(self.folder + "/bank") as bank:
            self.assertEqual(np.float32(bank.info.image_tau), np.float32(report.image_tau))

    def test_rows_of_others_make_a_bank(self):
        rows = np.concatenate([okng.embed(path, **FAST) for path in OK[:5]])
        okng.create(rows[:, ::-1][:, ::-1], self.folder + "/made", self.folder + "/more", **FAST)
        with okng.Bank.open(self.folder + "/made") as bank:
            self.assertEqual((bank.info.rows, bank.info.dim), rows.shape)
            self.assertEqual(bank.inspect(NG[0]).verdict, "NG")
        for wrong in (rows.astype(float), rows[0]):
            with self.refuses(okng.ArrayTypeError, str(wrong.dtype), str(wrong.shape)):
                okng.create(wrong, self.folder + "/wrong", **FAST)
        with self.refuses(okng.MismatchError, "383"):
            okng.create(rows[:, :383], self.folder + "/wrong", **FAST)
        with self.refuses(okng.ArgumentError, "3"):
            bad = rows.copy()
            bad[3, 7] = np.nan
            okng.create(bad, self.folder + "/wrong", **FAST)
        self.assertFalse(os.path.exists(self.folder + "/wrong"))
