#!/usr/bin/env python3
"""Image and pixel AUROC of an `okng infer --save-map` run over a test folder in MVTec layout.

    tools/evaluate.py DATA OUT

DATA holds test/good, test/<defect> and ground_truth/<defect>; OUT is the --out-dir of
`okng infer --img DATA/test --save-map`. Pixels that were never looked at (NaN) are left out of the pixel AUROC and
counted. A development tool: needs Debian's python3-numpy, python3-pil and python3-sklearn.
"""
import csv
import pathlib
import sys

import numpy as np
from PIL import Image
from sklearn.metrics import roc_auc_score

data, out = map(pathlib.Path, sys.argv[1:3])
labels, scores, pixel_labels, pixel_scores, unseen, defect_unseen = [], [], [], [], 0, 0
for row in csv.DictReader(open(out / "results.csv")):
    path = pathlib.PurePosixPath(row["path"])
    good = path.parts[0] == "good"
    labels.append(0 if good else 1)
    scores.append(float(row["score"]))
    anomaly_map = np.load(out / path.with_suffix("") / "map.npy")
    if good:
        mask = np.zeros(anomaly_map.shape, bool)
    else:
        mask_path = data / "ground_truth" / path.parent / (path.stem + "_mask.png")
        mask = np.asarray(Image.open(mask_path).convert("L")) > 127
    assert mask.shape == anomaly_map.shape, (path, mask.shape, anomaly_map.shape)
    seen = np.isfinite(anomaly_map)
    unseen += int((~seen).sum())
    defect_unseen += int((mask & ~seen).sum())
    pixel_labels.append(mask[seen])
    pixel_scores.append(anomaly_map[seen])
print(f"pictures {len(labels)}, image AUROC {roc_auc_score(labels, scores):.4f}, "
      f"pixel AUROC {roc_auc_score(np.concatenate(pixel_labels), np.concatenate(pixel_scores)):.4f}, "
      f"pixels never looked at {unseen} (of them defect {defect_unseen})")
