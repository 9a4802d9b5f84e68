#!/usr/bin/env bash
# Every job of okng with one allocation that fails, and with all that fail from there on: it ends with its results whole and the
# same, or it tells that memory could not be had, exits with 1, and leaves each file as it was or as it should be. Where all
# fail, what okng was making may stay under its own names for it (.NAME.okng-...), which the next run clears away. Crashes in
# libraries that okng has no say in are counted as `elsewhere`: oneDNN and fontconfig, which finds fonts for cairo, do not survive each.
#
# Usage: tests/alloc.sh BUILD [--full | --points N] [--last N] [--in okng|all] [--leaks] [JOB...]
# Without --full N (8) points spread over each job and its last ones (6) are tried; --in okng leaves out what other libraries allocate.
# --leaks takes BUILD/tests/okng_failing, made with ASan, and looks only for what a failure leaves behind: LeakSanitizer's word.
# Prints TAP, one line a job; of points that end otherwise how often, the first, and the calls that led there.
# OKNG names another command than BUILD/okng, as one of an earlier version.
set -uo pipefail
export LC_ALL=C
[ $# -ge 1 ] || { sed -n '/^# Usage/s/^# //p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "$1") spread=8 last=6 full=0 in=all leaks=0 wanted=()
okng=$(realpath "${OKNG:-$build/okng}") shim=$build/tests/libfail_alloc.so
shift
while [ $# -gt 0 ]; do
    case $1 in
    --full) full=1 ;;
    --points) spread=$2 && shift ;;
    --last) last=$2 && shift ;;
    --leaks) leaks=1 ;;
    --in) in=$2 && shift ;;
    *) wanted+=("$1") ;;
    esac
    shift
done
preload=(LD_PRELOAD="$shim")
if [ $leaks = 1 ]; then
    shim=$build/tests/okng_failing okng=$shim last=0 preload=()
    export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
    export LSAN_OPTIONS=suppressions=$here/lsan.supp:print_suppressions=0:exitcode=66
