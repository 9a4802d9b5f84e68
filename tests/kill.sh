#!/usr/bin/env bash
# kill -9 for everything that writes. Usage: tests/kill.sh BUILD [VERB...]. Prints TAP, one test for each verb.
#
# Each job is done once undisturbed: what was there before is OLD, what is there then is NEW. Then it is begun in OLD again and
# again and its process group is killed, KILLS times (20 unless set) at random moments that are spread over the time that it
# takes, and a quarter as often right before a random one of its calls that change the file system (where they are few before
# each). After each kill every file must be the old or the new one (whole_files.c), nothing of a user's may be gone, and a
# bank must be the old or the new one as a whole. Then the same command runs again, every fourth time killed once more before, and must leave what the undisturbed
# one left, with nothing besides. At last SIGTERM a few times: a verb that stops in order leaves nothing behind even then.
# SEED (printed) gives the same moments again; on another machine they are other steps of the work. OKNG=FILE tries another okng.
set -uo pipefail
export LC_ALL=C
tree=$(realpath "$1") OKNG=${OKNG:-$(realpath "$1")/okng} KILLS=${KILLS:-20} SEED=${SEED:-$RANDOM}
shift
RANDOM=$SEED
golden=$(realpath "$(dirname "$0")/golden")
[ -x "$tree/tests/whole_files" ] || { echo "Bail out! $tree/tests/whole_files is not there; build the tests first"; exit 1; }
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cd "$work" || exit 1
export HOME=$work/home TMPDIR=$work/tmp OMP_NUM_THREADS=${OMP_NUM_THREADS:-2} OKNG_LANGUAGE=en
mkdir home tmp
unset XDG_CACHE_HOME
"$tree/tests/make_fixture" fix || { echo "Bail out! make_fixture failed"; exit 1; }
mkdir fix/clip && "$tree/tests/make_clip" clip-tinyclip-8m-16 fix/clip/tiny.safetensors --f16 &&
    "$tree/tests/make_clip" --vocabulary fix/clip/bpe_simple_vocab_16e6.txt.gz || { echo "Bail out! make_clip failed"; exit 1; }
okng() { "$OKNG" "$@"; }
small=(--backbone resnet18 --weights ../../fix/resnet18.safetensors --resize 64x64)

# ---- the jobs: NAME_before makes what is there before in the working folder, NAME is the command -------------------------

