# needs: clip
# Good pictures beside what was learnt: drawn by the seed, remembered in twelve streams, with thresholds where there are two.
mini=(--method miniclip --checkpoint clip/afclip "${clip[@]}" --ok-dir ok)
okng build "${mini[@]}" --k-shot 2 --seed 3 --out-dir two | grep -E '^(learned|bank|thresholds|  )'
okng build "${mini[@]}" --k-shot 2 --seed 3 --threads 1 --out-dir again --quiet
cmp two/afclip.safetensors again/afclip.safetensors && cmp two/tau.json again/tau.json && echo "the same"
okng bank show two | grep -E '^ +(pictures|calibration|rows|dim|alpha) '
okng infer --bank-dir two --img ok/000.png ng/000.png --out-dir out --quiet
cut -d, -f1,3,5 out/results.csv
grep -A1 -E '"by"' out/ng/000/scores.json
okng infer --bank-dir two --img ng/000.png --out-dir single --threads 1 --quiet
cmp single/heat_gray.png out/ng/000/heat_gray.png && echo "alone or not"
okng build "${mini[@]}" --k-shot 1 --out-dir one | grep -E '^thresholds'
okng bank show one | grep 'none:'
# thinned: fewer rows in each stream, the same for any number of threads; without words the map is the memory's
okng build "${mini[@]}" --k-shot 3 --coreset 0.25 --out-dir thin --quiet && okng bank show thin | grep -E '^ +(rows|coreset|sampler) '
okng build "${mini[@]}" --k-shot 3 --coreset 0.25 --threads 1 --out-dir thin-again --quiet && cmp thin/afclip.safetensors thin-again/afclip.safetensors &&
    cmp thin/tau.json thin-again/tau.json && echo "the same"
okng build "${mini[@]}" --k-shot 3 --coreset-size 7 --sampler kmeans --out-dir seven --quiet && okng bank show seven | grep -E '^ +rows '
okng build "${mini[@]}" --k-shot 2 --alpha 0 --out-dir pictures --quiet && okng infer --bank-dir pictures --img ng/000.png --out-dir by-pictures --quiet
grep -E '"by"' by-pictures/scores.json
okng build "${mini[@]}" --k-shot 2 --max-memory 1M --out-dir small
okng build "${mini[@]}" --k-shot 9 --out-dir nine
[ ! -e small ] && [ ! -e nine ] && echo "nothing was written"
