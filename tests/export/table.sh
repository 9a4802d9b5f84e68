#!/usr/bin/env bash
# The table of docs/results.md: exported banks in onnxruntime beside okng, of 5 presets with 4 networks and of every method.
# A line per bank: name, rows, MB of the model, onnxruntime's largest differences (score, map; labels and pixels of masks that
# differ), the interpreter's, pictures that passed the test with NaN, milliseconds a picture in onnxruntime.
# Usage: tests/export/table.sh BUILD NODE_MODULES GOOD BAD WORK [PATTERN]
#   GOOD, BAD: folders of pictures, of which 8 are learnt and PICTURES (3) inspected. WORK keeps weights and banks.
set -uo pipefail
build=$(realpath "$1") modules=$(realpath "$2") good=$(realpath "$3") bad=$(realpath "$4") pattern=${6:-*}
here=$(dirname "$(realpath "$0")") shared=$(realpath -m "$(dirname "$0")/../../../shared/weights")
mkdir -p "$5" && work=$(realpath "$5")
okng=${OKNG:-$build/okng} pictures=${PICTURES:-3}
shopt -s extglob
mkdir -p "$work/ok" "$work/ng" "$work/weights"
find "$good" -type f | sort | head -n 8 | while read -r file; do cp -n "$file" "$work/ok/"; done
find "$bad" -type f | sort | awk -v n="$pictures" '{ all[NR] = $0 } END { for (i = 0; i < n; i++) print all[int(i * NR / n) + 1] }' |
    while read -r file; do cp -n "$file" "$work/ng/$(echo "${file#"$bad"/}" | tr / _)"; done

weights() { # weights NETWORK: the options that name it
    case $1 in
    okng-s) ;;
    resnet18) echo "--weights $shared/resnet18-imagenet-to-layer3.pth" ;;
    vit_tiny_patch16_224) echo "--weights $shared/vit_tiny_patch16_224.safetensors" ;;
    clip-*)
        [ -e "$work/weights/$1.safetensors" ] || "$build/tests/make_clip" "$1" "$work/weights/$1.safetensors" >/dev/null
        echo "--weights $work/weights/$1.safetensors --vocabulary $shared/bpe_simple_vocab_16e6.txt.gz"
        ;;
    *)
        [ -e "$work/weights/$1.safetensors" ] || "$build/tests/make_weights" "$1" "$work/weights/$1.safetensors" "$([ "$1" = resnet50 ] && echo layer4 || echo layer3)" >/dev/null
        echo "--weights $work/weights/$1.safetensors"
        ;;
    esac
}

# The options of an export, for all banks: EXPORT="--precision fp16"
show() { # show NAME: from build.json, export.json, run.json, nan.json
    node -e '
const [name, ...files] = process.argv.slice(1);
const [bank, own, ort, nan] = files.map((file) => JSON.parse(require("fs").readFileSync(file)));
const e = (x) => typeof x === "number" ? x.toExponential(1) : x;
console.log(`| ${name} | ${bank.rows} | ${((own.bytes + own.data_bytes) / 1e6).toFixed(1)} | ${e(ort.score)} | ${e(ort.map)} | ${ort.labels}, ${ort.masks} | ${e(own.verify.score)} | ${e(own.verify.map)} | ${nan.nan} of ${nan.pictures} | ${ort.run_ms.toFixed(0)} |`);
' "$@"
}

wanted() { # wanted NAME
    # shellcheck disable=SC2254 # a pattern
    case $1 in $pattern) rm -rf "$work/bank" "$work/model" "$work/samples" ;; *) return 1 ;; esac
}