keep() { # what a user has beside and among what okng writes
    mkdir -p "$1" && echo "of a user" >"$1/notes.txt" && echo "of a user" >"$1/.hidden" && echo "of a user" >"$1/notes.txt.1a2b"
}
bank() { okng build --ok-dir ../../fix/ok --out-dir "$1" "${small[@]}" --quiet "${@:2}" 2>/dev/null; }
build_before() { keep . && echo "of a user" >bank.lock && keep bank.old && keep bank.building && keep bank.unseen && bank bank --coreset-size 20; }
build=(build --ok-dir ../../fix/ok --out-dir bank "${small[@]}" --report)
build_gone=(--gone bank/) build_trim_gone=(--gone bank/) import_gone=(--gone bank/) import_ensemble_gone=(--gone bank/)
build_trim_before() { build_before && echo 002.png >leave; }
build_trim=(build --ok-dir ../../fix/ok --out-dir bank "${small[@]}" --trim 1 --exclude leave)
build_subspace_before() { keep .; }
build_subspace=(build --ok-dir ../../fix/ok --out-dir bank "${small[@]}" --method subspace --calibration train --layers layer1)
build_add_before() { # a bank of some of the good pictures; the others come to it. Done once more it is refused: all are known
    mkdir -p ../../fix/first ../../fix/more && cp ../../fix/ok/00[0-4].png ../../fix/first && cp ../../fix/ok/00[5-7].png ../../fix/more
    keep . && okng build --ok-dir ../../fix/first --out-dir bank "${small[@]}" --quiet 2>/dev/null
}
build_add=(bank add bank --ok-dir ../../fix/more)
build_add_gone=(--gone bank/)
clip=(--backbone clip-tinyclip-8m-16 --weights ../../fix/clip/tiny.safetensors --resize 32x32)
winclip=(--method winclip --class-name nut --scales 2 "${clip[@]}")
build_winclip_before() { keep . && okng build --out-dir bank "${winclip[@]}" --quiet 2>/dev/null; }
build_winclip=(build --ok-dir ../../fix/ok --k-shot 2 --out-dir bank "${winclip[@]}")
build_winclip_gone=(--gone bank/)
build_afclip_before() {
    [ -e ../../fix/learnt ] || "$tree/tests/make_afclip" clip-tinyclip-8m-16 ../../fix/learnt --large || return 1
    keep . && okng build --out-dir bank --method miniclip --checkpoint ../../fix/learnt "${clip[@]}" --quiet 2>/dev/null
}
build_afclip=(build --ok-dir ../../fix/ok --k-shot 2 --coreset 0.5 --out-dir bank --method miniclip --checkpoint ../../fix/learnt "${clip[@]}")
build_afclip_gone=(--gone bank/)
text_embed_before() { keep . && okng text-embed --text old --out t.npy "${clip[@]:0:4}" --quiet; }
text_embed=(text-embed --text "a nut" --text "a bad nut" --out t.npy "${clip[@]:0:4}")
infer_made_before() { keep out; }
infer_made=(infer --img ../../fix/ng/000.png --out-dir out --save-map --threshold-image 0.5 "${winclip[@]}")
import_before() { build_before; }
import=(import anomalib "$golden/import/anomalib.ckpt" --out-dir bank)
import_ensemble_before() { build_before; }
import_ensemble=(import patchcore-inspection "$golden/import/ensemble" --out-dir bank --weights ../../fix/resnet18.safetensors --resize 72)
infer_before() { keep out; }
infer=(infer --bank-dir ../bank --img ../../fix/ng/000.png --out-dir out --save-map --fuse-ref ../../fix/ok/000.png)
infer_report_before() { :; }
infer_report=(infer --bank-dir ../bank --img ../../fix/ok ../../fix/ng --out-dir out --save-map --report)
infer_report_again=("${infer_report[@]}" --append)
infer_append_before() {
    okng infer --bank-dir ../bank --img ../../fix/ok --out-dir out --quiet && keep out
    sed -i '1s/$/,note/; 2,$s/$/,"by hand, ok"/' out/results.csv
}
infer_append=(infer --bank-dir ../bank --img ../../fix/ng ../../fix/mvtec/cloth/test --out-dir out --append)
eval_before() { keep out/mvtec/patchcore; }
eval=(eval --dataset mvtec --root ../../fix/mvtec --category cloth --out out "${small[@]}" --latency-runs 0 --save-maps)
eval_between=1
run_before() {
    keep out/mvtec/patchcore
    cat >e.yaml <<'YAML'
experiment: {output_root: out}
data: {dataset: mvtec, root: ../../fix/mvtec, transforms: {resize: [64, 64]}}
model: {backbone: resnet18, weights: ../../fix/resnet18.safetensors}
evaluation: {latency: {measure_iters: 0}}
visualization: {num_examples: 2}
YAML
}
run=(run --config e.yaml)
run_between=1
plot_before() { cp -rL ../experiment out && keep out/mvtec/patchcore/default/figures; }
plot=(plot out)
plot_gone=(--gone out/mvtec/patchcore/default/report)
collect_before() { keep . && echo old >all.csv; }
collect=(collect ../experiment --per-category --out all.csv)
tune_before() { cp -rL ../bank . && keep page && okng tune --bank-dir bank --ng ../../fix/ng --out-dir page --quiet; }
tune=(tune --bank-dir bank --ng ../../fix/ng --ok ../../fix/ok --out-dir page --miss 0)
tune_gone=(--gone page/tune.html --gone page/tune_files/)
tune_write_before() { cp -rL ../bank .; }
tune_write=(tune --bank-dir bank --ng ../../fix/ng --miss 0 --write)
bank_set_before() { keep . && cp -rL ../bank .; }
bank_set=(bank set bank --threshold-image 0.5 --review 0.4,0.6)
embed_before() { keep . && okng embed --img ../../fix/ok/000.png --out e.npy "${small[@]}" --quiet; }
embed=(embed --img ../../fix/ng/000.png --out e.npy "${small[@]}")
metrics_before() { cp -rL ../maps .; }
metrics=(metrics --maps maps --masks ../../fix/mvtec/cloth/ground_truth)
advise_before() { keep .; }
advise=(advise --ok-dir ../../fix/ok --backbone resnet18 --weights ../../fix/resnet18.safetensors)
weights_get_before() { keep w && echo "of a user" >w/wide.pth.part; }
weights_get() {
    echo "okng 211c9da0" >file
    "$tree/tests/serve_slowly" file 4000 >port &
    server=$!
    until [ -s port ]; do sleep 0.01; done
    weights_get=(weights get wide_resnet50_2 --url "http://127.0.0.1:$(cat port)" --out w/wide.pth)
}
train_before() { keep out; }
train=(train afclip --root ../../fix/mvtec --category cloth --out out --cache cache --resolution 32 --batch-size 3 --epochs 1 --checkpoint-every 1 "${clip[@]:0:4}")
train_between=1
demo_before() { keep out; }
demo=(demo --category washer --out out)
demo_between=1

