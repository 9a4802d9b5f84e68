"""Exact nearest neighbour of 784 queries in 16,384 rows: FAISS's flat L2 index on the same files."""
from common import timed

QUERIES, ROWS = 784, 16384


def compare(bench, name, rows, queries, wanted):
    import faiss
    import numpy as np
    faiss.omp_set_num_threads(bench.threads)
    paths = [bench.work / ("%s-%s.npy" % (name.replace(" ", "-"), part)) for part in ("bank", "query")]
    for path, values in zip(paths, (rows, queries)):
        np.save(path, np.ascontiguousarray(values, dtype=np.float32))
    index = faiss.IndexFlatL2(rows.shape[1])
    index.add(np.load(paths[0]))
    queries = np.load(paths[1])
    out = bench.work / "distances.npy"
    bench.command("knn", "--bank", paths[0], "--query", paths[1], "--k", 1, "--out", out, "--distance", "squared", "--quiet")
    mine, other = np.load(out), index.search(queries, 1)[0]
    if not np.allclose(mine, other, rtol=1e-3, atol=1e-3 * float(np.median(other))):
        raise SystemExit("%s: okng and FAISS find different distances" % name)
    ours = bench.ours("knn", "--bank", paths[0], "--query", paths[1], "--k", 1, repeats=10)
    times = bench.alternate(ours, timed(lambda: index.search(queries, 1), 6))
    bench.report("1-NN, %d queries, %d rows, D %d, %s" % (*queries.shape[:1], *rows.shape, name), "FAISS flat L2", times, wanted)


def run(bench):
    import numpy as np
    rng = np.random.default_rng(0)
    _, weights = bench.backbone()
    networks = {384: ("okng-s features", "okng-s", ()),
                1536: ("wide_resnet50_2 features", "wide", ("--backbone", "wide_resnet50_2", "--weights", weights))}
    for dim, (name, folder, words) in networks.items():
        rows = bench.features(22, *words, name=folder)
        # the queries are of a picture that is not in the bank; the bank's order is a sample's
        bank = rows[QUERIES:][rng.permutation(len(rows) - QUERIES)[:ROWS]]
        compare(bench, name, bank, rows[:QUERIES], bench.wanted(10, 30 if dim == 384 else 20))
        noise = rng.standard_normal((QUERIES + ROWS, dim), dtype=np.float32)
        compare(bench, "noise", noise[QUERIES:], noise[:QUERIES], bench.wanted(2.5, 5 if dim == 384 else 3))
