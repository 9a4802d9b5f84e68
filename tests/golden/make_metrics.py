"""Image and pixel metrics by scikit-learn, and AU-PRO by its definition, for tests/unit/test_eval_golden.c.

Run `OMP_NUM_THREADS=2 python3 tests/golden/make_metrics.py` with scikit-learn 1.2, scikit-image 0.19; writes
tests/golden/metrics/*.csv. Scores and masks come from a hash and a few shapes that the test makes too, in the same words.
"""
import csv
import pathlib

import numpy as np
from skimage import measure
from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_auc_score

OUT = pathlib.Path(__file__).parent / "metrics"

# name: count, levels (0: all scores differ), one of how many is bad, 1: some are NaN
IMAGES = {
    "few": (12, 0, 2, 0),
    "many": (1500, 0, 3, 0),
    "ties": (400, 7, 2, 0),
    "two_levels": (60, 2, 5, 0),
    "one_level": (40, 1, 4, 0),
    "rare": (900, 0, 150, 0),
    "nan": (300, 50, 3, 1),
}

# name: height, width, levels, what is added to all scores, 1: some are NaN, shape of each map's mask
MAPS = {
    "rectangle": (24, 20, 0, 0.0, 0, "nr"),
    "diagonal": (24, 20, 0, 0.0, 0, "dn"),
    "ties": (30, 30, 9, -0.5, 0, "rdsn"),
    "border": (31, 17, 0, 0.0, 0, "bbn"),
    "many_small": (40, 33, 0, 3.0, 0, "snsd"),
    "single_pixel": (12, 12, 64, 0.0, 0, "nnp"),
    "no_good_map": (25, 25, 0, -2.0, 0, "rbd"),
    "one_all_bad": (16, 16, 30, 0.0, 0, "anr"),
    "two_levels": (20, 20, 2, 0.0, 0, "rn"),
    "one_level": (20, 20, 1, 0.0, 0, "rn"),
    "nan": (24, 26, 0, 0.0, 1, "rdnb"),
}

# name: height, width, levels, good and bad maps
PIMO = {
    "all_differ": (180, 180, 0, 4, 3),
    "ties": (190, 150, 50000, 4, 3),
    "highest_tied_beyond": (180, 180, 2048, 4, 2),
    "too_few": (100, 100, 0, 4, 2),
}


def mix(x):
    """SplitMix64's mixing of a counter."""
    with np.errstate(over="ignore"):
        z = np.asarray(x, np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x1234567)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def score(bits, levels):
    """0..1 of 24 bits, in steps where there are levels."""
    if levels:
        return (bits % np.uint64(levels)).astype(np.float32) / np.float32(levels)
    return (bits >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24)


