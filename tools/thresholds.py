#!/usr/bin/env python3
"""Tries rules for the image threshold on what tools/thresholds.sh left in WORK. Usage: tools/thresholds.py WORK

Prints a Markdown table: rule x set, "defects found / false alarms" in percent, means over categories and draws, and the
mean balanced accuracy of the usual sets.
Needs NumPy and SciPy.
"""
import json
import pathlib
import sys

import numpy as np
from scipy.stats import genpareto, norm

ONE_SIGMA = norm.cdf(1)


def deviations(scores, count):
    """Median and median absolute deviation."""
    median = np.median(scores)
    return median + count * 1.4826 * np.median(np.abs(scores - median))


def lognormal(scores, tail):
    logs = np.log(scores)
    return np.exp(logs.mean() + norm.isf(tail) * logs.std(ddof=1))


def trimmed(scores, count):
    """Mean and deviation of what is left without those above three deviations by the median's rule."""
    for _ in range(10):
        kept = scores[scores <= deviations(scores, 3)]
        if len(kept) == len(scores):
            break
        scores = kept
    return scores.mean() + count * scores.std(ddof=1)


def gumbel(scores, quantile):
    place = lambda q: -np.log(-np.log(q))
    low, high = np.quantile(scores, [0.25, 0.75])
    scale = (high - low) / (place(0.75) - place(0.25))
    return low + scale * (place(quantile) - place(0.25))


def pareto(scores, tail):
    """A generalised Pareto tail above the 75th percentile, by its first two moments."""
    base = np.quantile(scores, 0.75)
    above = scores[scores > base] - base
    if len(above) < 3 or above.var(ddof=1) == 0:
        return scores.max()
    ratio = above.mean() ** 2 / above.var(ddof=1)
    shape = (1 - ratio) / 2
    return base + genpareto.ppf(1 - tail / 0.25, shape, scale=above.mean() * (1 + ratio) / 2)


def upper(scores, count, few=4.0):
    median = np.median(scores)
    return median + count * (1 + few / len(scores)) * (np.quantile(scores, ONE_SIGMA) - median)


RULES = {
    "99.5th percentile": lambda s: np.quantile(s, 0.995),
    "95th percentile": lambda s: np.quantile(s, 0.95),
    "92nd percentile": lambda s: np.quantile(s, 0.92),
    "median + 3 MAD": lambda s: deviations(s, 3),
    "median + 2 MAD": lambda s: deviations(s, 2),
    "log-normal, 5 %": lambda s: lognormal(s, 0.05),
    "normal without outliers, 5 %": lambda s: trimmed(s, 1.645),
    "Gumbel by quartiles, 5 %": lambda s: gumbel(s, 0.95),
    "Pareto tail, 5 %": lambda s: pareto(s, 0.05),
    "upper spread x 1.3": lambda s: upper(s, 1.3),
    "**upper spread x 1.5** (`robust`)": lambda s: upper(s, 1.5),
    "upper spread x 1.7": lambda s: upper(s, 1.7),
    "upper spread x 1.7, alike for all n": lambda s: upper(s, 1.7, 0),
}


def load(work):
    cases = []
    for folder in sorted((work / "leave-one-out/mvtec/patchcore").glob("*/*/")):
        run, category = folder.parts[-2:]
        other = work / "stand-in/mvtec/patchcore" / run / category
        if not (folder / "scores.json").exists() or not (other / "bank/tau.json").exists():
            continue
        tests = json.loads((folder / "scores.json").read_text())["pictures"]
        case = {"set": run.split("-")[0], "pictures": run.split("-")[1], "network": run.split("-", 2)[2].lstrip("0123456789-")}
        for name, source in (("leave-one-out", folder), ("stand-in", other)):
            case[name] = np.array(json.loads((source / "bank/tau.json").read_text())["image_scores"])
        for name, label in (("good", 0), ("bad", 1)):
            case[name] = np.array([t["score"] for t in tests if t["label"] == label])
        cases.append(case)
    return cases


def measure(case, threshold):
    """The parts of defects that are found and of good pictures that are called bad."""
    return (case["bad"] > threshold).mean(), (case["good"] > threshold).mean()


def best(case):
    """The best threshold of the case with at most 5 % false alarms: what no rule can know."""
    allowed = [t for t in np.append(case["good"], case["good"].min() - 1) if (case["good"] > t).mean() <= 0.05]
    return max(allowed, key=lambda t: np.subtract(*measure(case, t)))


def main():
    cases = load(pathlib.Path(sys.argv[1]))
    usual = [c for c in cases if c["set"] in ("demo", "tile")]
    columns = {"all": usual, "demo": [c for c in usual if c["set"] == "demo"]}
    for count in ("30", "80", "150"):
        columns[f"tile {count}"] = [c for c in usual if c["set"] == "tile" and c["pictures"] == count]
    for network in ("okng-s", "resnet18", "vit"):
        columns[network] = [c for c in usual if c["network"] == network]
    columns["2 bad in 32"] = [c for c in cases if c["set"] == "mixed"]
    columns["demo, 10"] = [c for c in cases if c["set"] == "few" and c["pictures"] == "10"]
    columns["demo, 5"] = [c for c in cases if c["set"] == "few" and c["pictures"] == "5"]
    columns = {name: found for name, found in columns.items() if found}
    print("| rule | scores | balanced |", " | ".join(f"{name} ({len(found)})" for name, found in columns.items()), "|")
    print("|---" * (3 + len(columns)) + "|")
    rows = [("best with at most 5 % (no rule)", "", lambda c: best(c))]
    for name, rule in RULES.items():
        for scores in ("leave-one-out", "stand-in"):
            rows.append((name, scores, lambda c, rule=rule, scores=scores: rule(np.sort(c[scores]))))
    for name, scores, threshold in rows:
        cells = []
        for found in columns.values():
            defects, alarms = 100 * np.mean([measure(c, threshold(c)) for c in found], axis=0)
            cells.append(f"{defects:.0f} / {alarms:.1f}")
            if len(cells) == 1:
                cells.insert(0, f"{(defects + 100 - alarms) / 2:.1f}")
        print(f"| {name} | {scores} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
