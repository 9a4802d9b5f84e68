# needs: bank
# Regions of the mask that are too long, or too many: NG whatever the score says. A bank keeps the limits.
cp -r bank/ b
run() { rm -rf out; okng infer --bank-dir b --img ng/000.png --out-dir out --threshold-image 100 --threshold-pixel 1.5 "$@"; }
told() { grep '"limit"\|"found"\|"allowed"' out/scores.json; grep '"verdict"\|"max_length"\|"max_count"\|"min_area"' out/scores.json; }
longest=$(run --json | grep '"length"' | tr -dc '0-9.\n' | sort -g | tail -n 1)
number=$(run --json | grep -c '"length"')
run --max-length "$(awk "BEGIN { print $longest + 0.01 }")" --max-count "$number" --quiet && told
run --max-length "$(awk "BEGIN { print $longest - 0.01 }")" --review 50,200 && told
run --max-count "$((number - 1))" --exit-code --quiet; echo "exit $?"
echo "an empty mask of what is OK says nothing of what is not"
run --max-count "$((number - 1))" --mask-ok none --quiet && told
run --mask-ok none --quiet && grep -c '"length"' out/scores.json
echo "kept in the bank"
okng bank set b --max-count "$((number - 1))" --max-length 1000 --min-area 2
okng bank show b | sed -n '/region_limits/,/max_count/p'
run && told
echo "one that is given holds in its place"
run --max-count 1000 --min-area 0 --quiet && told
okng bank set b --max-count off --quiet && run --quiet && told
okng bank set b --reset --quiet && diff -r b bank && echo "the bank is as it was"
okng bank set b --max-length -1; echo "exit $?"
okng bank set b --max-count bank; echo "exit $?"
run --max-length far; echo "exit $?"
