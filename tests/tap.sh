# For tests/run.sh and tests/long.sh, which stand in the root of the source tree: building, running and counting.
# shellcheck shell=bash
logs=$PWD/build/logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0

# Programs run a few at a time, because most use one core: JOBS of them, or one a core up to two. What came of them is counted and
# printed in the order in which they were asked for.
jobs=${JOBS:-$(($(nproc) < 2 ? 1 : 2))}
declare -A running=() # process by name
queue=()              # names, in order, of what is not counted yet
trap 'for job in "${running[@]}"; do kill -- "-$job" 2>/dev/null; done' EXIT

# Starts a program as soon as there is room. In a process group of its own (set -m), because a shell starts what it does not wait for
# with SIGINT ignored, and tests interrupt.
run() { # run NAME COMMAND...
    launch "$@"
    queue+=("$1")
}

launch() {
    local name=$1
    shift
    until [ ${#running[@]} -lt "$jobs" ]; do await; done
    rm -f "$logs/$name.status"
    set -m
    {
        "$@"
        echo $? >"$logs/$name.status"
    } >"$logs/$name.log" 2>&1 </dev/null &
    running[$name]=$!
    set +m
}

# Waits for one of those that run, then counts those at the head of the queue that have ended. A look at their files, since `wait -n` may
# miss one that ended before it; who was killed leaves no status.
await() {
    local name before=${#running[@]}
    while :; do
        for name in "${!running[@]}"; do
            [ ! -s "$logs/$name.status" ] && kill -0 "${running[$name]}" 2>/dev/null || unset "running[$name]"
        done
        [ ${#running[@]} -eq "$before" ] && [ "$before" -gt 0 ] || break
        sleep 0.05
    done
    while [ ${#queue[@]} -gt 0 ] && [ -z "${running[${queue[0]}]:-}" ]; do
        count "${queue[0]}" "$(cat "$logs/${queue[0]}.status" 2>/dev/null || echo 1)"
        queue=("${queue[@]:1}")
    done
}

settle() { # waits for all
    while [ ${#running[@]} -gt 0 ]; do await; done
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

# Builds beside the tests that come next, which go first where cores are few; `built` waits for it, and ends all where it failed.
build() { # build PRESET FOLDER TARGET...
    launch "build-$1" compile "$@"
}

compile() {
    local preset=$1 folder=$2
    shift 2
    cmake --preset "$preset" -DOKNG_TESTS=ON && nice -n 5 ninja -C "$folder" "$@"
}

built() { # built PRESET
    while [ -n "${running[build-$1]:-}" ]; do await; done
    if [ "$(cat "$logs/build-$1.status" 2>/dev/null)" = 0 ]; then
        echo "built $1"
        return
    fi
    tail -n 40 "$logs/build-$1.log"
    settle
    echo "FAILED: the $1 build"
    echo "$passed passed, $((failed + 1)) failed"
    exit 1
}

summary() { # the last line, and the exit status
    settle
    [ "$skipped" -eq 0 ] || echo "$skipped skipped (they need ../shared or a feature of the machine)"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
