#!/usr/bin/env bash
# okng by several processes: what 1 to 4 of them make, byte for byte; what they refuse, and by whose name; deaths and signals.
# Usage: tests/mpi.sh BUILD [TEST...]. Prints TAP; skips where mpirun or okng-mpi is not there.
set -uo pipefail
export LC_ALL=C OKNG_LANGUAGE=en OMP_NUM_THREADS=1
tree=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
shift
okng=$tree/okng
skip() { echo "ok 1 - okng by several processes # SKIP needs $1"; echo 1..1; exit 0; }
command -v mpirun >/dev/null || skip "mpirun, which openmpi-bin brings"
[ -x "$tree/okng-mpi" ] || skip "okng-mpi, which is built where libopenmpi-dev is"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
"$tree/tests/make_fixture" fix 12 || { echo "Bail out! make_fixture failed"; exit 1; }
small=(--resize 64x64 --threads 1)
mkdir many && for i in $(seq 10 69); do cp fix/ok/000.png "many/$i.png"; done

mpi() { timeout 120 mpirun --allow-run-as-root --oversubscribe "$@"; }
ranks() { mpi -n "$1" "$okng" "${@:2}"; } # ranks N WORDS...
# told WORDS...: a command that must fail, and what okng said on stderr, without its warnings and what mpirun adds
told() { ! "$@" >out 2>err </dev/null && heard >told; }
heard() { grep -a '^okng: ' err | grep -v '^okng: warning:'; }
same() { diff -r "$1" "$2" >difference || { head -20 difference; return 1; }; }
is() { [ "$1" = "$2" ] || { printf 'found:    %s\nexpected: %s\n' "$1" "$2"; return 1; }; }

# ---- the same bytes ------------------------------------------------------------------------------

builds_the_bank_of_one_process() {
    local n
    for n in 2 3 4; do
        ranks $n build --ok-dir fix/ok --out-dir "bank$n" "${small[@]}" --quiet && same bank "bank$n" || return 1
    done
    "$okng" build --ok-dir fix/ok --out-dir other "${small[@]}" --sampler approx-greedy --noise-robust --foreground pca --quiet &&
        ranks 3 build --ok-dir fix/ok --out-dir other3 "${small[@]}" --sampler approx-greedy --noise-robust --foreground pca --quiet &&
        same other other3
}

inspects_as_one_process() {
    "$okng" infer --bank-dir bank --img fix/ok fix/ng --out-dir seen --save-map --report --threads 1 --json >seen.json || return 1
    ranks 4 infer --bank-dir bank --img fix/ok fix/ng --out-dir seen4 --save-map --report --threads 1 --json >said &&
        same seen seen4 && sed s/seen4/seen/ said | diff - seen.json
}

# onnxruntime chooses its own instructions, so none may be asked for; one thread each, as its bits depend on how many.
runs_other_engines_as_one_process() {
    local library=${OKNG_ONNXRUNTIME:-$(compgen -G "${OKNG_ORT:-$here/../build/ort/node_modules}/onnxruntime-node/bin/napi-v*/linux/x64/libonnxruntime.so.1*" | head -n 1)}
    [ -e "$library" ] || return 2
    local words=(build --ok-dir fix/ok --device onnxruntime "${small[@]}" --quiet)
    export OKNG_ONNXRUNTIME=$library
    "$okng" "${words[@]}" --out-dir ort && ranks 3 "${words[@]}" --out-dir ort3 && same ort ort3 || return 1
    words=(infer --bank-dir bank --device onnxruntime --img fix/ok fix/ng --threads 1 --quiet)
    "$okng" "${words[@]}" --out-dir seen-ort && ranks 3 "${words[@]}" --out-dir seen-ort3 && same seen-ort seen-ort3 &&
        "$okng" "${words[@]}" --whole --out-dir seen-whole && ranks 3 "${words[@]}" --whole --out-dir seen-whole3 &&
        same seen-whole seen-whole3 || return 1
    words=(infer --bank-dir bank --device onnxruntime --img fix/ng --out-dir never --threads 1)
    told mpi -n 1 "$okng" "${words[@]}" : -n 1 -x OKNG_ONNXRUNTIME=/nowhere "$okng" "${words[@]}" &&
        grep -q 'rank 1 on host .*"/nowhere", where there is no library' told && [ ! -e never ] || { cat err; return 1; }
}

