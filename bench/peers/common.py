"""What the comparisons share: okng as a process, alternation, inputs, the table."""
import json
import os
import pathlib
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]

# how libraries that a peer is made of are told to do without AVX-512
AVX2_OF_LIBRARIES = {"ATEN_CPU_CAPABILITY": "avx2", "DNNL_MAX_CPU_ISA": "AVX2", "OPENBLAS_CORETYPE": "Haswell"}


class Bench:
    """The settings of a run, the inputs it makes, the rows it finds."""

    def __init__(self, args):
        self.args = args
        self.okng = str(pathlib.Path(args.okng).resolve())
        self.avx2 = args.cpu == "avx2"
        self.environment = dict(os.environ)  # okng's: it is held by its option alone
        self.threads = args.threads
        self.rounds = args.rounds
        self.work = pathlib.Path(args.work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.rows = []
        self.known_precisions = None
        self.known_cpuid = None

    def run(self, okng, *words):
        """An okng with these words, on the CPU as the run wants it."""
        line = [okng, *map(str, words), "--cpu", self.args.cpu]
        return subprocess.run(line, capture_output=True, text=True, env=self.environment)

    def command(self, *words, okng=None):
        """Runs okng quietly; its output."""
        done = self.run(okng or self.okng, *words)
        if done.returncode != 0:
            raise SystemExit("okng %s: %s" % (" ".join(map(str, words)), done.stderr.strip()))
        return done.stdout

    def ours(self, stage, *words, repeats=10, pick=lambda row: True, okng=None):
        """A function that times a stage of okng: a dict with median_ms, min_ms ... of the row that `pick` takes."""
        line = ["bench", stage, *words, "--threads", self.threads, "--repeats", repeats, "--json"]
        return lambda: next(row for row in json.loads(self.command(*line, okng=okng)) if pick(row))

    def wanted(self, usual, avx2):
        """The ratio that is aimed at."""
        return avx2 if self.avx2 else usual

    def by_cpuid(self):
        """The environment of a peer that asks the CPU itself what it can; None, told once, where it cannot be held."""
        if self.known_cpuid is None:
            self.known_cpuid = (self.mask(),)
        return self.known_cpuid[0]

    def mask(self):
        if not self.avx2 or "avx512f" not in pathlib.Path("/proc/cpuinfo").read_text():
            return dict(os.environ)
        library, source = self.work / "cpuid_avx2.so", ROOT / "bench/peers/cpuid_avx2.c"
        line = ["cc", "-shared", "-fPIC", "-O2", "-Wl,-z,initfirst", "-o", library, source, "-ldl"]
        masked = {**os.environ, "LD_PRELOAD": str(library)}
        built = subprocess.run(line, capture_output=True, text=True)
        done = subprocess.run(["true"], env=masked, capture_output=True, text=True) if built.returncode == 0 else built
        if done.returncode == 0:
            return masked
        print("left out: onnxruntime held to AVX2 (%s)" % done.stderr.strip(), flush=True)
        return None

    def precisions(self):
        """Those that this CPU has instructions for; the others are told, once."""
        if self.known_precisions is None:
            self.known_precisions = ["fp32"]
            for precision in ("bf16", "int8"):
                done = self.run(self.okng, "bench", "network", "--precision", precision, "--size", 32, "--repeats", 1, "--quiet")
                if done.returncode == 0:
                    self.known_precisions.append(precision)
                else:
                    print("left out: %s (%s)" % (precision, done.stderr.strip().removeprefix("okng: ")), flush=True)
        return self.known_precisions

    def report(self, work, peer, times, target=None, scale=1.0, note=""):
        """A row: times[0] of okng and times[1] of the peer are lists of dicts. scale multiplies the peer's times."""
        mine, other = ({key: statistics.median(t[key] for t in side) for key in ("median_ms", "min_ms")} for side in times)
        best = [min(t["min_ms"] for t in side) for side in times]
        cpu = [min(t.get("min_cpu_ms", 0) for t in side) for side in times]
        row = {"work": work, "peer": peer, "okng_ms": mine["median_ms"], "peer_ms": other["median_ms"] * scale,
               "ratio": other["median_ms"] * scale / mine["median_ms"], "ratio_of_best": best[1] * scale / best[0],
               "ratio_of_cpu": cpu[1] * scale / cpu[0] if all(cpu) else None,
               "target": target, "threads": self.threads, "note": note}
        self.rows.append(row)
        print("%-72s %-24s %9.3f ms %9.3f ms  %.2fx (best %.2fx%s)%s" %
              (work, peer, row["okng_ms"], row["peer_ms"], row["ratio"], row["ratio_of_best"],
               ", computing %.2fx" % row["ratio_of_cpu"] if row["ratio_of_cpu"] else "",
               "  target %sx" % target if target else ""), flush=True)

    def alternate(self, *sides):
        """A B A B ...: each side is a function that gives a dict of times; a list of them per side."""
        times = tuple([] for _ in sides)
        for _ in range(self.rounds):
            for side, list_ in zip(sides, times):
                list_.append(side())
        return times

    # ---- inputs --------------------------------------------------------------------------------------------------

    def pictures(self, count):
        """At least `count` pictures of good parts: the given folder's, else the demo's of several seeds."""
        if self.args.pictures:
            found = sorted(p for p in pathlib.Path(self.args.pictures).rglob("*")
                           if p.suffix.lower() in (".png", ".jpg", ".jpeg", ".bmp"))
            if len(found) < count:
                raise SystemExit("%s: %d pictures, expected %d or more" % (self.args.pictures, len(found), count))
            return found
        found, seed = [], 0
        while len(found) < count:
            out = self.work / "demo" / str(seed)
            if not (out / "report.html").exists():
                self.command("demo", "--out", out, "--category", "washer", "--seed", seed, "--resize", "64x64",
                             "--coreset", "0.001", "--quiet")
            found += sorted((out / "washer/train/good").iterdir())
            seed += 1
        return found

    def features(self, count, *words, name):
        """Patch vectors of `count` pictures at 224 x 224, 784 each, float32 [count * 784, D]; kept between runs."""
        import numpy as np
        made = []
        folder = self.work / "features" / name
        folder.mkdir(parents=True, exist_ok=True)
        for i, picture in enumerate(self.pictures(count)[:count]):
            path = folder / ("%04d.npy" % i)
            if not path.exists():
                self.command("embed", "--img", picture, "--out", path, "--resize", "224x224", "--quiet", *words)
            made.append(np.load(path))
        return np.concatenate(made)

    def backbone(self):
        """wide_resnet50_2 with torch's own initial values, as a .pth; the model too."""
        import torch
        import torchvision
        torch.manual_seed(0)
        torch.set_num_threads(self.threads)
        torch.set_grad_enabled(False)
        model = torchvision.models.wide_resnet50_2(weights=None).eval()
        path = self.work / "wide_resnet50_2.pth"
        if path.exists():
            model.load_state_dict(torch.load(path))
        else:
            torch.save(model.state_dict(), path)
        return model, path


def timed(function, repeats, warm=1):
    """A function that gives a dict of the times of another."""
    import time

    def measure():
        for _ in range(warm):
            function()
        times, computing = [], []
        for _ in range(repeats):
            begin, cpu = time.perf_counter(), time.process_time()
            function()
            times.append(1e3 * (time.perf_counter() - begin))
            computing.append(1e3 * (time.process_time() - cpu))
        return {"median_ms": statistics.median(times), "min_ms": min(times), "min_cpu_ms": min(computing)}

    return measure


def table(rows):
    """Markdown."""
    lines = ["| work | okng ms | peer | peer ms | ratio | ratio of the best | of computing time | wanted |", "|---|---|---|---|---|---|---|---|"]
    for r in rows:
        lines.append("| %s | %.3g | %s | %.3g | %.2f | %.2f | %s | %s |" %
                     (r["work"] + (" (" + r["note"] + ")" if r["note"] else ""), r["okng_ms"], r["peer"], r["peer_ms"],
                      r["ratio"], r["ratio_of_best"], "%.2f" % r["ratio_of_cpu"] if r.get("ratio_of_cpu") else "", r["target"] or ""))
    return "\n".join(lines) + "\n"
