#!/usr/bin/env python3
"""Thresholds of the rule `robust` by NumPy and SciPy: golden/method/image_rule.txt. A line: count, expected, scores."""
import pathlib

import numpy as np
from scipy.stats import norm

OUT = pathlib.Path(__file__).parent / "method"


def robust(scores):
    scores = np.sort(scores).astype(np.float32)
    median = np.quantile(scores.astype(np.float64), 0.5).astype(np.float32).astype(np.float64)
    upper = np.quantile(scores.astype(np.float64), norm.cdf(1)).astype(np.float32).astype(np.float64)
    return np.float32(median + 1.5 * (1 + 4 / len(scores)) * (upper - median))


def main():
    rng = np.random.default_rng(10)
    sets = [np.full(1, 2.5), np.full(7, 0.25), np.array([-3.0, 5.0])]
    sets += [rng.lognormal(0, 0.2, n) for n in (3, 4, 5, 6, 7, 30, 31)]
    sets += [rng.normal(-1, 3, n) for n in (10, 80)]
    with open(OUT / "image_rule.txt", "w") as file:
        for scores in sets:
            scores = np.sort(scores).astype(np.float32)
            file.write(" ".join([str(len(scores)), repr(float(robust(scores)))] + [repr(float(s)) for s in scores]) + "\n")


if __name__ == "__main__":
    main()
