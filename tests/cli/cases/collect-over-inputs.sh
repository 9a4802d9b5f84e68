# A table does not take the place of a file that it is made of, by whatever name; others may lie among them.
mkdir -p results/mvtec/patchcore/first/tile other
echo '{"okng_metrics": 1, "dataset": "mvtec", "category": "tile", "method": "patchcore", "experiment": "first", "metrics": {"image_auroc": 0.5}}' >results/mvtec/patchcore/first/tile/metrics.json
cp -r results before
ln -s ../results/mvtec/patchcore/first/tile/metrics.json other/table.json
ln -s results linked
try() {
    okng collect "$@"
    echo "exit $?"
}
try results --out results/mvtec/patchcore/first/tile/metrics.json
try other/../results --out linked/mvtec/patchcore/first/tile/metrics.json
try results --out other/table.json
try linked/mvtec/patchcore/first --out results/mvtec/patchcore/first/summary_metrics.csv
diff -r results before && echo "nothing was lost"
try results --out other/new.csv --quiet
try results --out results.csv --quiet
cd results
try . --out all.csv --quiet
try . --out all.csv --quiet
