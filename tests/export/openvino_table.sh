#!/usr/bin/env bash
# The table of docs/results.md: banks as OpenVINO IR, evaluated by the reader of the specification (openvino_ir.py), beside okng: of 5
# presets with 4 networks and of the methods. A line per bank: name, rows, MB of NAME.bin, the largest differences of score (of
# itself) and map (of its range), labels and part of mask pixels that differ, and the same of okng's own reader.
# Usage: tests/export/openvino_table.sh BUILD GOOD BAD WORK [PATTERN]
#   GOOD, BAD: folders of pictures, of which 8 are learnt and PICTURES (2) inspected. WORK keeps weights and banks.
# EXPORT: further options of okng export, as "--precision fp16".
set -uo pipefail
build=$(realpath "$1") good=$(realpath "$2") bad=$(realpath "$3") pattern=${5:-*}
here=$(dirname "$(realpath "$0")") shared=$(realpath -m "$(dirname "$0")/../../../shared/weights")
mkdir -p "$4" && work=$(realpath "$4")
okng=$build/okng pictures=${PICTURES:-2} python=${PYTHON:-/usr/bin/python3}
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
        [ -e "$work/weights/$1.safetensors" ] || "$build/tests/make_weights" "$1" "$work/weights/$1.safetensors" layer3 >/dev/null
        echo "--weights $work/weights/$1.safetensors"
        ;;
    esac
}

try() { # try NAME NETWORK OPTION...
    local name=$1 network=$2
    shift 2
    # shellcheck disable=SC2254 # a pattern
    case $name in $pattern) ;; *) return ;; esac
    rm -rf "$work/bank" "$work/model" "$work/samples"
    # shellcheck disable=SC2046,SC2086 # words are options
    if ! { "$okng" build --ok-dir "$work/ok" --out-dir "$work/bank" --backbone "$network" $(weights "$network") "$@" --json --quiet >"$work/build.json" &&
        "$okng" export --bank-dir "$work/bank" --out "$work/model" --format openvino --verify "$pictures" --img "$work/ng" --samples "$work/samples" ${EXPORT:-} --json >"$work/export.json" &&
        "$python" "$here/openvino_bank.py" "$work/model/bank/bank.xml" "$work/samples" 1 1 >"$work/run.txt"; } 2>"$work/error"; then
        echo "| $name | $(head -n 1 "$work/error") |"
        return
    fi
    "$python" - "$name" "$work" <<'END'
import json
import sys

name, work = sys.argv[1:]
bank, own = (json.load(open(f"{work}/{file}.json")) for file in ("build", "export"))
lines = [line.split() for line in open(f"{work}/run.txt")]
worst = [max(float(line[i]) for line in lines) for i in (2, 4, 8)]
labels = sum(line[6] == "True" for line in lines)
print(f"| {name} | {bank['rows']} | {own['data_bytes'] / 1e6:.1f} | {worst[0]:.1e} | {worst[1]:.1e} | {labels}, {worst[2]:.1e} "
      f"| {own['verify']['score']:.1e} | {own['verify']['map']:.1e} |")
END
}

echo "| bank | rows | .bin, MB | score | map | labels, part of masks | score, own reader | map, own reader |"
echo "|---|---|---|---|---|---|---|---|"
for network in okng-s resnet18 wide_resnet50_2 vit_tiny_patch16_224; do
    for preset in default paper inspection anomalib architecture; do
        try "patchcore $preset, $network" $network --preset $preset --coreset "${CORESET:-0.05}"
    done
done
try "subspace, resnet18" resnet18 --method subspace
try "winclip, scale 2, 112x112" clip-tinyclip-8m-16 --method winclip --class-name tile --scales 2 --resize 112x112
[ -e "$work/learnt" ] || "$build/tests/make_afclip" clip-tinyclip-8m-16 "$work/learnt" >/dev/null
try "miniclip" clip-tinyclip-8m-16 --method miniclip --checkpoint "$work/learnt" --resize 224x224
