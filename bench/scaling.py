#!/usr/bin/env python3
"""How time and memory of okng grow: search over rows of the bank, coreset over rows, a build over pictures, each with one
thread and with two; an exponent is fitted (time ~ n^e) over the upper half of the sizes.

    bench/scaling.py [--okng build/okng] [--full] [--only knn,coreset,build] [--out FILE.json]

Without --full sizes end where a point takes about ten seconds. Everything is timed by `okng bench`; rows and pictures are made.
"""
import argparse
import json
import math
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
DIM = 384
SIZES = {"knn": [1000, 3000, 10000, 30000, 100000, 300000, 1000000],
         "coreset": [10000, 30000, 100000, 300000, 1000000],
         "build": [100, 300, 1000, 3000, 5000]}
BRIEF = {"knn": 100000, "coreset": 100000, "build": 300}  # largest size without --full

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--okng", default=str(ROOT / "build/okng"))
parser.add_argument("--full", action="store_true", help="all sizes; takes an hour or more")
parser.add_argument("--only", default="knn,coreset,build")
parser.add_argument("--threads", default="1,2")
parser.add_argument("--ratio", default="0.1", help="of the coresets")
parser.add_argument("--out", type=pathlib.Path, help="the points as JSON")
args = parser.parse_args()


def okng(*words):
    done = subprocess.run([args.okng, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit("okng %s: %s" % (" ".join(map(str, words)), done.stderr.strip()))
    return done.stdout


def good_parts(folder, count):
    """A folder of links to `count` pictures that the demo draws."""
    drawn, seed = [], 0
    while len(drawn) < count:
        out = folder / "demo" / str(seed)
        if not out.exists():
            okng("demo", "--out", out, "--seed", seed, "--resize", "64x64", "--coreset", "0.001", "--quiet")
        drawn += sorted(out.glob("*/train/good/*"))
        seed += 1
    parts = folder / ("parts-%d" % count)
    if not parts.exists():
        parts.mkdir()
        for i, picture in enumerate(drawn[:count]):
            (parts / ("%05d.jpg" % i)).symlink_to(picture.resolve())
    return parts


def points(stage, size, threads, folder):
    """Rows of okng bench for a size: {what: row}."""
    words = ["bench", stage, "--threads", threads, "--json", "--repeats", 3 if stage == "knn" else 1]
    if stage == "build":
        words += ["--ok-dir", good_parts(folder, size), "--coreset", args.ratio]
    else:
        words += ["--rows", size, "--dim", DIM]
    if stage == "coreset":
        words += ["--coreset", args.ratio]
    rows = json.loads(okng(*words))
    if stage == "build":
        return {"build, " + row["part"]: row for row in rows}
    return {stage + ", " + row["what"].split(", ")[-1]: row for row in rows}


def exponent(sizes, times):
    """Slope of the logarithms over the upper half."""
    pairs = [(math.log(n), math.log(t)) for n, t in zip(sizes, times)][len(sizes) // 2 - (len(sizes) < 4):]
    if len(pairs) < 2:
        return float("nan")
    x, y = (sum(v) / len(pairs) for v in zip(*pairs))
    return sum((a - x) * (b - y) for a, b in pairs) / sum((a - x) ** 2 for a, _ in pairs)


found = []
folder = pathlib.Path(tempfile.mkdtemp(prefix="okng-scaling-"))
try:
    for stage in args.only.split(","):
        sizes = [n for n in SIZES[stage] if args.full or n <= BRIEF[stage]]
        for threads in map(int, args.threads.split(",")):
            curves = {}
            for size in sizes:
                for what, row in points(stage, size, threads, folder).items():
                    curves.setdefault(what, []).append(row)
                    found.append({"what": what, "size": size, **{k: row[k] for k in ("threads", "min_ms", "peak_bytes")}})
            for what, rows in curves.items():
                times = [row["min_ms"] for row in rows]
                print("%-20s %d thread%s  time ~ n^%.2f" % (what, threads, "s" if threads > 1 else " ", exponent(sizes, times)))
                for size, row in zip(sizes, rows):
                    print("    %8d  %12.1f ms  %8.1f MiB" % (size, row["min_ms"], row["peak_bytes"] / 2**20), flush=True)
finally:
    shutil.rmtree(folder)
if args.out:
    args.out.write_text(json.dumps(found, indent=1) + "\n")