# ---- one verb --------------------------------------------------------------------------------------------------------------

preload=()
fresh() { rm -rf "$1" && cp -a old "$1"; }
say() { printf '# %s\n' "$@"; }

# try MICROSECONDS SIGNAL COMMAND...: in the folder try; prints how it ended
try() {
    (cd try && exec "$tree/tests/kill_after" "$2" "$1" ../log "${preload[@]}" "$OKNG" "${@:3}")
}

# A bank is the old or the new one as a whole.
one_bank() {
    case $verb in build* | import*) ;; *) return 0 ;; esac
    [ -d old/bank ] || [ -d try/bank ] || return 0
    "$tree/tests/whole_files" try/bank old/bank old/bank >bank.old && return 0
    # the page is made with the new bank, and comes after it
    "$tree/tests/whole_files" --gone build.html try/bank new/bank new/bank >bank.new && return 0
    say "the bank is neither the old one" "$(cat bank.old)" "nor the new one" "$(cat bank.new)"
    return 1
}

# judge WHAT [--final]
judge() {
    local found
    found=$("$tree/tests/whole_files" "${@:2}" ${between:+--between} "${gone[@]}" try old new) && { one_bank && return 0; }
    say "$1:" "$found" "$(tail -n 3 log)"
    return 1
}

# Ends the work that was begun in try; every fourth time it is killed on the way.
complete() {
    local -n again=${verb}_again
    local command=("${command[@]}")
    [ "${#again[@]}" -eq 0 ] || command=("${again[@]}")
    if [ $((RANDOM % 4)) = 0 ]; then
        try $((RANDOM * span / 32768 + 1)) 9 "${command[@]}" >/dev/null
        kills=$((kills + 1))
        judge "$1, and killed once more" || return 1
    fi
    try 0 9 "${command[@]}" >/dev/null # refused where all was done
    judge "$1, and done again" --final
}

