# Experiments are joined, a row each or a row per category; a figure that one lacks stays empty.
experiment() { # experiment DATASET NAME CATEGORY IMAGE_AUROC MORE
    mkdir -p "results/$1/patchcore/$2/$3"
    echo "{\"okng_metrics\": 1, \"dataset\": \"$1\", \"category\": \"$3\", \"method\": \"patchcore\", \"experiment\": \"$2\",
        \"metrics\": {\"image_auroc\": $4$5}, \"curves\": {\"image_roc\": [[0, 0], [0.25, 1], [1, 1]]}}" >"results/$1/patchcore/$2/$3/metrics.json"
}
experiment mvtec first tile 0.75 ', "pixel_auroc": 0.96'
experiment mvtec first grid 1.0 ''
experiment demo second washer 0.5 ', "aupro_30": 0.25'
okng collect results
okng collect results/mvtec results --per-category --out all.csv
cut -d, -f1-5,9,13 all.csv
okng collect results/mvtec/patchcore/first --out all.md --quiet
cat all.md
okng collect results --json | grep -c image_auroc
okng collect results --out all.json --per-category --quiet
grep category all.json
