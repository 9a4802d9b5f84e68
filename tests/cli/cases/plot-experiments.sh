# Figures and a report for each experiment, and a figure that compares them.
for name in first second; do
    mkdir -p results/mvtec/patchcore/$name/tile
    echo "{\"okng_metrics\": 1, \"dataset\": \"mvtec\", \"category\": \"tile\", \"method\": \"patchcore\", \"experiment\": \"$name\",
        \"metrics\": {\"image_auroc\": 0.75, \"pixel_auroc\": 0.96, \"aupro_30\": 0.9}, \"stages_ms\": {\"network\": 12.5, \"search\": 2},
        \"curves\": {\"image_roc\": [[0, 0], [0.25, 1], [1, 1]], \"pro\": [[0, 0], [0.1, 0.9], [1, 1]]}}" >results/mvtec/patchcore/$name/tile/metrics.json
    echo '{"threshold": 2, "pictures": [{"name": "good/0.png", "label": 0, "score": 1, "verdict": "OK"},
        {"name": "cut/0.png", "label": 1, "score": 3, "verdict": "NG"}]}' >results/mvtec/patchcore/$name/tile/scores.json
done
okng plot results/mvtec/patchcore/first | sed 's/, [0-9]* figures/, N figures/'
ls results/mvtec/patchcore/first results/mvtec/patchcore/first/figures/*.svg
okng plot results --json | grep -v '"figures"'
ls results/figures/*.svg results/mvtec/patchcore/second/report.html
grep -o 'Published figures for MVTec AD' results/mvtec/patchcore/second/report.html
grep -c 'https\?://' results/mvtec/patchcore/second/figures/tile_roc.svg # the name space alone: nothing is loaded