fi
[ -e "$shim" ] || { echo "Bail out! $shim is not there; build the tests first"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home OKNG_FAIL_IN=$in OKNG_FAIL_STILL=1
unset XDG_CACHE_HOME OKNG_LANGUAGE
parts=$work/parts golden=$here/golden workers=$(nproc)
mkdir "$HOME"

older() { [ -n "${OKNG:-}" ]; } # an earlier version lacks verbs and options: what needs them fails then
# Made trees of other data sets: outlines, Real-IAD, MVTec LOCO, MVTec AD 2.
prepare_field() {
    local set=$parts/field shape='[[1,1],[9,1],[9,9]]' kind
    mkdir -p "$set"/{labelme,coco,yolo/images,yolo/labels,iad/realiad_256/toy,iad/realiad_jsons,kolektor/kos01}
    mkdir -p "$set"/loco/box/{train/good,validation/good,test/good,test/{logical,structural}_anomalies,ground_truth/{logical,structural}_anomalies/000}
    mkdir -p "$set"/ad2/can/{train/good,validation/good,test_public/{good,bad,ground_truth/bad},test_private,test_private_mixed}
    for kind in labelme coco yolo/images iad/realiad_256/toy loco/box/{train,test}/good ad2/can/{train,test_public}/good; do
        cp ok/00[0-2].png "$set/$kind"
    done
    printf '{"shapes":[{"label":"a","points":%s},{"points":[[1,1],[3,3]],"shape_type":"circle"}]}' "$shape" >"$set/labelme/000.json"
    printf '{"images":[{"id":1,"file_name":"000.png","width":80,"height":72},{"id":2,"file_name":"001.png"},{"id":3,"file_name":"002.png"}],"annotations":[{"image_id":1,"category_id":4,"segmentation":%s}],"categories":[{"id":4,"name":"a"}]}' "[[1,1,9,1,9,9]]" >"$set/coco/a.json"
    echo '0 0.1 0.1 0.2 0.1 0.2 0.2' >"$set/yolo/labels/000.txt"
    mv "$set/iad/realiad_256/toy/001.png" "$set/iad/realiad_256/toy/a__1.png"
    printf '{"train":[{"anomaly_class":"OK","image_path":"000.png"}],"test":[{"anomaly_class":"OK","image_path":"a_1.png"}]}' >"$set/iad/realiad_jsons/toy.json"
    for kind in logical structural; do
        cp ng/000.png "$set/loco/box/test/${kind}_anomalies"
        cp mvtec/cloth/ground_truth/scratch/000_mask.png "$set/loco/box/ground_truth/${kind}_anomalies/000"
        cp mvtec/cloth/test/scratch/000.png "$set/loco/box/test/${kind}_anomalies"
    done
    printf '[{"pixel_value":255,"saturation_threshold":0.5,"relative_saturation":true}]' >"$set/loco/box/defects_config.json"
    cp mvtec/cloth/test/scratch/000.png "$set/ad2/can/test_public/bad" && cp mvtec/cloth/ground_truth/scratch/000_mask.png "$set/ad2/can/test_public/ground_truth/bad"
    cp ng/000.png "$set/ad2/can/test_private/000_regular.png" && cp ng/000.png "$set/ad2/can/test_private_mixed/000_mixed.png"
    cp ok/000.png "$set/kolektor/kos01/Part0.png" && cp ok/001.png "$set/kolektor/kos01/Part1.png"
    cp mvtec/cloth/ground_truth/scratch/000_mask.png "$set/kolektor/kos01/Part2_label.png" && cp ng/000.png "$set/kolektor/kos01/Part2.png"
    printf 'P5\n1 1\n255\n\0' | tee "$set/kolektor/kos01/Part0_label.pgm" >"$set/kolektor/kos01/Part1_label.pgm"
}

# What the jobs work on: three good parts, a bad one, a data set of one category, a bank of each method, an experiment.
prepare() {
    "$build/tests/make_fixture" "$work/fixture" || return 1
    mkdir -p "$parts/ok" "$parts/ng" "$parts/set/cloth/train/good" "$parts/set/cloth/test/good" "$parts/set/cloth/test/scratch" \
        "$parts/set/cloth/ground_truth/scratch"
    cd "$work/fixture" || return 1
    cp ok/00[0-2].png "$parts/ok"
    cp ng/000.png "$parts/ng"
    cp resnet18.safetensors "$parts"
    mkdir "$parts/formats"
    (cd "$golden/image" && cp grey.jpg exif.jpg lzw.tif jpeg.tif deflate.tif lossless.webp lossy_alpha.webp few.gif p6.ppm fields32.bmp \
        interlaced.png grey16.png "$parts/formats")
    cp mvtec/cloth/train/good/00[0-2].png "$parts/set/cloth/train/good"
    cp mvtec/cloth/test/good/000.png "$parts/set/cloth/test/good"
    cp mvtec/cloth/test/scratch/000.png "$parts/set/cloth/test/scratch"
    cp mvtec/cloth/ground_truth/scratch/000_mask.png "$parts/set/cloth/ground_truth/scratch"
    prepare_field
    cd "$parts" || return 1
    printf 'a good part\na bad part\n' >texts.txt
    printf 'normal: ["{}"]\nanomalous: ["bad {}"]\ntemplates: ["a {}."]\n' >prompts.yaml
    "$build/tests/make_clip" clip-tinyclip-8m-16 tiny.safetensors --f16 && "$build/tests/make_clip" --vocabulary bpe_simple_vocab_16e6.txt.gz ||
        return 1
    "$build/tests/make_afclip" clip-tinyclip-8m-16 learnt --large &&
        "$build/tests/make_afclip" clip-tinyclip-8m-16 released --seed 2 --released . || return 1
    printf 'path,score,label\na.png,1,OK\nb.png,2,NG\n' >scores.csv
    printf 'data: {root: %s, transforms: {resize: [32, 32]}}\nmodel: {backbone: okng-s}\nevaluation: {latency: {measure_iters: 0}}
visualization: {num_examples: 0}\n' "$parts/set" >run.yaml
    {
        "$okng" build --ok-dir ok --out-dir bank "${small[@]}" &&
            "$okng" build --ok-dir ok --out-dir other "${small[@]}" --coreset 0.5 --seed 5 &&
            "$okng" build --ok-dir set/cloth/train/good --out-dir elsewhere "${small[@]}" &&
            "$okng" build --ok-dir ok --out-dir resnet --backbone resnet18 --weights resnet18.safetensors "${small[@]:2}" &&
            { "$okng" build --ok-dir ok --out-dir subspace "${small[@]}" --method subspace || older; } &&
            { "$okng" pack --bank-dir bank --out part.okng --quiet || older; } &&
            { "$okng" build --ok-dir ok --k-shot 2 --out-dir winclip "${winclip[@]}" --quiet || older; } &&
            { "$okng" build --ok-dir ok --k-shot 2 --out-dir afclip "${afclip[@]}" --quiet || older; } &&
            { "$okng" build --ok-dir ok --out-dir mean --preset inspection --backbone okng-s --shorter 36 --crop 32 --foreground pca \
                --image-score reweighted --threads 1 --quiet || older; } &&
            "$okng" eval --root set --out results "${small[@]}" --latency-runs 0 --examples 1 --save-maps &&
            "$okng" embed --img ok/000.png --out e.npy "${small[@]}"
    } 2>&1
}

# job NAME ARGUMENTS...: runs in an empty folder, or in a copy of what start_NAME makes. Those called whole_... replace a folder in
# one step: it must be all old or all new.
declare -A jobs
order=()
job() {
    local name=$1
    shift
    jobs[$name]=$(printf '%q ' "$@")
    order+=("$name")
}
small=(--backbone okng-s --resize 32x32 --threads 1 --quiet)
clip=(--backbone clip-tinyclip-8m-16 --weights "$parts/tiny.safetensors" --resize 32x32 --threads 1)
job whole_build build --ok-dir "$parts/ok" --out-dir bank "${small[@]}"
start_whole_build() { cp -r "$parts/other" bank; }
job build_report build --ok-dir "$parts/ok" --out-dir bank "${small[@]}" --report --noise-robust true
job build_subspace build --ok-dir "$parts/ok" --out-dir bank "${small[@]}" --method subspace
job infer infer --bank-dir "$parts/bank" --img "$parts/ok" "$parts/ng" --out-dir out --threads 1 --quiet --save-map --report
job infer_picture infer --bank-dir "$parts/bank" --img "$parts/ng/000.png" --out-dir out --threads 1 --json --false-alarm 0.3
job pack pack --bank-dir "$parts/bank" --out part.okng --quiet
job infer_recipe infer --bank-dir "$parts/part.okng" --img "$parts/ng/000.png" --out-dir out --threads 1 --json
job show_recipe bank show "$parts/part.okng" --json
job infer_prints infer --bank-dir "$parts/bank" --img "$parts/ok" "$parts/ng" --threads 1 --json
job infer_subspace infer --bank-dir "$parts/subspace" --img "$parts/ng/000.png" --out-dir out --threads 1 --json
winclip=(--method winclip --class-name nut "${clip[@]}" --prompts "$parts/prompts.yaml" --scales 2)
job whole_build_winclip build --ok-dir "$parts/ok" --k-shot 2 --out-dir bank "${winclip[@]}" --json
job infer_made infer --img "$parts/ng/000.png" --out-dir out --threshold-image 0.4 "${winclip[@]}" --json
afclip=(--method miniclip --checkpoint "$parts/learnt" "${clip[@]}")
job whole_build_afclip build --ok-dir "$parts/ok" --coreset 0.5 --out-dir bank "${afclip[@]}" --json
job infer_formats infer --bank-dir "$parts/bank" --img "$parts/formats" --out-dir out --threads 1 --quiet
job eval eval --root "$parts/set" --out results "${small[@]}" --latency-runs 0 --examples 1 --save-maps
job run run --config "$parts/run.yaml" --quiet
job metrics metrics --scores "$parts/scores.csv" --json
job metrics_maps metrics --maps "$parts/results/mvtec/patchcore/default/cloth/anomaly_maps/test" --masks "$parts/set/cloth/ground_truth" --json --threads 1
job whole_import_patchcore import patchcore-inspection "$golden/import/single" --out-dir bank --weights "$parts/resnet18.safetensors" --resize 72 --threads 1 --quiet
job import_ensemble import patchcore-inspection "$golden/import/ensemble" --out-dir bank --weights "$parts/resnet18.safetensors" --resize 72 --threads 1 --quiet
job import_anomalib import anomalib "$golden/import/anomalib.ckpt" --out-dir bank --threads 1 --quiet
job whole_import_afclip import afclip --prompt "$parts/prompt.pt" --adapter "$parts/adaptor.pt" --out checkpoint --json
start_whole_import_afclip() { cp -r "$parts/learnt" checkpoint; }
job import_afclip_legacy import afclip --prompt "$parts/prompt.pt" --adapter "$parts/legacy.pt" --out checkpoint --quiet
job tune tune --bank-dir bank --ng "$parts/ng" --out-dir tuned --write --threads 1 --json
start_tune() { cp -r "$parts/bank" bank; }
job whole_bank_set bank set bank --threshold-image 1 --json
start_whole_bank_set() { cp -r "$parts/bank" bank; }
job whole_bank_add bank add bank --ok-dir "$parts/ng" --threads 1 --json
start_whole_bank_add() { cp -r "$parts/bank" bank; }
job bank_add_subspace bank add "$parts/subspace" --ok-dir "$parts/ng" --out-dir bank --threads 1 --quiet
job whole_bank_merge bank merge "$parts/bank" "$parts/elsewhere" --out-dir bank --threads 1 --quiet
job whole_bank_shrink bank shrink bank --coreset-size 3 --threads 1 --json
start_whole_bank_shrink() { cp -r "$parts/bank" bank; }
job bank_create bank create --rows "$parts/bank/memory_bank.pt" --out-dir bank --ok-dir "$parts/ok" "${small[@]}"
job bank_diff bank diff "$parts/bank" "$parts/other" --json
job rename_weights bank rename-weights bank --weights "$parts/resnet18.safetensors"
start_rename_weights() { cp -r "$parts/resnet" bank; }
job bank_show bank show "$parts/bank" --json
job plot plot results --quiet
start_plot() { cp -r "$parts/results" results; }
job collect collect "$parts/results" --out all.md
job data_show data show --root "$parts/set" --json
for set in labelme coco yolo; do job data_$set data show --dataset $set --root "$parts/field/$set" --json; done
job data_real_iad data show --dataset real-iad --root "$parts/field/iad" --json
job data_kolektor data show --dataset kolektor-sdd --root "$parts/field/kolektor" --json
job eval_loco eval --dataset mvtec-loco --root "$parts/field/loco" --out results "${small[@]}" --latency-runs 0 --examples 0
job eval_outlines eval --dataset labelme --root "$parts/field/labelme" --out results "${small[@]}" --latency-runs 0 --examples 0
job eval_submission eval --dataset mvtec-ad2 --root "$parts/field/ad2" --out results --submission sent "${small[@]}" --latency-runs 0 --examples 0
job train train afclip --root "$parts/set" --out out --cache cache --resolution 32 --max-steps 1 "${clip[@]:0:4}" --threads 1 --quiet
job advise advise --ok-dir "$work/fixture/ok" --ng "$parts/ng" --coreset-size 5 --backbone okng-s --threads 1 --quiet --json
job demo demo --out demo --category washer "${small[@]}"
job weights_show weights show "$parts/resnet18.safetensors" --json
job weights_script weights show "$golden/tensor/openai_clip.pt" --json
job weights_list weights list --json
job preprocess preprocess --img "$parts/ng/000.png" --out t.npy --resize 32x32
job embed embed --img "$parts/ng/000.png" --out e.npy "${small[@]}"
job similarity similarity --img "$parts/ng" --text "$parts/texts.txt" "${clip[@]}" --softmax --json
job text_embed text-embed --text "a nut" --text-file "$parts/texts.txt" "${clip[@]:0:4}" --threads 1 --out t.npy --normalize --json
job embed_image embed --img "$parts/ng/000.png" --output image "${clip[@]}" --out e.npy --quiet
job infer_winclip infer --bank-dir "$parts/winclip" --img "$parts/ng/000.png" --out-dir out --threads 1 --json
job infer_afclip infer --bank-dir "$parts/afclip" --img "$parts/ng/000.png" --out-dir out --threads 1 --json
job export export --bank-dir "$parts/bank" --out model --verify 1 --img "$parts/ng/000.png" --threads 1 --quiet
job export_mean export --bank-dir "$parts/mean" --out model --resize-inside 72x80 --input uint8 --threads 1 --quiet
job export_subspace export --bank-dir "$parts/subspace" --out model --format openvino --threads 1 --quiet
job export_winclip export --bank-dir "$parts/winclip" --out model --precision fp16 --threads 1 --quiet
job export_afclip export --bank-dir "$parts/afclip" --out model --dynamic-batch --threads 1 --quiet
job train_patchcore train patchcore --data-dir "$parts/ok" --output out --pattern-name p --backbone resnet18 --weights "$parts/resnet18.safetensors" \
    --image-size 32 32 --coreset-ratio 0.5 --batch-size 4 --threads 1 --json
job verify_openvino export --bank-dir "$parts/bank" --out model --format openvino --verify 1 --img "$parts/ng/000.png" --threads 1 --quiet
job tokenize tokenize --text "Nut &amp; don’t ﬁne ＦＵＬＬ ΑΣ $(printf 'abcabc%.0s' {1..20})" --text-fix basic --json --vocabulary "$parts/bpe_simple_vocab_16e6.txt.gz"
job coreset coreset --in "$parts/e.npy" --out i.npy --coreset 0.5 --threads 1
job knn knn --bank "$parts/e.npy" --query "$parts/e.npy" --k 3 --out d.npy --indices i.npy --threads 1
job help build --help

start() { # start NAME FOLDER
    rm -rf "$2" && mkdir "$2" && cd "$2" || return 1
    if declare -F "start_$1" >/dev/null; then "start_$1"; fi
}

okng_with() { # okng_with FOLDER VARIABLE=VALUE...: the job's arguments in `arguments`; its texts come beside the folder
    local folder=$1 seconds=5 # of work: what takes longer hangs
    case $leaks${arguments[0]} in 1* | *demo | *advise) seconds=120 ;; esac
    shift
    (cd "$folder" && ulimit -St "$seconds" && exec timeout -s ABRT -k 5 300 env "${preload[@]}" "$@" "$okng" "${arguments[@]}") >"$folder.stdout" 2>"$folder.stderr" </dev/null
} 2>/dev/null # the shell's word of a crash