measure() { # measure NAME OPTION...: the bank in $work/bank
    local name=$1
    shift
    # What does not keep to the limits is in the line none the less.
    if { "$okng" export --bank-dir "$work/bank" --out "$work/model" --verify "$pictures" --img "$work/ng" --samples "$work/samples" "$@" --json >"$work/export.json" 2>"$work/error" ||
        grep -q '"agrees"' "$work/export.json"; } &&
        node "$here/onnx_run.mjs" "$modules" "$work/model/bank.onnx" "$work/samples" >"$work/run.json" 2>>"$work/error" &&
        node "$here/onnx_run.mjs" "$modules" "$work/model/bank.onnx" "$work/samples" --nan >"$work/nan.json" 2>>"$work/error"; then
        show "$name" "$work/build.json" "$work/export.json" "$work/run.json" "$work/nan.json"
    else
        echo "| $name | $(head -n 1 "$work/error") |"
    fi
}

try() { # try NAME NETWORK OPTION...
    local name=$1 network=$2
    shift 2
    wanted "$name" || return
    # shellcheck disable=SC2046 # words are options
    if "$okng" build --ok-dir "$work/ok" --out-dir "$work/bank" --backbone "$network" $(weights "$network") "$@" --json --quiet >"$work/build.json" 2>"$work/error"; then
        # shellcheck disable=SC2086
        measure "$name" ${EXPORT:-}
    else
        echo "| $name | $(head -n 1 "$work/error") |"
    fi
}

echo "| bank | rows | MB | score | map | labels, mask pixels | score, own | map, own | NaN is NG | ms |"
echo "|---|---|---|---|---|---|---|---|---|---|"
for network in okng-s resnet18 wide_resnet50_2 vit_tiny_patch16_224; do
    for preset in default paper inspection anomalib architecture; do
        try "patchcore $preset, $network" $network --preset $preset --coreset "${CORESET:-0.05}"
    done
    try "subspace, $network" $network --method subspace
done
for score in max reweighted mean-k top; do try "patchcore --image-score $score" okng-s --image-score $score --neighbors 5 --coreset 0.05; done
try "patchcore --distance squared" okng-s --distance squared --coreset 0.05
try "patchcore --distance cosine" okng-s --distance cosine --coreset 0.05
try "patchcore --coreset 1" okng-s --coreset 1
try "patchcore guide" resnet50 --preset guide --resize 256x256
try "patchcore anomalydino" vit_tiny_patch16_224 --preset anomalydino --resize 224x224
try "winclip, 8 good pictures" clip-tinyclip-8m-16 --method winclip --class-name tile --resize 224x224
try "winclip, masked windows" clip-tinyclip-8m-16 --method winclip --class-name tile --resize 224x224 --windows masked
[ -e "$work/weights/learnt" ] || "$build/tests/make_afclip" clip-tinyclip-8m-16 "$work/weights/learnt" --large >/dev/null
try "afclip, 8 good pictures" clip-tinyclip-8m-16 --method afclip --checkpoint "$work/weights/learnt" --resize 224x224
try "miniclip, 8 good pictures" clip-tinyclip-8m-16 --method miniclip --checkpoint "$work/weights/learnt" --resize 224x224

# Without good pictures there is no threshold: it is given.
words() { # words NAME OPTION...
    local name=$1
    shift
    wanted "$name" || return
    # shellcheck disable=SC2046 # words are options
    "$okng" build --out-dir "$work/bank" $(weights clip-tinyclip-8m-16) --backbone clip-tinyclip-8m-16 --resize 224x224 "$@" --json --quiet >"$work/build.json" 2>"$work/error"
    measure "$name" --threshold-image 0.5 --threshold-pixel 0.5
}
words "winclip, words alone" --method winclip --class-name tile
words "afclip, words alone" --method afclip --checkpoint "$work/weights/learnt"

if wanted "ensemble of 2, patchcore-inspection"; then
    [ -d "$work/parts" ] || "$build/tests/make_fixture" "$work/parts"
    "$okng" import patchcore-inspection "$here/../golden/import/ensemble" --out-dir "$work/bank" --weights "$work/parts/resnet18.safetensors" --resize 72 \
        --calibrate "$work/ok" --quiet 2>"$work/error"
    echo '{"rows": "-"}' >"$work/build.json"
    measure "ensemble of 2, patchcore-inspection"
fi
