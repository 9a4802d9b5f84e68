"""Banks that learn more."""

import os
import shutil

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
