"""What the comparisons share: okng as a process, alternation, inputs, the table."""
import json
import os
import pathlib
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Bench:
    """The settings of a run, the inputs it makes, the rows it finds."""

    def __init__(self, args):
        self.args = args
        self.okng = str(pathlib.Path(args.okng).resolve())
        self.threads = args.threads
        self.rounds = args.rounds
        self.work = pathlib.Path(args.work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.rows = []
        self.known_precisions = None

    def command(self, *words):
        """Runs okng quietly; its output."""
        done = subprocess.run([self.okng, *map(str, words)], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit("okng %s: %s" % (" ".join(map(str, words)), done.stderr.strip()))
        return done.stdout

    def ours(self, stage, *words, repeats=10, pick=lambda row: True):
        """A function that times a stage of okng: a dict with median_ms, min_ms ... of the row that `pick` takes."""
        line = ["bench", stage, *words, "--threads", self.threads, "--repeats", repeats, "--json"]
        return lambda: next(row for row in json.loads(self.command(*line)) if pick(row))

    def precisions(self):
        """Those that this CPU has instructions for; the others are told, once."""
        if self.known_precisions is None:
            self.known_precisions = ["fp32"]
            for precision in ("bf16", "int8"):
                line = [self.okng, "bench", "network", "--precision", precision, "--size", "32", "--repeats", "1", "--quiet"]
                done = subprocess.run(line, capture_output=True, text=True)
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
