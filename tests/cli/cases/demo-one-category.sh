# needs: fixture
# One product from pictures to report, which needs nothing but the files beside it.
okng demo --out out --category washer "${small[@]}" --coreset 0.01
ls out out/washer out/results/mvtec/patchcore/demo out/results/mvtec/patchcore/demo/washer
report=out/results/mvtec/patchcore/demo/report.html
grep -c '<section' $report
grep -oE '(src|href)="(http|[^d#])[^"]*' $report
# another seed, other pictures: what was there is replaced
okng demo --out out --category washer "${small[@]}" --coreset 0.01 --seed 1 --json | grep -E '"(washer|report)"'
true