# run_verb NAME: 0 when all is well
run_verb() {
    verb=$1 kills=0
    local -n command=$1
    local between_name=${1}_between steps calls k at
    declare -ga "${1}_again+=()" "${1}_gone+=()"
    local -n gone=${1}_gone
    between=${!between_name:-}
    mkdir -p "$work/job/old" && cd "$work/job" || return 1
    for shared in bank experiment maps; do ln -sfn "$work/shared/$shared" "$shared"; done
    (cd old && "${1}_before") || { say "what is there before could not be made"; return 1; }
    declare -F "$1" >/dev/null && "$1"
    # the new one, its time, and its calls
    fresh try
    read -r how code span < <(try 0 9 "${command[@]}")
    [ "$how $code" = "ended 0" ] || { say "the undisturbed run: $how $code" "$(tail -n 3 log)"; return 1; }
    mv try new
    fresh try
    preload=(env OKNG_CALLS="$PWD/steps" OKNG_WRITES=1 LD_PRELOAD="$tree/tests/libodd_files.so")
    try 0 9 "${command[@]}" >/dev/null
    preload=()
    steps=$(cat steps)
    judge "two undisturbed runs" --final || return 1
    for ((k = 0; k < KILLS; k++)); do
        fresh try
        at=$(((k * 32768 + RANDOM) * (span / 100) / (KILLS * 32768) * 105 + 1))
        try "$at" 9 "${command[@]}" >/dev/null
        kills=$((kills + 1))
        judge "killed after $at of $span microseconds" && complete "killed after $at of $span microseconds" || return 1
    done
    calls=$((steps > 12 ? KILLS / 4 : steps)) # few are tried all
    for ((k = 0; k < calls; k++)); do
        fresh try
        at=$((k * steps / calls + RANDOM * steps / calls / 32768 + 1))
        preload=(env OKNG_KILL_AT="$at" OKNG_WRITES=1 LD_PRELOAD="$tree/tests/libodd_files.so")
        try 0 9 "${command[@]}" >/dev/null
        preload=()
        kills=$((kills + 1))
        judge "killed before call $at of $steps" && complete "killed before call $at of $steps" || return 1
    done
    stop_in_order || return 1
    say "$verb: $kills kills over $((span / 1000)) ms and $steps calls"
}

# SIGTERM: the verbs that look at it leave nothing.
stop_in_order() {
    local k at how code time found
    case $verb in collect | plot | bank_set | embed) return 0 ;; esac # die of it at once
    for ((k = 0; k < KILLS / 5; k++)); do
        fresh try
        at=$((RANDOM * span / 32768 + 1))
        read -r how code time < <(try "$at" 15 "${command[@]}")
        found=$("$tree/tests/whole_files" ${between:+--between} "${gone[@]}" try old new) || { say "$found"; return 1; }
        [ "$how" = killed ] && continue # before it looked
        if [ "$found" != 0 ] && ! { [ "$verb" = weights_get ] && [ "$found" = 1 ]; }; then # the part is for the next
            say "stopped after $at microseconds: $found files left" "$(find try -name '*.okng-*' -o -name .lock)"
            return 1
        fi
    done
}

# ---- all -------------------------------------------------------------------------------------------------------------------

verbs=(build build_trim build_subspace build_add import import_ensemble infer infer_report infer_append eval run plot collect tune tune_write bank_set embed
    metrics weights_get build_winclip infer_made text_embed train)
[ "$KILLS" -lt 100 ] || verbs+=(demo advise build_afclip) # long ones
[ $# -eq 0 ] || verbs=("$@")
mkdir -p shared/x && cd shared/x || exit 1
bank ../bank || { echo "Bail out! no bank"; exit 1; }
okng eval --dataset mvtec --root ../../fix/mvtec --category cloth --out ../experiment "${small[@]}" --latency-runs 0 --quiet 2>"$work/log" || { echo "Bail out! no experiment: $(cat "$work/log")"; exit 1; }
okng infer --bank-dir ../bank --img ../../fix/mvtec/cloth/test --out-dir ../maps --save-map --quiet || exit 1
echo "1..${#verbs[@]}"
echo "# SEED=$SEED KILLS=$KILLS"
number=0 failed=0
for verb in "${verbs[@]}"; do
    number=$((number + 1))
    if run_verb "$verb"; then echo "ok $number - $verb"; else
        failed=1
        echo "not ok $number - $verb"
    fi
    if [ -n "$server" ]; then kill "$server" && wait "$server" 2>/dev/null; server=; fi
    if [ -n "$(ls -A "$TMPDIR")" ]; then
        echo "# left in TMPDIR: $(ls -A "$TMPDIR")"
        rm -rf "${TMPDIR:?}"/*
    fi
    cd "$work" && rm -rf "$work/job"
done
exit $failed
