#!/usr/bin/env python3
"""Evaluates a bank as OpenVINO IR on samples of `okng export --verify N --samples DIR`, and compares with what okng made of them.
A line for each picture; exits with 1 where a score is off by more than SCORE of itself, a map by more than MAP of its range, or a
label or more than a thousandth of a mask is another. Usage: openvino_bank.py MODEL.xml SAMPLES SCORE MAP"""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from openvino_ir import IRError, Model  # noqa: E402


def main():
    model, samples = Model(sys.argv[1]), sys.argv[2]
    limits = [float(word) for word in sys.argv[3:5]]
    if sorted(model.result_name(node) for node in model.results) != ["anomaly_map", "pred_label", "pred_mask", "pred_score"]:
        raise IRError(f"outputs {[model.result_name(node) for node in model.results]}")
    names = sorted(os.listdir(samples), key=int)
    failed = 0
    for name in names:
        known = {file[:-4]: np.load(os.path.join(samples, name, file)) for file in os.listdir(os.path.join(samples, name))}
        found = model.run({"input": known["input"]})
        score = float(np.abs(found["pred_score"] / known["pred_score"] - 1).max())
        part = float(np.abs(found["anomaly_map"] - known["anomaly_map"]).max() / np.ptp(known["anomaly_map"]))
        label = bool((found["pred_label"] != known["pred_label"]).any())
        mask = float((found["pred_mask"] != known["pred_mask"]).mean())
        failed |= not (score <= limits[0] and part <= limits[1] and not label and mask <= 1e-3)
        print(f"{name} score {score:.1e} map {part:.1e} label {label} mask {mask:.1e}")
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.exit(main())
