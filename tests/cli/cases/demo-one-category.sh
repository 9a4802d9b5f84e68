# needs: fixture
# One product from pictures to report; the report holds all that it shows.
okng demo --out out --category washer "${small[@]}" --coreset 0.01
ls out out/washer out/results/mvtec/patchcore/demo out/results/mvtec/patchcore/demo/washer
report=out/results/mvtec/patchcore/demo/report.html
grep -c '<section' $report
grep -o 'alt="Overlay of' $report | sort | uniq -c | sed 's/^ *//;s/^[1-9][0-9]*/some/'
grep -oE '(src|href)="(http|[^d#])[^"]*' $report
# another seed, other pictures: what was there is replaced
okng demo --out out --category washer "${small[@]}" --coreset 0.01 --seed 1 --json | grep -E '"(washer|report)"'
true
