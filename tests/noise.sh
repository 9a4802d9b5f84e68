#!/usr/bin/env bash
# What bad tiles among the good ones cost, with and without --noise-robust: 80 pictures, of which 0, 4, 8 are bad; inspected are the
# test set's good ones and the bad ones that were not learnt. Usage: tests/noise.sh BUILD [DRAWS] [options of okng build]. Prints
# the rows of the table in docs/doubtful.md; minutes, not a part of `make test`.
set -euo pipefail
. "$(dirname "$0")/tiles.sh"

links() { # links FOLDER FILE...: called by their kinds too
    mkdir -p "$1"
    local to=$1
    shift
    for file; do ln -s "$file" "$to/$(basename "$(dirname "$file")")_$(basename "$file")"; done
}

for ((d = 1; d <= draws; d++)); do
    for bad in 0 4 8; do
        rm -rf "${work:?}"/*
        mapfile -t hidden < <(draw "$bad" "bad $d" "$tiles"/test/{blowhole,break,crack,fray}/*)
        mapfile -t good < <(draw $((80 - bad)) "good $d" "$tiles"/train/good/*)
        links "$work/ok" "${good[@]}" ${hidden[@]+"${hidden[@]}"}
        links "$work/test/good" "$tiles"/test/good/*
        links "$work/test/ng" "$tiles"/test/{blowhole,break,crack,fray}/*
        for file in ${hidden[@]+"${hidden[@]}"}; do rm "$work/test/ng/$(basename "$(dirname "$file")")_$(basename "$file")"; done
        for robust in false true; do
            rm -rf "$work/out"
            "$okng" build --ok-dir "$work/ok" --out-dir "$work/bank" --quiet --noise-robust $robust "$@"
            "$okng" infer --bank-dir "$work/bank" --img "$work/test" --out-dir "$work/out" --quiet
            found=$(grep -c '^ng/[^,]*,[^,]*,NG' "$work/out/results.csv" || true)
            false=$(grep -c '^good/[^,]*,[^,]*,NG' "$work/out/results.csv" || true)
            auroc=$("$okng" metrics --scores "$work/out/results.csv" --json | sed -n 's/.*"image_auroc": *\([0-9.]*\).*/\1/p')
            printf '| draw %d | %d of 80 bad | noise-robust %s | AUROC %.3f | found %d of %d | false alarms %d of 60 |\n' \
                "$d" "$bad" $robust "$auroc" "$found" $((96 - bad)) "$false"
        done
    done
done