# 1024 rows of 384 numbers; NaN in row 130
rows() {
    [ -e rows.npy ] || "$okng" embed --img fix/ok/000.png --out rows.npy --resize 256x256 --quiet || return 1
    cp rows.npy hole.npy && printf '\000\000\300\177' | dd of=hole.npy bs=4 seek=$((32 + 130 * 384)) conv=notrunc status=none
}

chooses_the_coreset_of_one_process() {
    local words=(coreset --in rows.npy --coreset 0.3 --threads 1 --quiet)
    rows && "$okng" "${words[@]}" --out i.npy && ranks 3 "${words[@]}" --out i3.npy && cmp i.npy i3.npy &&
        "$okng" "${words[@]}" --sampler approx-greedy --projection none --out a.npy &&
        ranks 4 "${words[@]}" --sampler approx-greedy --projection none --out a4.npy && cmp a.npy a4.npy
}

measures_as_one_process() {
    local words=(eval --root fix/mvtec "${small[@]}" --quiet)
    "$okng" "${words[@]}" --out-dir measured && ranks 3 "${words[@]}" --out-dir measured3 || return 1
    find measured measured3 -name scores.json | xargs sed -i '/milliseconds/d'
    for folder in $(cd measured && find . -name bank -o -name anomaly_maps -o -name scores.json); do
        same "measured/$folder" "measured3/$folder" || return 1
    done
    # all but times and memory
    figures() { grep -vE '"(features|coreset|calibration|evaluate|p50|p95|p99|mean|decode|resize|network|patches|search|post|throughput)"|second|bytes' "$1"/*/*/*/*/metrics.json | cut -d: -f2-; }
    diff <(figures measured) <(figures measured3) | head -20
    diff -q <(figures measured) <(figures measured3) >/dev/null
}

# ---- refusals, before anything is written --------------------------------------------------------

# refuses PART RANK1...: a build by two ranks, of which the second is started by other words, says this of it, once
refuses() {
    rm -rf never
    told mpi -n 1 "$okng" build --ok-dir fix/ok --out-dir never "${small[@]}" : -n 1 "${@:2}" &&
        [ "$(wc -l <told)" -eq 1 ] && grep -q "rank 1 on host .*$1" told && [ ! -e never ] && return 0
    cat err
    return 1
}

refuses_what_is_not_alike() {
    local words=(build --ok-dir fix/ok --out-dir never "${small[@]}")
    mkdir -p changed && cp "$tree/okng-mpi" changed/okng-mpi && echo >>changed/okng-mpi
    mkdir -p without && cp "$okng" without/okng
    refuses "okng-mpi, which is not here" -x PATH=/nonexistent without/okng "${words[@]}" &&
        refuses "has another build of okng" changed/okng-mpi "${words[@]}" &&
        refuses "has other options" "$okng" "${words[@]}" --seed 7
}

refuses_other_pictures() {
    mkdir -p elsewhere/fix && cp -r fix/ok elsewhere/fix/ && cp fix/ok/000.png elsewhere/fix/ok/003.png
    local words=(build --ok-dir fix/ok --out-dir never "${small[@]}")
    refuses "fix/ok/003.png: is another file" -wdir "$work/elsewhere" "$okng" "${words[@]}" &&
        rm elsewhere/fix/ok/005.png && cp fix/ok/003.png elsewhere/fix/ok/ &&
        refuses "fix/ok/005.png: cannot be read" -wdir "$work/elsewhere" "$okng" "${words[@]}"
}

# With so little memory that the rows go to a file.
refuses_a_disk_that_cannot_take_the_rows() {
    local words=(build --ok-dir many --out-dir never --resize 256x256 --threads 1) need
    need=$("$okng" "${words[@]}" --max-memory 1M 2>&1 | sed -n 's/.*about \([0-9]*\) MiB are needed.*/\1/p')
    words+=(--max-memory "$((need + 20))M")
    rm -rf never
    told mpi -n 1 "$okng" "${words[@]}" : -n 1 -x TMPDIR=/nonexistent "$okng" "${words[@]}" && [ "$(wc -l <told)" -eq 1 ] &&
        grep -q 'rank 1 on host .*: /nonexistent: cannot make the temporary file' told && [ ! -e never ] && return 0
    cat err
    return 1
}

refuses_rows_that_are_not_finite() {
    rows && told ranks 3 coreset --in hole.npy --out never.npy --threads 1 && grep -q 'row 130 ' told && [ ! -e never.npy ] || { cat err; return 1; }
}

refuses_verbs_and_words_once() {
    told ranks 3 demo --out demo && is "$(cat told)" "okng: okng demo does not share its work between processes; start it without mpirun" &&
        told ranks 3 infer --bank-dir nowhere --img fix/ng --out-dir never && [ "$(wc -l <told)" -eq 1 ] && [ ! -e never ] &&
        told ranks 2 build --ok-dir && [ "$(wc -l <told)" -eq 1 ]
}

# ---- deaths and signals ----------------------------------------------------------------------------

# begin NAME WORDS...: two ranks; their process numbers come into NAME0 and NAME1. Waits until work has begun.
begin() {
    local name=$1
    shift
    rm -f "$name"[01]
    mpi -n 1 sh -c "echo \$\$ >${name}0; exec \"\$0\" \"\$@\"" "$okng" "$@" : -n 1 sh -c "echo \$\$ >${name}1; exec \"\$0\" \"\$@\"" "$okng" "$@" \
        >out 2>err </dev/null &
    started=$!
}
await() { # await CONDITION...: at most 20 seconds
    local i
    for ((i = 0; i < 400; i++)); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.05
    done
    echo "waited in vain for $*"
    return 1
}

a_death_ends_all_and_leaves_what_was_there() {
    cp -r bank kept && cp -r bank before
    begin pid build --ok-dir many --out-dir kept "${small[@]}" &&
        await test -e .kept.okng-lock && kill -9 "$(cat pid1)" && ! wait $started && grep -aq 'rank 1 .*signal 9' err && same before kept &&
        ranks 2 build --ok-dir fix/ok --out-dir kept "${small[@]}" --quiet && same bank kept && [ -z "$(ls -d .kept.* 2>/dev/null)" ]
}

a_run_that_died_goes_on() {
    local results=results/mvtec/patchcore/died
    cat >run.yaml <<END
experiment: {name: died, output_root: results}
data: {dataset: mvtec, root: fix/mvtec, threads: 1, transforms: {resize: [64, 64]}}
evaluation: {latency: {warmup_iters: 0, measure_iters: 60}}
END
    begin pid run --config run.yaml && await test -e $results/cloth/metrics.json && kill -9 "$(cat pid1)" && ! wait $started &&
        [ ! -e $results/weave/metrics.json ] && cp $results/cloth/metrics.json first.json &&
        ranks 2 run --config run.yaml && cmp first.json $results/cloth/metrics.json && [ -e $results/weave/metrics.json ] &&
        same measured/mvtec/patchcore/default/weave/bank $results/weave/bank
}

a_signal_stops_in_order() {
    cp -r bank asked
    begin pid build --ok-dir many --out-dir asked "${small[@]}" && await test -e .asked.okng-lock && kill -TERM "$(cat pid0)"
    wait $started
    is $? 143 && is "$(heard)" "okng: interrupted" && same bank asked && [ -z "$(ls -d .asked.* 2>/dev/null)" ]
}

# ----------------------------------------------------------------------------------------------------

all=(builds_the_bank_of_one_process inspects_as_one_process runs_other_engines_as_one_process chooses_the_coreset_of_one_process measures_as_one_process
    refuses_what_is_not_alike refuses_other_pictures refuses_a_disk_that_cannot_take_the_rows refuses_rows_that_are_not_finite
    refuses_verbs_and_words_once a_death_ends_all_and_leaves_what_was_there a_run_that_died_goes_on
    a_signal_stops_in_order)
"$okng" build --ok-dir fix/ok --out-dir bank "${small[@]}" --quiet || { echo "Bail out! the bank of one process"; exit 1; }
number=0 failed=0
for test in "${@:-${all[@]}}"; do
    number=$((number + 1))
    said=$($test 2>&1)
    status=$?
    if [ $status = 0 ]; then
        echo "ok $number - ${test//_/ }"
    elif [ $status = 2 ]; then
        echo "ok $number - ${test//_/ } # SKIP needs onnxruntime, see CONTRIBUTING.md"
    else
        failed=1
        echo "not ok $number - ${test//_/ }"
        echo "$said" | sed 's/^/# /'
    fi
done
echo "1..$number"
exit $failed
