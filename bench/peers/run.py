#!/usr/bin/env python3
"""okng beside its peers, alternating A B A B in one run on one machine: a table of ratios (peer's time / okng's).

    OMP_NUM_THREADS=2 bench/peers/run.py [--okng build/okng] [--only search,coreset] [--pictures DIR]
    ... --cpu avx2                   everybody as on a CPU without AVX-512
    ... --before OTHER/okng          the part `before`: beside another build of okng

With --cpu avx2 okng gets that option, torch, oneDNN and OpenBLAS their own variables, and onnxruntime, which has none, a
CPUID without AVX-512 (cpuid_avx2.c); what cannot be held is left out by a word.

Needs Debian's python3-torch, python3-torchvision, python3-faiss, python3-sklearn, python3-pil, node, and onnxruntime-node in
WORK/node_modules; `make bench` sees to all of them. Writes WORK/results.json, which keeps the rows of the parts that were not
run this time, and WORK/results.md (with --cpu avx2 results-avx2.json and .md). Times are medians of the rounds' medians. On a
machine that others use too, the ratios of the best times and of the computing time of all threads (the least of each side) are
less disturbed.
"""
import argparse
import importlib
import json
import os
import pathlib
import platform
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import AVX2_OF_LIBRARIES, ROOT, Bench, table  # noqa: E402

PARTS = ["network", "transformer", "afclip", "search", "coreset", "pictures", "before", "exact_metrics"]

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--okng", default=ROOT / "build/okng")
parser.add_argument("--work", default=ROOT / "build/bench", help="folder of inputs that are made, and of the results")
parser.add_argument("--only", default=",".join(PARTS), help="parts, of " + ", ".join(PARTS))
parser.add_argument("--pictures", help="folder of good parts; the demo's unless given")
parser.add_argument("--cpu", choices=["auto", "avx2"], default="auto", help="instructions that okng and its peers may use")
parser.add_argument("--before", type=pathlib.Path, help="another build of okng")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--slow-rounds", type=int, default=2, help="rounds of what takes seconds")
args = parser.parse_args()
# libraries read this when they are loaded
args.threads = int(os.environ.setdefault("OMP_NUM_THREADS", str(len(os.sched_getaffinity(0)))))
unknown = set(args.only.split(",")) - set(PARTS)
if unknown:
    parser.error("unknown parts: %s" % ", ".join(sorted(unknown)))


def machine():
    names = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    held = ", held to AVX2" if args.cpu == "avx2" else ""
    return "%s%s, %d threads used" % (names[0] if names else platform.machine(), held, args.threads)


bench = Bench(args)
if args.cpu == "avx2":
    os.environ.update(AVX2_OF_LIBRARIES)
results = bench.work / ("results-avx2.json" if args.cpu == "avx2" else "results.json")
parts = json.loads(results.read_text())["parts"] if results.exists() else {}
for part in args.only.split(","):
    bench.rows = []
    importlib.import_module(part).run(bench)
    parts[part] = bench.rows
    results.write_text(json.dumps({"machine": machine(), "parts": parts}, indent=1) + "\n")
everything = [row for part in PARTS for row in parts.get(part, [])]
text = "%s\n\n%s" % (machine(), table(everything))
results.with_suffix(".md").write_text(text)
print("\n" + text)
