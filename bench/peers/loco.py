"""sPRO by the authors' evaluation code on the data of tests/golden/spro, beside what its definition gives there.

    python3 bench/peers/loco.py FOLDER

FOLDER holds mvtec_loco_ad_evaluation's package `src` (or open-iad's copy, `metric/mvtec_loco/src`), which is not part of okng. Only its
arithmetic is run: stand-ins take the place of tqdm and tifffile where those are missing. Prints the largest difference with every
distinct score as a threshold, and with the thresholds that the code chooses itself.
"""
import contextlib
import csv
import importlib
import io
import pathlib
import sys
import types

import numpy as np

GOLDEN = pathlib.Path(__file__).parents[2] / "tests/golden/spro"
LIMITS = (0.01, 0.05, 0.1, 0.3, 1.0)
HEIGHT, WIDTH = 9, 11


def load(folder):
    sys.path.insert(0, folder)
    for name, member in (("tqdm", "tqdm"), ("tifffile", "imread")):
        try:
            importlib.import_module(name)
        except ImportError:
            sys.modules[name] = types.ModuleType(name)
            setattr(sys.modules[name], member, lambda x, **_: x)
    package = "src" if (pathlib.Path(folder) / "src/aggregation.py").exists() else "metric.mvtec_loco.src"
    return (importlib.import_module(f"{package}.{name}") for name in ("image", "aggregation", "util"))


def pictures(image, rows):
    maps, truths, kinds = [], [], []
    for index in range(1 + max(int(r["picture"]) for r in rows)):
        of = [r for r in rows if int(r["picture"]) == index]
        channels = []
        for m in range(3):
            saturation = int(of[0][f"saturation{m}"])
            if saturation:
                mask = np.array([r[f"mask{m}"] == "1" for r in of]).reshape(HEIGHT, WIDTH)
                channels.append(image.GroundTruthChannel(mask, image.DefectConfig("defect", 255, saturation, False)))
        truths.append(image.GroundTruthMap(channels) if channels else None)
        maps.append(image.AnomalyMap(np.array([float(r["score"]) for r in of]).reshape(HEIGHT, WIDTH)))
        kinds.append(int(of[0]["kind"]))
    return maps, truths, kinds


def main(folder):
    image, aggregation, util = load(folder)
    rows = list(csv.DictReader(open(GOLDEN / "pixels.csv")))
    areas = {(r["case"], int(r["kind"]), float(r["limit"])): float(r["area"]) for r in csv.DictReader(open(GOLDEN / "areas.csv"))}
    for own in (False, True):
        worst, stopped = 0.0, []
        for case in sorted({r["case"] for r in rows}):
            with contextlib.redirect_stdout(io.StringIO()):
                maps, truths, kinds = pictures(image, [r for r in rows if r["case"] == case])
                aggregator = aggregation.MetricsAggregator(truths, maps)
                scores = np.unique(np.concatenate([m.np_array.ravel() for m in maps]))[::-1]
                try:
                    if own:
                        aggregator.run(curve_max_distance=0.001)
                    else:
                        aggregator._refinement_callback([scores[0] + 1e-6, *scores.tolist(), scores[-1] - 1e-6])
                except AssertionError:
                    stopped.append(case)
                    continue
                metrics = aggregator.threshold_metrics
            for kind in (0, 1):
                of = metrics.reduce_to_images([m for m, k in zip(maps, kinds) if k in (-1, kind)])
                for limit in LIMITS:
                    area = util.get_auc_for_max_fpr(of.get_fp_rates(), of.get_mean_spros(), limit)
                    worst = max(worst, abs(area - areas[case, kind, limit]))
        print("thresholds of its own:" if own else "every distinct score: ", f"{worst:.1e} at most",
              f"; stopped with an assertion: {', '.join(stopped)}" if stopped else "")


main(*sys.argv[1:])
