#!/usr/bin/env python3
"""What a line can afford: parameters, FLOPs of a picture, its time and the memory of inspection, of every method on networks of
several sizes, with made weights and the demo's washers. Prints a table in Markdown.

    bench/afford.py [--okng build/okng] [--threads 2] [--pictures 3] [--only WORD,...] [--keep DIR]

Needs ninja -C build make_clip make_afclip make_weights make_products. "time" is what a picture more takes okng infer, files of
results included, "computing" the processor time of all threads meanwhile, which others on the machine disturb less, and
"memory" the most that it had resident.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
MINI = ["--method", "miniclip", "--resize", "512x512"]
ROWS = [  # method, network, options
    ("AF-CLIP", "clip-vit-l-14-336", ["--method", "afclip"]),
    ("miniCLIP", "clip-vit-b-16", MINI),
    ("miniCLIP", "clip-tinyclip-39m-16", MINI),
    ("miniCLIP", "clip-tinyclip-61m-32", MINI),
    ("miniCLIP", "clip-tinyclip-8m-16", MINI),
    ("miniCLIP at 256", "clip-tinyclip-8m-16", ["--method", "miniclip", "--resize", "256x256"]),
    ("WinCLIP", "clip-vit-b-16-plus-240", ["--method", "winclip", "--class-name", "washer"]),
    ("PatchCore", "okng-s", []),
    ("PatchCore", "resnet18", []),
    ("PatchCore", "wide_resnet50_2", []),
]

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--okng", default=str(ROOT / "build/okng"))
parser.add_argument("--threads", default="2")
parser.add_argument("--pictures", type=int, default=3, help="more than one that okng infer takes")
parser.add_argument("--only", default="", help="rows whose method or network holds one of these words")
parser.add_argument("--keep", help="folder of what is made; a temporary one unless given")
args = parser.parse_args()


def run(*words):
    """Output, seconds, processor seconds, most resident bytes."""
    begin = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen([*map(str, words)], stdout=out, stderr=subprocess.PIPE, text=True)
        said = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        if status:
            raise SystemExit("%s: %s" % (" ".join(map(str, words)), said.strip()))
        out.seek(0)
        return out.read(), time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def made(folder, network):
    """Options that name weights of that network; none for one that is built in."""
    tools, weights = pathlib.Path(args.okng).resolve().parent / "tests", folder / (network + ".safetensors")
    if network == "okng-s":
        return []
    if not weights.exists():
        run(tools / ("make_clip" if network.startswith("clip") else "make_weights"), network, weights)
    if not network.startswith("clip"):
        return ["--backbone", network, "--weights", weights]
    vocabulary = folder / "bpe_simple_vocab_16e6.txt.gz"
    if not vocabulary.exists():
        run(tools / "make_clip", "--vocabulary", vocabulary)
    return ["--backbone", network, "--weights", weights, "--vocabulary", vocabulary]


def measure(folder, method, network, options):
    data, bank = folder / "products", folder / "bank"
    shutil.rmtree(bank, ignore_errors=True)
    words = [*options, *made(folder, network), "--threads", args.threads]
    if "CLIP" in method and method != "WinCLIP":
        run(pathlib.Path(args.okng).resolve().parent / "tests/make_afclip", network, folder / network)
        words += ["--checkpoint", folder / network]
    learnt = [] if "CLIP" in method else ["--ok-dir", data / "washer/train/good"]
    run(args.okng, "build", *words, *learnt, "--out-dir", bank, "--quiet")
    pictures = sorted((data / "washer/test/good").iterdir())
    few, many = folder / "one", folder / "many"
    for place, count in (few, 1), (many, 1 + args.pictures):
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(folder / ("out-" + place.name), ignore_errors=True)
        place.mkdir()
        for picture in pictures[:count]:
            shutil.copy(picture, place)
    said = ["--bank-dir", bank, "--threads", args.threads, "--threshold-image", "0.5", "--quiet"]
    one, more = (run(args.okng, "infer", *said, "--img", place, "--out-dir", folder / ("out-" + place.name)) for place in (few, many))
    shots = ["--k-shot", "0"] if "CLIP" in method else []
    text = run(args.okng, "eval", *words, *shots, "--dataset", "mvtec", "--root", data, "--category", "washer", "--out",
               folder / "results", "--max-test-samples", 2, "--latency-runs", 0, "--examples", 0, "--json")[0]
    told = json.loads(text)["categories"]["washer"]
    shutil.rmtree(folder / "results")
    return told, (more[1] - one[1]) / args.pictures, (more[2] - one[2]) / args.pictures, more[3]


def main():
    wanted = [w for w in args.only.split(",") if w]
    folder = pathlib.Path(args.keep or tempfile.mkdtemp(prefix="okng-afford-")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "products").exists():
        run(pathlib.Path(args.okng).resolve().parent / "tests/make_products", folder / "products", 1, "washer")
    print("| method | network | parameters | GFLOP a picture | time, %s threads | computing | memory |" % args.threads)
    print("|---|---|---:|---:|---:|---:|---:|")
    for method, network, options in ROWS:
        if wanted and not any(w in method + " " + network for w in wanted):
            continue
        told, seconds, computing, memory = measure(folder, method, network, options)
        print("| %s | `%s` | %.1f M | %.1f | %.0f ms | %.0f ms | %.0f MiB |" %
              (method, network, told["parameters"] / 1e6, told["flops"] / 1e9, 1e3 * seconds, 1e3 * computing,
               memory / 2**20), flush=True)
        if network.startswith("clip"):
            (folder / (network + ".safetensors")).unlink()
    if not args.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
