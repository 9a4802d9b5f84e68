"""Beside another build of okng, of a release say: okng-s, a bank of 160 pictures, a folder of 156 (--before OTHER/okng)."""
import shutil

GOOD, INSPECTED = 160, 156


def folder(bench, name, pictures):
    out = bench.work / name
    if not out.exists():
        out.mkdir()
        for i, picture in enumerate(pictures):
            shutil.copy(picture, out / ("%03d%s" % (i, picture.suffix)))
    return out


def by_turns(bench, work, stage, *words, wanted=None, repeats=1, part=None):
    """A row: this build and the other, the same words."""
    pick = (lambda row: row["part"] == part) if part else (lambda row: True)
    sides = [bench.ours(stage, *words, repeats=repeats, pick=pick, okng=okng) for okng in (None, bench.args.before.resolve())]
    bench.report(work, "okng, the build before", bench.alternate(*sides), wanted)


def run(bench):
    if bench.args.before is None:
        print("left out: okng beside a build before (no --before OTHER/okng)", flush=True)
        return
    for batch, repeats in ((1, 20), (16, 3)):
        by_turns(bench, "okng-s, 224, batch %d" % batch, "network", "--size", 224, "--batch", batch, repeats=repeats,
                 wanted=bench.wanted(None, 1.6))
    pictures = bench.pictures(GOOD + INSPECTED)
    good = folder(bench, "before-good", pictures[:GOOD])
    others = folder(bench, "before-test", pictures[GOOD : GOOD + INSPECTED])
    bench.rounds, rounds = min(bench.rounds, bench.args.slow_rounds), bench.rounds
    for part in ("whole", "features", "coreset", "calibration"):
        by_turns(bench, "bank of %d pictures: %s" % (GOOD, part), "build", "--ok-dir", good, part=part, wanted=2)
    bank = bench.work / "before-bank"
    if not bank.exists():
        bench.command("build", "--ok-dir", good, "--out-dir", bank, "--quiet")
    by_turns(bench, "%d pictures, files to maps, okng-s" % INSPECTED, "bank", "--bank-dir", bank, "--img", others,
             part="throughput", wanted=2)
    bench.rounds = rounds