# The calls of a trace, innermost first: the one that is no matter of the C library, then those of okng by their functions.
calls() { # calls FILE COUNT
    local line module rest
    grep -as '^  ' "$1" | grep -vE '^  (libfail_alloc|libc\.so|libstdc|libgcc|ld-linux)' |
        awk -v own="$(basename "$okng")" -v count="$2" 'NR == 1 || index($1, own "+") == 1 { print; if (++n == count) exit }' |
        while read -r line rest; do
            module=${line%%+*}
            if [ "$module" = "$(basename "$okng")" ]; then rest=$(addr2line -fC -e "$okng" "${line#*+}" | head -1); fi
            printf '%s:%s ' "$module" "${rest:-${line#*+}}"
        done
}

# Files that a failed job left which are neither as before nor as they should be.
litter() { # litter NAME FOLDER HOW
    local file own=()
    if [ "$3" = FROM ]; then own=(-x '.*.okng-*'); fi
    case $1 in
    whole_*)
        diff -rq "${own[@]}" "$2" "$work/$1.before" >/dev/null || diff -rq "${own[@]}" "$2" "$work/$1.good" >/dev/null ||
            echo "neither old nor new"
        return
        ;;
    esac
    diff -rq "$2" "$work/$1.good" >"$2.diff" && return
    (cd "$2" && find . -mindepth 1) | while read -r file; do
        if [ "$3" = FROM ] && [[ $file == */.*.okng-* ]]; then continue; fi
        if [ -d "$2/$file" ]; then
            [ -d "$work/$1.good/$file" ] || [ -d "$work/$1.before/$file" ] || echo "$file/"
        else
            cmp -s "$2/$file" "$work/$1.good/$file" || cmp -s "$2/$file" "$work/$1.before/$file" || echo "$file"
        fi
    done
}

