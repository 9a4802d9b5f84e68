#!/usr/bin/env python3
"""Clopper-Pearson intervals by scipy.stats.beta.ppf, for tests/unit/test_eval_proportion.c."""
import os
from scipy.stats import beta

here = os.path.dirname(os.path.abspath(__file__))
folder = os.path.join(here, "metrics")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "proportion.csv"), "w") as out:
    out.write("hits,count,confidence,low,high\n")
    for count in (1, 2, 3, 7, 30, 96, 150, 1000, 100000):
        for hits in sorted({0, 1, 2, count // 10, count // 3, count // 2, count - 1, count}):
            if not 0 <= hits <= count:
                continue
            for confidence in (0.9, 0.99):
                beyond = (1 - confidence) / 2
                low = 0.0 if hits == 0 else beta.ppf(beyond, hits, count - hits + 1)
                high = 1.0 if hits == count else beta.ppf(1 - beyond, hits + 1, count - hits)
                out.write("%d,%d,%g,%.15g,%.15g\n" % (hits, count, confidence, low, high))
