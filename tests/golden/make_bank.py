#!/usr/bin/env python3
"""Reference results for the memory bank: greedy picks, nearest neighbours, quantiles, in float64 by NumPy.

Run from anywhere: python3 tests/golden/make_bank.py (NumPy alone; a few seconds). Writes tests/golden/bank/*.npy.
The data itself is not stored: value(i) is the same hash of its index here and in tests/unit/bank_data.h.
"""
from pathlib import Path

import numpy as np

OUT = Path(__file__).parent / "bank"


def values(count, salt):
    """float32 in 0..1 with 24 bits, exact: PCG-RXS-M-XS of 32 bits over index and salt."""
    x = np.arange(count, dtype=np.uint32) + np.uint32((salt * 0x9E3779B9) & 0xFFFFFFFF)
    x = x * np.uint32(747796405) + np.uint32(2891336453)
    x = ((x >> ((x >> np.uint32(28)) + np.uint32(4))) ^ x) * np.uint32(277803737)
    x = (x >> np.uint32(22)) ^ x
    return (x >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def squared(a, b):
    return ((a - b) ** 2).sum(-1)


def greedy(rows, count, ceiling=None):
    value = np.full(len(rows), np.inf) if ceiling is None else ceiling.copy()
    picks, pick = [], 0
    for _ in range(count):
        picks.append(pick)
        value = np.minimum(value, squared(rows, rows[pick]))
        value[picks] = -1
        pick = int(np.argmax(value))
    return np.array(picks, dtype=np.int64)


def main():
    OUT.mkdir(exist_ok=True)
    rows = values(20000 * 128, 1).reshape(20000, 128).astype(np.float64)
    np.save(OUT / "greedy_random.npy", greedy(rows, 400))

    bank = values(3000 * 100, 2).reshape(3000, 100).astype(np.float64)
    queries = values(40 * 100, 3).reshape(40, 100).astype(np.float64)
    distances = np.stack([squared(bank, q) for q in queries])
    order = np.argsort(distances, axis=1, kind="stable")[:, :9]
    np.save(OUT / "knn_index.npy", order.astype(np.int64))
    np.save(OUT / "knn_squared.npy", np.take_along_axis(distances, order, 1))

    sample = values(10007, 4).astype(np.float64) - 0.5
    q = np.array([0, 1e-6, 0.005, 0.1, 0.25, 0.4999, 0.5, 0.5001, 0.75, 0.9, 0.995, 0.999999, 1])
    np.save(OUT / "quantile.npy", np.stack([q, np.quantile(sample, q)]))


if __name__ == "__main__":
    main()
