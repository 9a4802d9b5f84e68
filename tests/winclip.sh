#!/usr/bin/env bash
# WinCLIP at its full shape, ViT-B-16-plus-240 at 240x240, on real tiles with made weights: by words alone and beside two good
# pictures. Made weights say nothing of quality; what is looked at is that all of it runs, what is told, time and memory. A part of
# `make test-long`. Usage: tests/winclip.sh BUILD [PICTURES [options of okng eval]]. Prints TAP; time and memory stand behind #.
# CLIP=NAME takes another network.
set -uo pipefail
build=$(realpath "$1") pictures=${2:-12} clip=${CLIP:-clip-vit-b-16-plus-240} more=("${@:3}")
okng=$build/okng tiles=$(realpath -m "$(dirname "$0")/../../shared/data/mvtec_like")
echo "1..2"
if [ ! -e "$tiles/tile" ]; then
    echo "not ok 1 - by words # SKIP needs ../shared/data/mvtec_like"
    echo "not ok 2 - beside two pictures # SKIP needs ../shared/data/mvtec_like"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache
"$build/tests/make_clip" "$clip" "$work/plus.safetensors" --f16 &&
    "$build/tests/make_clip" --vocabulary "$work/bpe_simple_vocab_16e6.txt.gz" || { echo "Bail out! no checkpoint could be made"; exit 1; }

figure() { sed -n "s/.*\"$2\": \([0-9.]*\).*/\1/p" "$1" | head -n 1; }
failed=0
try() { # try NUMBER NAME SHOTS
    local out=$work/results/mvtec/winclip/$2/tile wrong=
    "$okng" eval --root "$tiles" --category tile --method winclip --backbone "$clip" --weights "$work/plus.safetensors" --k-shot "$3" --out "$work/results" \
        --name "$2" --max-test-samples "$pictures" --latency-runs 5 --examples 2 --quiet ${more[@]+"${more[@]}"} >"$work/said" 2>&1 || wrong="okng eval failed: $(cat "$work/said")"
    for file in metrics.json scores.json bank/winclip.safetensors; do [ -e "$out/$file" ] || wrong="$wrong no $file"; done
    if [ -z "$wrong" ]; then
        [ "$(figure "$out/metrics.json" train_images)" = "$3" ] || wrong="$wrong learnt others than $3 pictures"
        [ "$(grep -c '"by"' "$out/scores.json")" = "$pictures" ] || wrong="$wrong windows are not told of $pictures pictures"
        [ "$(grep -c '"verdict": null' "$out/scores.json")" = "$([ "$3" = 0 ] && echo "$pictures" || echo 0)" ] || wrong="$wrong verdicts"
        peak=$(figure "$out/metrics.json" peak_bytes)
        [ "$peak" -lt $((3 << 30)) ] || wrong="$wrong $peak bytes at most"
        echo "# $2: $(figure "$out/metrics.json" p50) ms a picture (p50), $((peak >> 20)) MiB at most, image AUROC $(figure "$out/metrics.json" image_auroc)"
    fi
    [ -z "$wrong" ] && echo "ok $1 - $2" && return
    echo "not ok $1 - $2:$wrong"
    failed=1
}
try 1 zero-shot 0
try 2 two-shot 2
exit $failed
