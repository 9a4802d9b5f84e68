#!/usr/bin/env python3
"""Evaluates the programs that build/tests/make_programs wrote as OpenVINO IR, and compares with what okng's interpreter made of
them. Prints a line each: the name, the largest difference beside the largest number; exits with 1 where one is too far.
Usage: openvino_programs.py FOLDER TOLERANCE"""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from openvino_ir import IRError, Model  # noqa: E402


def difference(found, expected):
    if found.dtype != expected.dtype or found.shape != expected.shape:
        return np.inf
    if found.dtype.kind != "f":
        return 0.0 if (found == expected).all() else np.inf
    if (np.isnan(found) != np.isnan(expected)).any():
        return np.inf
    known = ~np.isnan(expected)
    found, expected = found[known].astype(np.float64), expected[known].astype(np.float64)
    with np.errstate(invalid="ignore"):
        off = np.where(found == expected, 0, np.abs(found - expected))
    finite = np.abs(expected[np.isfinite(expected)])
    return float(off.max(initial=0) / max(finite.max(initial=0), 1e-30))


def main():
    folder, tolerance = sys.argv[1], float(sys.argv[2])
    failed, names = 0, sorted(name[:-4] for name in os.listdir(folder) if name.endswith(".xml"))
    for name in names:
        arrays = {file[:-4]: np.load(os.path.join(folder, name, file)) for file in os.listdir(os.path.join(folder, name))}
        try:
            model = Model(os.path.join(folder, name + ".xml"))
            outputs = model.run(arrays)
            worst = max((difference(value, arrays[output]), output) for output, value in outputs.items())
        except (IRError, KeyError) as error:
            worst = (np.inf, str(error))
        failed |= not worst[0] <= tolerance
        print(f"{name} {worst[0]:.1e} {worst[1]}")
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.exit(main())
