"""10 % of 125,440 rows projected to 128 dimensions: the cost of a pick in patchcore-inspection's way, with torch, which looks
at every row for every pick; some picks are timed. The picks are held against a plain loop."""
from common import timed

PICTURES, DIM, TIMED, CHECKED = 160, 128, 20, 200


def plain_picks(rows, count):
    import numpy as np
    picks, nearest = [0], ((rows - rows[0]) ** 2).sum(1)
    while len(picks) < count:
        nearest[picks[-1]] = -1
        picks.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((rows - rows[picks[-1]]) ** 2).sum(1))
        nearest[picks] = -1
    return picks


def torch_picks(tensor, start_distances):
    """As the original: products for the distances to the last pick, then the minimum with those before."""
    import torch
    nearest, pick = start_distances.clone(), 0
    for _ in range(TIMED):
        one = tensor[pick:pick + 1]
        squared = tensor.pow(2).sum(1, keepdim=True) + one.pow(2).sum(1)[None] - 2 * tensor.mm(one.T)
        distance = squared.clamp(0).sqrt()
        nearest = torch.cat([nearest, distance], 1).min(1, keepdim=True).values
        pick = int(nearest.argmax())


def run(bench):
    import numpy as np
    import torch
    torch.set_num_threads(bench.threads)
    torch.set_grad_enabled(False)
    path = bench.work / "projected.npy"
    rows = bench.features(PICTURES, name="okng-s")
    rng = np.random.default_rng(0)
    rows = rows @ (rng.standard_normal((rows.shape[1], DIM)) / DIM ** 0.5).astype(np.float32)
    np.save(path, rows)
    out = bench.work / "picks.npy"
    bench.command("coreset", "--in", path, "--out", out, "--coreset-size", CHECKED, "--projection", "none", "--start", 0, "--quiet")
    agreed = list(np.load(out)) == plain_picks(rows.astype(np.float64), CHECKED)
    ours = bench.ours("coreset", "--in", path, "--coreset", 0.1, "--projection", "none", "--start", 0, repeats=1)
    tensor = torch.from_numpy(rows)
    start = torch.full((len(rows), 1), float("inf"))
    bench.rounds, rounds = min(bench.rounds, bench.args.slow_rounds), bench.rounds
    times = bench.alternate(ours, timed(lambda: torch_picks(tensor, start), 1))
    bench.rounds = rounds
    picks = len(rows) // 10
    bench.report("greedy coreset, %d of %d rows, D %d" % (picks, *rows.shape), "patchcore-inspection's way, torch", times, 20,
                 scale=picks / TIMED,
                 note="peer: %d picks timed; first %d picks %s the plain loop's" % (TIMED, CHECKED, "are" if agreed else "ARE NOT"))
