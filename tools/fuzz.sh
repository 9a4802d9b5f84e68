#!/bin/sh
# Runs every fuzz target for FUZZ_SECONDS (default 60) over a copy of its corpus. Needs clang and its runtime
# (Debian: clang libclang-rt-14-dev).
set -eu
cd "$(dirname "$0")/.."
cmake --preset fuzz >/dev/null
ninja -C build/fuzz >/dev/null
export LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0"
OKNG_FUZZ_DIR=$(mktemp -d /dev/shm/okng_fuzz_XXXXXX) # what targets keep in memory: those that find something leave it
export OKNG_FUZZ_DIR
trap 'rm -rf "$OKNG_FUZZ_DIR"' EXIT
trap 'exit 130' INT TERM
failed=
for target in build/fuzz/tests/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=$(basename "$target")
    found=build/fuzz/found/$name
    mkdir -p "$found"
    echo "== $name"
    "$target" -max_total_time="${FUZZ_SECONDS:-60}" -rss_limit_mb=4096 -print_final_stats=1 -artifact_prefix="$found-" \
        "$found" "tests/fuzz/corpus/${name#fuzz_}" >"$found.log" 2>&1 || failed="$failed $name"
    tail -n 8 "$found.log"
done
[ -z "$failed" ] || { echo "failed:$failed; what was found is in build/fuzz/found" && exit 1; }
