# needs: clip
# Good pictures beside the words: they are drawn by the seed, give thresholds where there are two, and explain.
winclip=(--method winclip --class-name "metal nut" "${clip[@]}" --ok-dir ok)
okng build "${winclip[@]}" --k-shot 2 --seed 3 --out-dir two | grep -E '^(learned|bank|thresholds|  )'
okng build "${winclip[@]}" --k-shot 2 --seed 3 --threads 1 --out-dir again --quiet
cmp two/winclip.safetensors again/winclip.safetensors && cmp two/tau.json again/tau.json && echo "the same"
okng bank show two | grep -E '^ +(pictures|calibration|rows|dim) '
okng infer --bank-dir two --img ok/000.png ng/000.png --out-dir out --quiet
cut -d, -f1,3,5 out/results.csv
grep -A1 -E '"by"' out/ng/000/scores.json
okng build "${winclip[@]}" --k-shot 1 --out-dir one | grep -E '^thresholds'
okng bank show one | grep 'none:'
okng infer --bank-dir one --img ng/000.png --out-dir alone
okng build "${winclip[@]}" --k-shot 9 --out-dir nine
okng build "${winclip[@]}" --k-shot none --out-dir nine
okng build "${winclip[@]}" --k-shot 0 --out-dir nine
okng build --ok-dir ok --k-shot 3 --out-dir rows --quiet && okng bank show rows | grep -E '^ +pictures '