# How one point ended: "CLASS DETAIL"; `same` and `told` are what is wanted.
judge() { # judge NAME FOLDER HOW STATUS
    local name=$1 folder=$2 how=$3 status=$4 left at
    if [ $leaks = 1 ]; then
        if [ "$status" -eq 66 ] || grep -qa 'ERROR: AddressSanitizer\|runtime error:' "$folder.stderr"; then
            echo "leaks $(grep -aE '^    #[0-9]+ .* in okng_|SUMMARY' "$folder.stderr" | sed 's/.* in \(okng_[a-z_0-9]*\).*/\1/' |
                grep -v okng_alloc | head -4 | tr '\n' ' ')"
        else
            echo "clean"
        fi
        return
    fi
    if [ "$status" -eq 124 ] || [ "$status" -gt 128 ]; then # 124: for five minutes nothing, not even work
        at=$(calls "$folder.stderr" 3)
        case $at in
        libdnnl* | libfontconfig* | libexpat*) echo "elsewhere ${at%%:*}" ;;
        *) echo "$([ "$status" -eq 124 ] && echo hangs || echo crashes) $(grep -ao 'crash: [A-Z]*' "$folder.stderr" | cut -c8-) in $at" ;; # XCPU: hangs
        esac
        return
    fi
    if [ "$status" -eq 0 ]; then
        if diff -r "$folder" "$work/$name.good" >"$folder.diff" && cmp "$folder.stdout" "$work/$name.good.stdout" >>"$folder.diff"; then
            echo same
        else
            echo "lies $(head -n 1 "$folder.diff" | tr -d '\n' | sed "s#$work/##g" | cut -c1-150)"
        fi
        return
    fi
    left=$(litter "$name" "$folder" "$how" | tr '\n' ' ')
    if [ -n "$left" ]; then
        echo "leaves $left"
    elif grep -qaE 'out.of.memory|Cannot allocate memory' "$folder.stderr" && [ "$status" -eq 1 ]; then
        echo told
    elif [ ! -s "$folder.stderr" ]; then
        echo "silent exit $status"
    else
        echo "misleads exit $status: $(tail -n 1 "$folder.stderr" | cut -c1-150)"
    fi
}

