# For tests/run.sh and tests/long.sh, which stand in the root of the source tree: building, running and counting.
# shellcheck shell=bash
logs=$PWD/build/logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0

# Starts a program beside what comes next; finish waits for it. In a process group of its own (set -m), because a shell starts what
# it does not wait for with SIGINT ignored, and tests interrupt.
start() { # start NAME COMMAND...
    local name=$1
    shift
    rm -f "$logs/$name.status"
    set -m
    {
        "$@"
        echo $? >"$logs/$name.status"
    } >"$logs/$name.log" 2>&1 </dev/null &
    set +m
    started[$name]=$!
}
declare -A started=()
trap 'for job in "${started[@]}"; do kill -- "-$job" 2>/dev/null; done' EXIT

finish() { # finish NAME
    wait "${started[$1]}" 2>/dev/null
    unset "started[$1]"
    count "$1" "$(cat "$logs/$1.status" || echo 1)"
}

run() { # run NAME COMMAND...
    local name=$1 status
    shift
    "$@" >"$logs/$name.log" 2>&1 </dev/null
    status=$?
    count "$name" "$status"
}

# Counts TAP lines of one program; a crash counts as one failure. cmocka 1.1.5 writes a skipped test as "not ok N # SKIP".
count() { # count NAME STATUS
    local name=$1 log="$logs/$1.log" status=$2 ok not_ok skip
    skip=$(grep -cE '^(not )?ok .*# SKIP' "$log")
    ok=$(grep '^ok ' "$log" | grep -vc '# SKIP')
    not_ok=$(grep '^not ok ' "$log" | grep -vc '# SKIP')
    if [ "$status" -ne 0 ] && [ "$not_ok" -eq 0 ]; then not_ok=1; fi
    if [ "$status" -eq 0 ] && [ $((ok + skip + not_ok)) -eq 0 ]; then ok=1; fi # a program that is one test
    passed=$((passed + ok)) failed=$((failed + not_ok)) skipped=$((skipped + skip))
    if [ "$not_ok" -gt 0 ]; then
        printf 'FAILED %s (%d of %d), exit status %d:\n' "$name" "$not_ok" "$((ok + not_ok))" "$status"
        tail -n 60 "$log"
    else
        printf '%-52s %4d passed%s\n' "$name" "$ok" "$([ "$skip" -gt 0 ] && echo ", $skip skipped")"
    fi
}

build() { # build PRESET FOLDER TARGET...
    local preset=$1 folder=$2
    shift 2
    if ! { cmake --preset "$preset" -DOKNG_TESTS=ON && ninja -C "$folder" "$@"; } >"$logs/build-$preset.log" 2>&1; then
        tail -n 40 "$logs/build-$preset.log"
        echo "FAILED: the $preset build"
        echo "$passed passed, $((failed + 1)) failed"
        exit 1
    fi
    echo "built $preset"
}

summary() { # the last line, and the exit status
    [ "$skipped" -eq 0 ] || echo "$skipped skipped (they need ../shared or a feature of the machine)"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
