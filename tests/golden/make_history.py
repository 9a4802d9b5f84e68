#!/usr/bin/env python3
# Exact p-values of the two-sample Kolmogorov-Smirnov test by SciPy, for tests/unit/test_history_drift.c.
# Usage: make_history.py; writes history/ks.txt: sizes of both samples, distance, p-value.
import os

import numpy
import scipy.stats

numpy.random.seed(15)
lines = []
for n, m in [(1, 1), (3, 5), (10, 10), (20, 7), (100, 60), (500, 100), (500, 100), (500, 100), (500, 100), (499, 101)]:
    a, b = numpy.random.normal(size=n), numpy.random.normal(0.15 * len(lines), 1, size=m)
    result = scipy.stats.ks_2samp(a, b, method="exact")
    lines.append(f"{n} {m} {result.statistic:.17g} {result.pvalue:.17g}\n")
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "history", "ks.txt"), "w") as file:
    file.writelines(lines)
