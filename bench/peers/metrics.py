#!/usr/bin/env python3
"""okng metrics beside scikit-learn and scikit-image: the same maps and masks from the same files, both from start to end.

Usage: bench/peers/metrics.py [--okng build/okng] [--maps 100] [--size 1024] [--rounds 1] [--dir DIR]

Makes the maps in DIR (default: a temporary folder), runs both in turns, and prints one table: seconds of wall and of CPU
(the least of the rounds), peak memory, and how far the figures are apart. The peer computes AUROC, average precision and
the precision-recall curve with scikit-learn, and AU-PRO over every distinct score with scikit-image's labels and one sort
by NumPy, which is faster than the loop over thresholds that is in common use.
Needs Debian's python3-sklearn, python3-skimage and python3-pil.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

LIMITS = {"aupro_30": 0.30, "aupro_05": 0.05}


def make(folder, count, size):
    """Smooth noise as anomaly maps are, every other one with two defects that stand out somewhat."""
    from PIL import Image
    from scipy.ndimage import gaussian_filter

    random = np.random.default_rng(0)
    for part in ("maps", "masks"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    noise = gaussian_filter(random.normal(size=(size, size)), 4, mode="wrap")
    noise /= noise.std()
    for i in range(count):
        shifted = np.roll(noise, (int(random.integers(size)), int(random.integers(size))), (0, 1))
        scores = 2 + 0.3 * shifted + 0.01 * random.normal(size=(size, size))
        if i % 2:
            mask = np.zeros((size, size), bool)
            y, x = np.ogrid[:size, :size]
            for _ in range(2):
                cy, cx, radius = random.integers(size), random.integers(size), random.integers(size // 40, size // 10)
                mask |= (y - cy) ** 2 + (x - cx) ** 2 <= radius**2
            scores += 0.5 * mask
            Image.fromarray(mask.astype(np.uint8) * 255).save(folder / "masks" / f"{i:03}_mask.png")
        np.save(folder / "maps" / f"{i:03}.npy", scores.astype(np.float32))


def pro(scores, weights, good, limits):
    """Areas under the mean overlap of the regions, over the false-positive rate, every distinct score a threshold."""
    order = np.argsort(-scores, kind="stable")
    rate = np.cumsum(good[order], dtype=np.float64)
    overlap = np.cumsum(weights[order], dtype=np.float64)
    last = np.append(np.diff(scores[order]) != 0, True)
    rate = np.concatenate([[0], rate[last] / rate[-1]])
    overlap = np.concatenate([[0], overlap[last] / overlap[-1]])
    areas = {}
    for key, limit in limits.items():
        inside = np.searchsorted(rate, limit, side="right")
        x = np.append(rate[:inside], limit)
        y = np.append(overlap[:inside], np.interp(limit, rate, overlap))
        areas[key] = np.trapz(y, x) / limit
    return areas


def peer(folder):
    from PIL import Image
    from skimage import measure
    from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

    paths = sorted((folder / "maps").glob("*.npy"))
    scores, labels, weights = [], [], []
    for path in paths:
        scores.append(np.load(path))
        mask = folder / "masks" / f"{path.stem}_mask.png"
        truth = np.asarray(Image.open(mask)) > 127 if mask.exists() else np.zeros(scores[-1].shape, bool)
        regions = measure.label(truth, connectivity=2)
        area = np.bincount(regions.ravel()).astype(np.float64)
        labels.append(truth)
        weights.append(np.where(truth, 1 / area[regions], 0))
    scores, labels = np.stack(scores).ravel(), np.stack(labels).ravel()
    weights = np.stack(weights).ravel()
    result = {"pixel_auroc": roc_auc_score(labels, scores), "pixel_ap": average_precision_score(labels, scores)}
    precision, recall, thresholds = precision_recall_curve(labels, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    result["pixel_f1max"] = f1.max()
    result["pixel_f1max_threshold"] = float(thresholds[f1[:-1].argmax()])
    del precision, recall, thresholds, f1
    result.update(pro(scores, weights, ~labels, LIMITS))
    json.dump({key: float(value) for key, value in result.items()}, sys.stdout)


# Linux counts the memory of the process that starts a program as the program's own peak, so a small one starts it.
STARTER = """
import json, resource, subprocess, sys, time
start = time.monotonic()
output = subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE).stdout
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
wall = time.monotonic() - start
print(json.dumps([json.loads(output), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024]))
"""


def measure_run(command):
    """Output, wall seconds, CPU seconds and peak bytes of a command."""
    return json.loads(subprocess.check_output([sys.executable, "-S", "-c", STARTER, *command]))


def compare(folder, args):
    rows = {
        "okng metrics": [args.okng, "metrics", "--maps", folder / "maps", "--masks", folder / "masks", "--json"],
        "scikit-learn + scikit-image": [sys.executable, __file__, "--peer", folder],
    }
    runs = {name: [] for name in rows}
    for _ in range(args.rounds):
        for name, command in rows.items():
            runs[name].append(measure_run(command))
    pixels = args.maps * args.size**2
    print(f"{args.maps} maps of {args.size}x{args.size}, {pixels * 4 / 2**20:.0f} MiB as float32")
    print("| program | wall s | CPU s | peak MiB | peak / maps |\n|---|---|---|---|---|")
    best = {}
    for name, results in runs.items():
        best[name] = [min(run[i] for run in results) for i in (1, 2, 3)]
        wall, cpu, peak = best[name]
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {peak / 2**20:.0f} | {peak / (4 * pixels):.2f} |")
    ours, theirs = best.values()
    ratios = " | ".join(f"{b / a:.1f}" for a, b in zip(ours, theirs))
    print(f"| theirs / ours | {ratios} | |\n")
    print("| figure | okng | peer | difference |\n|---|---|---|---|")
    ours, theirs = (runs[name][0][0] for name in rows)
    for key, value in theirs.items():
        print(f"| {key} | {ours[key]:.12f} | {value:.12f} | {abs(ours[key] - value):.1e} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--okng", default=str(Path(__file__).resolve().parents[2] / "build" / "okng"))
    parser.add_argument("--maps", type=int, default=100)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--dir", type=Path)
    parser.add_argument("--peer", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peer:
        return peer(args.peer)
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.dir or Path(temporary)
        if not (folder / "maps").exists():
            make(folder, args.maps, args.size)
        compare(folder, args)


if __name__ == "__main__":
    main()
