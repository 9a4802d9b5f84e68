#!/usr/bin/env bash
# A bad part among the good ones must stand at the head of the list of the oddest: 24 good tiles with one bad one among them, for
# 20 bad ones, in each of DRAWS draws of both. Usage: tests/hidden.sh BUILD [DRAWS] [options of okng build]. Prints TAP, and for
# docs/doubtful.md the ranks by the measure of doubt and by the scores. A build a second: not a part of `make test`.
set -uo pipefail
. "$(dirname "$0")/tiles.sh"

# rank KEY: which the hidden picture is by that array of tau.json, 1 = the highest
rank() {
    awk -v key="\"$1\"" '
        /\[/ { list = $1 } /\]/ { list = "" }
        list == "\"image_names\":" && /"/ && !/\[/ { gsub(/[",]/, ""); name[++n] = $1 }
        list == key ":" && !/\[/ { gsub(/,/, ""); value[++v] = $1 + 0 }
        END { for (i = 1; i <= n; i++) if (name[i] == "hidden.jpg") own = value[i]
              for (i = 1; i <= v; i++) above += value[i] > own
              print above + 1 }' "$work/bank/tau.json"
}

echo "1..$((draws + 1))"
failed=0 all=0 all_by_score=0
for ((d = 1; d <= draws; d++)); do
    mapfile -t good < <(draw 24 "good $d" "$tiles"/train/good/*)
    mapfile -t bad < <(draw 20 "bad $d" "$tiles"/test/{blowhole,break,crack,fray}/*)
    doubts='' scores='' found=0 by_score=0
    rm -rf "$work/ok"
    mkdir "$work/ok"
    ln -s "${good[@]}" "$work/ok"
    for file in "${bad[@]}"; do
        ln -sf "$file" "$work/ok/hidden.jpg"
        "$okng" build --ok-dir "$work/ok" --out-dir "$work/bank" --quiet "$@" || { echo "Bail out! a build failed"; exit 1; }
        doubt=$(rank image_doubts) score=$(rank image_scores)
        doubts+=" $doubt" scores+=" $score"
        found=$((found + (doubt <= 3))) by_score=$((by_score + (score <= 3)))
    done
    all=$((all + found)) all_by_score=$((all_by_score + by_score))
    if [ "$found" -ge 12 ]; then echo "ok $d - draw $d"; else echo "not ok $d - draw $d"; failed=1; fi
    printf '# among the first three: %d of 20 by doubt (ranks%s)\n# %d of 20 by score (ranks%s)\n' "$found" "$doubts" "$by_score" "$scores"
done
if [ "$all" -gt "$all_by_score" ]; then echo "ok $d - more than by the scores"; else echo "not ok $d - more than by the scores"; failed=1; fi
printf '# among the first three, all draws: %d of %d by doubt, %d by score\n' "$all" $((20 * draws)) "$all_by_score"
exit $failed
