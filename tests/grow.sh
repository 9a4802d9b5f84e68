#!/usr/bin/env bash
# Banks that grow beside banks that are built anew, on real tiles: 100 good pictures and 60 that are added. Usage: tests/grow.sh BUILD.
# Prints the figures of docs/results.md; TAP: a threshold may be off by 2 %, the image AUROC may lie 0.003 below. Minutes, not a part of
# `make test`.
set -euo pipefail
. "$(dirname "$0")/tiles.sh"
weights=$(realpath -m "$(dirname "$0")/../../shared/weights")

number=0
mkdir "$work/a" "$work/b"
for file in "$tiles"/train/good/*; do
    number=$((number + 1))
    if [ $number -le 100 ]; then ln -s "$file" "$work/a"; else ln -s "$file" "$work/b"; fi
done

# figures BANK: its thresholds and the AUROC of the test pictures
figures() {
    rm -rf "$work/out"
    "$okng" infer --bank-dir "$work/$1" --img "$tiles/test" --out-dir "$work/out" --quiet
    "$okng" bank show "$work/$1" --json | tr -d ' \n' | sed -E 's/.*"tau":\{"pixel":([0-9.]+),"image":([0-9.]+).*/\2 \1 /'
    "$okng" metrics --scores "$work/out/results.csv" --json | sed -n 's/.*"image_auroc": *\([0-9.]*\).*/\1/p'
}

failed=0 tests=0
# compare NAME OPTIONS...
compare() {
    local name=$1 grown full
    shift
    tests=$((tests + 1))
    rm -rf "$work/bank" "$work/full"
    "$okng" build --ok-dir "$work/a" --out-dir "$work/bank" --quiet "$@"
    "$okng" bank add "$work/bank" --ok-dir "$work/b" --quiet
    "$okng" build --ok-dir "$tiles/train/good" --out-dir "$work/full" --quiet "$@"
    grown=$(figures bank) full=$(figures full)
    echo "# $name: image threshold, pixel threshold, image AUROC: grown $grown, built anew $full"
    if echo "$grown $full" | awk 'function off(a, b) {return a > 1.02 * b || a < 0.98 * b}
            {exit NF != 6 || off($1, $4) || off($2, $5) || $3 < $6 - 0.003}'; then
        echo "ok $tests - $name"
    else
        echo "not ok $tests - $name"
        failed=1
    fi
}

compare "okng-s"
compare "resnet18" --backbone resnet18 --weights "$weights/resnet18-imagenet-to-layer3.pth"
compare "resnet18, coreset 0.02" --backbone resnet18 --weights "$weights/resnet18-imagenet-to-layer3.pth" --coreset 0.02
compare "subspace" --method subspace --backbone vit_tiny_patch16_224 --weights "$weights/vit_tiny_patch16_224.safetensors" \
    --layers blocks.5 --resize 224x224 --interpolation bicubic --patch-size 1
echo "1..$tests"
exit $failed