# Tries the points that come in, one "AT N" or "FROM N" a line.
try() { # try NAME WORKER
    local name=$1 folder=$work/run$2 how number verdict
    local -a arguments
    eval "arguments=(${jobs[$name]})"
    while read -r how number; do
        rm -f "$folder".*
        start "$name" "$folder"
        okng_with "$folder" "OKNG_FAIL_$how=$number" OKNG_FAIL_TRACE="$folder.trace"
        verdict=$(judge "$name" "$folder" "$how" $?)
        case $verdict/$(calls "$folder.trace" 1) in
        lies*.png*/libfontconfig*) verdict='elsewhere libfontconfig.so.1' ;; # another font was found
        esac
        case $verdict in
        same | told | clean | elsewhere*) echo "$verdict" ;;
        *) echo "$verdict|$how $number|$(calls "$folder.trace" 4)" ;;
        esac
    done
}

points() { # points NAME TOTAL
    local n spread=$spread last=$last full=$full
    case $1 in # take a second, and several
    advise) ((full == 1)) || spread=$((spread / 5)) last=$((last / 5)) ;;
    demo) spread=$((full == 1 ? 5 * spread : spread / 10)) last=$((full == 1 ? last : last / 10)) full=0 ;;
    esac
    shift
    if [ "$full" = 1 ]; then
        for ((n = 1; n <= $1; n++)); do
            echo "AT $n"
            if ((n % 10 == 1)); then echo "FROM $n"; fi
        done
        return
    fi
    for ((n = 0; n < spread; n++)); do
        if ((n % 4 == 3)); then echo "FROM $((1 + n * $1 / spread))"; else echo "AT $((1 + n * $1 / spread))"; fi
    done
    for ((n = $1 - last + 1; n <= $1; n++)); do if ((n > 0)); then echo "AT $n"; fi; done
}

