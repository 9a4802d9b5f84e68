"""Pixel metrics of 100 maps of 1024 x 1024 from files: scikit-learn and scikit-image in a process of their own."""
import sys

import metrics

MAPS, SIDE = 100, 1024


def run(bench):
    folder = bench.work / "maps"
    if not (folder / "maps").exists():
        metrics.make(folder, MAPS, SIDE)
    lines = [[bench.okng, "metrics", "--maps", folder / "maps", "--masks", folder / "masks", "--json"],
             [sys.executable, metrics.__file__, "--peer", folder]]

    def side(line):
        def measure():
            _, wall, _, _ = metrics.measure_run(line)
            return {"median_ms": 1e3 * wall, "min_ms": 1e3 * wall}
        return measure

    bench.rounds, rounds = 1, bench.rounds
    times = bench.alternate(*map(side, lines))
    bench.rounds = rounds
    bench.report("pixel metrics, %d maps of %d x %d" % (MAPS, SIDE, SIDE), "scikit-learn, scikit-image", times, 10)
