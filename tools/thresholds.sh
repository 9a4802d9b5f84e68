#!/usr/bin/env bash
# The experiment behind docs/thresholds.md. Usage: tools/thresholds.sh OKNG WORK TILE RESNET18 VIT
#   OKNG      the command
#   WORK      folder for all that is made; what is there already is not made again
#   TILE      folder of data sets in the layout of MVTec AD, with the category tile
#   RESNET18  weights of resnet18; VIT of vit_tiny_patch16_224
# Learns every set twice, without and with stand-ins for what is left out, and inspects its test pictures. Then
# tools/thresholds.py WORK tries the rules on the scores, which takes seconds.
set -euo pipefail
[ $# -eq 5 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
okng=$(realpath "$1") tile=$(realpath "$3") resnet=$(realpath "$4") vit=$(realpath "$5")
mkdir -p "$2"
cd "$2"

network() {
    case $1 in
    okng-s) ;;
    resnet18) echo "--backbone resnet18 --weights $resnet" ;;
    vit) echo "--backbone vit_tiny_patch16_224 --weights $vit" ;;
    esac
}
learn() { # learn NAME ROOT NETWORK OPTIONS
    local name=$1 root=$2 network=$3
    shift 3
    for calibration in leave-one-out stand-in; do
        [ ! -e $calibration/$name.done ] || continue
        local tests=()
        [ $calibration = leave-one-out ] || tests=(--max-test-samples 2) # the bank is the same, and so are the scores
        # shellcheck disable=SC2046 # words are options
        "$okng" eval --root "$root" --out $calibration --name "$name" --calibration $calibration --resize 256x256 \
            --examples 0 --latency-runs 0 --quiet --force $(network "$network") "${tests[@]}" "$@" >/dev/null
        rm -f $calibration/mvtec/patchcore/"$name"/*/bank/memory_bank.pt
        : >$calibration/"$name.done"
    done
}
mixed() { # mixed FROM TO: FROM's pictures with two defects among the 30 good ones of each category, and not in the test
    for category in "$1"/*/; do
        local to=$2/$(basename "$category")
        mkdir -p "$to/train"
        cp -r "$category/train/good" "$to/train/"
        cp -r "$category/test" "$category/ground_truth" "$to/"
        while read -r defect; do
            mv "$to/test/$defect" "$to/train/good/bad_$(basename "$defect")"
            rm -f "$to/ground_truth/${defect%.*}"*
        done < <(cd "$category/test" && find . -name '00[03].jpg' ! -path './good/*' | sort | awk 'NR == 1 || NR == 4')
    done
}
mkdir -p leave-one-out stand-in
for seed in 0 1 2; do
    [ -e demo$seed/washer ] || "$okng" demo --out demo$seed --seed $seed --examples 0 --quiet >/dev/null
    rm -rf demo$seed/results
done
[ -e mixed0 ] || { mixed demo0 mixed0.new && mv mixed0.new mixed0; }
for network in okng-s resnet18 vit; do
    for seed in 0 1 2; do learn demo-$seed-$network demo$seed $network; done
    for draw in 30-0 30-1 30-2 30-3 30-4 80-0 80-1 150-0; do
        learn tile-$draw-$network "$tile" $network --category tile --k-shot ${draw%-*} --seed ${draw#*-}
    done
done
learn mixed-0-okng-s mixed0 okng-s
for pictures in 5 10; do learn few-$pictures-okng-s demo0 okng-s --k-shot $pictures; done
