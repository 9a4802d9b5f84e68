#!/usr/bin/env bash
# AF-CLIP must learn: what a defect looks like on three of the demo's products, and then find those of two that it has never seen, with
# the image tower of a real ViT-Tiny and a made text tower. Pixel AUROC of the two goes up from the untrained start by 0.10 or more, to
# 0.80 or more. A part of `make test-long`. Usage: tests/afclip.sh BUILD [EPOCHS]. Prints TAP; figures stand behind #. OUT=DIR keeps what
# is made: the checkpoint with losses.csv and losses.svg, and the results.
set -uo pipefail
build=$(realpath "$1") epochs=${2:-20}
okng=$build/okng shared=$(realpath -m "$(dirname "$0")/../../shared/weights")
clip=clip-tinyclip-39m-16 # wide and deep enough for the whole of ViT-Tiny
trained=washer,circuit,label unseen=fabric,blister
echo "1..1"
if [ ! -e "$shared/vit_tiny_patch16_224.safetensors" ] || [ ! -e "$shared/bpe_simple_vocab_16e6.txt.gz" ]; then
    echo "not ok 1 - learns # SKIP needs ../shared/weights"
    exit 0
fi
if [ -n "${OUT:-}" ]; then
    mkdir -p "$OUT" && work=$(realpath "$OUT")
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
fail() { # fail WHY
    echo "not ok 1 - learns: $1"
    exit 1
}
"$build/tests/make_clip" "$clip" "$work/made.safetensors" &&
    "$build/tests/make_joined" "$work/made.safetensors" "$shared/vit_tiny_patch16_224.safetensors" "$work/clip.safetensors" &&
    rm "$work/made.safetensors" && "$build/tests/make_products" "$work/products" 1 &&
    "$build/tests/make_afclip" "$clip" "$work/start" --seed 1 || fail "nothing to begin with could be made"
network=(--backbone "$clip" --weights "$work/clip.safetensors" --vocabulary "$shared/bpe_simple_vocab_16e6.txt.gz")
"$okng" train afclip "${network[@]}" --dataset mvtec --root "$work/products" --category "$trained" --resolution 256 --cache "$work/tokens" \
    --cache-type fp32 --lr 0.001 --epochs "$epochs" --seed 1 --out "$work/learnt" --quiet || fail "okng train afclip failed"

mean() { # mean CHECKPOINT KEY: of the unseen products
    "$okng" eval --method miniclip "${network[@]}" --checkpoint "$work/$1" --dataset mvtec --root "$work/products" --category "$unseen" \
        --resize 256x256 --latency-runs 1 --examples 0 --out "$work/results-$1" --json --quiet >"$work/$1.json" || return 1
    sed -n '/^  "mean"/,$ s/.*"pixel_auroc": \([0-9.]*\).*/\1/p' "$work/$1.json" | head -n 1
}
before=$(mean start) && after=$(mean learnt) || fail "okng eval failed"
echo "# pixel AUROC of $unseen: $before before, $after after $epochs epochs"
awk "BEGIN { exit !($after >= 0.80 && $after >= $before + 0.10) }" || fail "pixel AUROC went from $before to $after"
echo "ok 1 - learns"