check() { # check NAME: the job as it should be, twice, then with each point
    local name=$1 total again w
    local -a arguments
    eval "arguments=(${jobs[$name]})"
    start "$name" "$work/$name.before" || return 1
    for again in good.again good; do
        start "$name" "$work/run0" || return 1 # where the points are tried: results may tell the folder
        okng_with "$work/run0" OKNG_FAIL_COUNT="$work/count" || { head -n 5 "$work/run0.stderr"; return 1; }
        mv "$work/run0" "$work/$name.$again" && mv "$work/run0.stdout" "$work/$name.$again.stdout"
    done
    total=$(cat "$work/count")
    if [ $leaks = 0 ]; then
        diff -r "$work/$name.good" "$work/$name.good.again" && cmp "$work/$name.good.stdout" "$work/$name.good.again.stdout" || return 1
    fi
    points "$name" "$total" >"$work/points"
    rm -f "$work"/ends.*
    local workers=$workers
    [ "$name" = demo ] && workers=1 # learns pictures that it makes in its folder
    for ((w = 0; w < workers; w++)); do awk -v w="$w" -v n="$workers" 'NR % n == w' "$work/points" | try "$name" "$w" >"$work/ends.$w" & done
    wait
    cd "$work" || return 1
    cat "$work"/ends.* >"$work/ends"
    echo "$total allocations, $(wc -l <"$work/ends") points:" \
        "$(cut -d'|' -f1 "$work/ends" | awk '{ n[$1 ($1 == "elsewhere" ? " in " $2 : "")]++ } END { for (end in n) print n[end], end }' |
            sort -k2 | paste -sd, | sed 's/,/, /g')"
    ! grep -v '^same$\|^told$\|^clean$\|^elsewhere' "$work/ends" >"$work/bad"
}

[ ${#wanted[@]} -gt 0 ] || wanted=("${order[@]}")
prepare >"$work/prepare.log" || { echo "Bail out! the parts could not be made: $(tail -n 3 "$work/prepare.log")"; exit 1; }
echo "1..${#wanted[@]}"
number=0 failed=0
for name in "${wanted[@]}"; do
    number=$((number + 1))
    : >"$work/bad"
    if said=$(check "$name"); then
        echo "ok $number - $name: $said"
    else
        failed=$((failed + 1))
        echo "not ok $number - $name: $said"
        sort "$work/bad" | awk -F'|' '{ key = $1; n[key]++; if (!(key in first)) { first[key] = $2; led[key] = $3 } }
            END { for (key in n) printf "# %5d %s; first %s, asked for by %s\n", n[key], key, first[key], led[key] }' | sort -rn -k2 | head -n 60
    fi
done
[ "$failed" -eq 0 ]
