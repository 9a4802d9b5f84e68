# needs: mvtec
# One document; the same figures for any number of threads.
quick=(--root mvtec "${small[@]}" --latency-runs 0 --examples 0 --json)
okng eval "${quick[@]}" --threads 1 --name one | grep -E '"(folder|report|cloth|weave|image_auroc)"'
okng eval "${quick[@]}" --threads 3 --name three >/dev/null
for category in cloth weave; do
    for name in one three; do
        grep -vE '"(experiment|features|coreset|calibration|evaluate|peak_bytes)"' "results/mvtec/patchcore/$name/$category/metrics.json" >"$name.json"
    done
    cmp one.json three.json
done