def make_mask(shape, h, w, bits):
    y, x = np.mgrid[:h, :w]
    return {
        "n": np.zeros((h, w), bool),
        "a": np.ones((h, w), bool),
        "r": (y >= h // 4) & (y < h // 2) & (x >= w // 3) & (x < w - 3),
        "d": (y >= 2) & (y < h - 4) & (x >= 3) & (x < w // 2) & ((x + y) % 2 == 0),
        "s": bits % np.uint64(16) == 5,
        "b": (x + y < h // 2) | (y == h - 1) | ((x == w - 1) & (y % 3 == 0)),
        "p": (y == h // 2) & (x == w // 2),
    }[shape]


def make_maps(case):
    h, w, levels, offset, nan, shapes = case
    maps, masks = [], []
    for i, shape in enumerate(shapes):
        bits = mix(np.arange(h * w, dtype=np.uint64) + np.uint64(i * 100000)).reshape(h, w)
        mask = make_mask(shape, h, w, bits)
        values = score(bits, levels) + np.float32(0.25) * mask.astype(np.float32) + np.float32(offset)
        if nan:
            values[bits % np.uint64(7) == 3] = np.nan
        maps.append(values.astype(np.float32))
        masks.append(mask)
    return maps, masks


def rank(scores, labels):
    precision, recall, thresholds = precision_recall_curve(labels, scores)
    f1 = (2 * precision * recall / np.maximum(precision + recall, 1e-300))[:-1]
    best = thresholds[f1 >= f1.max() - 1e-12].max()  # of several the highest
    return [roc_auc_score(labels, scores), average_precision_score(labels, scores), f1.max(), float(best)]


def find_regions(maps, masks):
    """Scores of each region that has any."""
    found = []
    for values, mask in zip(maps, masks):
        numbers = measure.label(mask, connectivity=2)
        for number in range(1, numbers.max() + 1):
            inside = values[numbers == number].astype(np.float64)
            inside = inside[~np.isnan(inside)]
            if len(inside):
                found.append(inside)
    return found


def pro_exact(good, regions, limit):
    """Threshold by threshold, as the definition has it."""
    everything = np.concatenate([good, *regions])
    points = [(0.0, 0.0)]
    for threshold in np.unique(everything)[::-1]:
        points.append((np.mean(good >= threshold), np.mean([np.mean(r >= threshold) for r in regions])))
    area = 0.0
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if x0 >= limit:
            break
        if x1 > limit:
            y1 = y0 + (y1 - y0) * (limit - x0) / (x1 - x0)
            x1 = limit
        area += (x1 - x0) * (y0 + y1) / 2
    return area / limit


def pro_steps(good, regions, limit):
    """200 steps from the lowest score; NaN where too few false-positive rates are below the limit."""
    everything = np.concatenate([good, *regions]).astype(np.float32)
    low, high = everything.min(), everything.max()
    if low == high:
        return np.nan
    x, y = [], []
    for threshold in np.arange(low, high, float(high - low) / 200):
        threshold = np.float64(np.float32(threshold))
        rate = np.mean(good > threshold)
        if rate < limit:
            x.append(rate)
            y.append(np.mean([np.mean(r > threshold) for r in regions]))
    x, y = np.array(x), np.array(y)
    if len(x) < 2 or x.max() == 0:
        return np.nan
    return auc(x / x.max(), y)


def pimo():
    """AUPIMO: overlap by threshold in each picture, straight over the logarithm of the false-positive rate."""
    low, high = 1e-5, 1e-4
    for name, (h, w, levels, good, bad) in PIMO.items():
        normal, regions = [], []
        for i in range(good + bad):
            bits = mix(np.arange(h * w, dtype=np.uint64) + np.uint64(i * 100000)).reshape(h, w)
            values = score(bits, levels)
            if i < good:
                normal.append(values.ravel())
                continue
            inside = make_mask("r", h, w, bits) & (bits % np.uint64(i) != 0)
            near = np.float32(1) - np.float32(3e-4) * score(bits, 0)
            regions.append(np.where(bits % np.uint64(2) == 1, near, values)[inside])
        normal = np.concatenate(normal)
        thresholds = np.unique(np.concatenate([normal, *regions]))[::-1]
        rates = 1 - np.searchsorted(np.sort(normal), thresholds, side="left") / len(normal)
        areas = []
        for region in regions:
            found = 1 - np.searchsorted(np.sort(region), thresholds, side="left") / len(region)
            area, x0, y0 = 0.0, 0.0, 0.0
            for x1, y1 in zip(rates, found):
                if x1 > x0 and x1 > low:
                    left, right = max(x0, low), min(x1, high)
                    if x0 == 0:  # no false alarm is allowed yet
                        area += np.log(right / low) * y0
                    else:
                        ys = np.interp(np.log([left, right]), np.log([x0, x1]), [y0, y1])
                        area += np.log(right / left) * ys.mean()
                x0, y0 = x1, y1
                if x0 >= high:
                    break
            areas.append(area / np.log(high / low))
        few = len(normal) * low < 1
        yield [name, h, w, levels, good, bad, float("nan") if few else float(np.mean(areas))]


def write(name, header, rows):
    with open(OUT / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([[repr(float(v)) if isinstance(v, float) else v for v in row] for row in rows])


def images():
    for name, (count, levels, every, nan) in IMAGES.items():
        bits = mix(np.arange(count, dtype=np.uint64) + np.uint64(7000000))
        labels = (bits >> np.uint64(8)) % np.uint64(every) == 0
        scores = score(bits, levels).astype(np.float64) / 3 + 0.125 * labels
        if nan:
            scores[bits % np.uint64(11) == 3] = np.nan
        kept = ~np.isnan(scores)
        yield [name, count, levels, every, nan, *map(float, rank(scores[kept], labels[kept]))]


def pixels():
    for name, case in MAPS.items():
        maps, masks = make_maps(case)
        scores, labels = np.concatenate([m.ravel() for m in maps]), np.concatenate([m.ravel() for m in masks])
        kept = ~np.isnan(scores)
        scores, labels = scores[kept], labels[kept]
        good, regions = scores[~labels].astype(np.float64), find_regions(maps, masks)
        pro = [f(good, regions, limit) for f in (pro_exact, pro_steps) for limit in (0.3, 0.05)]
        yield [name, *case, *map(float, rank(scores, labels)), *map(float, pro), len(good), int(labels.sum()), len(regions)]


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    figures = ["auroc", "ap", "f1max", "f1max_threshold"]
    write("images.csv", ["name", "count", "levels", "every", "nan", *figures], images())
    write("maps.csv", ["name", "height", "width", "levels", "offset", "nan", "shapes", *figures, "aupro_30", "aupro_05",
                       "steps_30", "steps_05", "good", "bad", "regions"], pixels())
    write("pimo.csv", ["name", "height", "width", "levels", "good", "bad", "aupimo"], pimo())
