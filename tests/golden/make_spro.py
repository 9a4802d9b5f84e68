"""Saturated per-region overlap by its definition, for tests/unit/test_eval_spro.c and tests/unit/test_data_loco.c.

Run `python3 tests/golden/make_spro.py` with NumPy 1.24; writes tests/golden/spro/*.csv. The definition is that of "Beyond
Dents and Scratches" (Bergmann et al., IJCV 2022) as the evaluation code of MVTec LOCO AD computes it: a pixel is found when
its score is above the threshold; each mask is one defect; its overlap is the pixels found over the saturation, at most 1; a false
alarm is a pixel found that is in no mask of its picture. Here every distinct score is a threshold, and nothing is shared with
that code: areas are sums of trapezoids of rational numbers.
"""
import csv
import pathlib
from fractions import Fraction

import numpy as np

OUT = pathlib.Path(__file__).parent / "spro"
LIMITS = ["0.01", "0.05", "0.1", "0.3", "1"]
HEIGHT, WIDTH = 9, 11
# value of a mask: threshold, relative
CONFIG = {255: (10, False), 254: (0.5, True), 253: (1.0, True), 252: (400, False), 251: (0.29, True)}


def saturation(value, area):
    threshold, relative = CONFIG[value]
    return int(threshold * area) if relative else min(threshold, area)


def area_up_to(points, limit):
    total = Fraction(0)
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if x0 >= limit:
            break
        if x1 > limit:
            y1 = y0 + (y1 - y0) * (limit - x0) / (x1 - x0)
            x1 = limit
        total += (x1 - x0) * (y0 + y1) / 2
    return total / limit


def curve(pictures):
    """pictures: (scores, [(mask, saturation)])"""
    good = [(s, np.logical_not(np.any([m for m, _ in d], axis=0)) if d else np.ones_like(s, bool)) for s, d in pictures]
    all_good = sum(int(g.sum()) for _, g in good)
    defects = [(s, m, n) for s, d in pictures for m, n in d]
    scores = np.unique(np.concatenate([s.ravel() for s, _ in pictures]))
    points = []
    for t in [np.inf, *scores[::-1], -np.inf]:
        alarms = sum(int(np.logical_and(s > t, g).sum()) for s, g in good)
        overlaps = [min(Fraction(int(np.logical_and(s > t, m).sum()), n), Fraction(1)) for s, m, n in defects]
        points.append((Fraction(alarms, all_good), sum(overlaps) / len(overlaps)))
    return points


def masks_of(rng, picture, kind):
    if kind < 0:
        return []
    masks = []
    for i in range(1 + picture % 3):
        mask = np.zeros((HEIGHT, WIDTH), bool)
        y, x = rng.integers(0, HEIGHT - 3), rng.integers(0, WIDTH - 4)
        mask[y:y + rng.integers(2, 7), x:x + rng.integers(2, 8)] = True
        if i == 1:
            mask[0, ::3] = True  # one defect of several parts, which overlaps others
        masks.append((mask, [255, 254, 253, 252, 251][(picture + i) % 5]))
    return masks


def make(name, levels, rng, writer, areas):
    kinds = [-1, 0, 1, 0, -1, 1, 0]
    pictures = []
    for picture, kind in enumerate(kinds):
        masks = masks_of(rng, picture, kind)
        scores = rng.random((HEIGHT, WIDTH)).astype(np.float32)
        for mask, _ in masks:
            scores[mask] += np.float32(0.3) * rng.random((HEIGHT, WIDTH), np.float32)[mask]
        if levels:
            scores = np.floor(scores * levels).astype(np.float32) / np.float32(levels)
        pictures.append((scores, [(m, saturation(v, int(m.sum()))) for m, v in masks]))
        for p in range(HEIGHT * WIDTH):
            row = [name, picture, kind, repr(float(scores.ravel()[p]))]
            row += [int(m.ravel()[p]) for m, _ in masks] + [0] * (3 - len(masks))
            writer.writerow(row + [pictures[-1][1][i][1] if i < len(masks) else 0 for i in range(3)])
    for kind in (0, 1):
        points = curve([p for p, k in zip(pictures, kinds) if k in (-1, kind)])
        for limit in LIMITS:
            areas.writerow([name, kind, limit, repr(float(area_up_to(points, Fraction(limit))))])


def main():
    OUT.mkdir(exist_ok=True)
    rng = np.random.default_rng(14)
    with open(OUT / "pixels.csv", "w") as pixels, open(OUT / "areas.csv", "w") as results:
        writer, areas = csv.writer(pixels, lineterminator="\n"), csv.writer(results, lineterminator="\n")
        writer.writerow("case,picture,kind,score,mask0,mask1,mask2,saturation0,saturation1,saturation2".split(","))
        areas.writerow(["case", "kind", "limit", "area"])
        make("differ", 0, rng, writer, areas)
        make("ties", 12, rng, writer, areas)
        make("coarse", 2, rng, writer, areas)
    with open(OUT / "saturation.csv", "w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["threshold", "relative", "area", "saturation"])
        for threshold, relative in [*CONFIG.values(), (0.1, True), (0.7, True), (1, False)]:
            for area in (10, 30, 100, 399, 400, 401, 98765, 2176000):
                found = int(threshold * area) if relative else min(threshold, area)
                writer.writerow([threshold, int(relative), area, found])


main()
