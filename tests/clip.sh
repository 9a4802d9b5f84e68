#!/usr/bin/env bash
# Every CLIP that okng knows, of made weights: its texts and pictures become vectors, the same from every layout of its file. And the methods,
# presets and advice on the features of the smallest. Needs 2 GiB below $TMPDIR. Usage: tests/clip.sh BUILD. Prints TAP.
set -uo pipefail
export LC_ALL=C
build=$(realpath "$1") number=0
make_clip=$build/tests/make_clip
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home
unset XDG_CACHE_HOME
cd "$work" || exit 1

okng() { "$build/okng" "$@"; }

check() { # check NAME COMMAND...
    number=$((number + 1))
    if "${@:2}" >log 2>&1; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        sed 's/^/# /' log
    fi
}

shape_of() { head -c 128 "$1" | grep -aoE '\([0-9, ]+\)'; }

# With the exact GELU everywhere, which TinyCLIP's layout says of itself.
exact() { okng "$@" --activation gelu; }

# vectors NAME EMBEDDING: of a text and a picture, finite and not 0
vectors() {
    "$make_clip" "$1" w.safetensors --f16 || return 1
    exact text-embed --text "a photo of a nut" --backbone "$1" --weights w.safetensors --out t.npy || return 1
    exact embed --img ok/000.png --backbone "$1" --weights w.safetensors --output image --out i.npy || return 1
    local file
    for file in t.npy i.npy; do
        [ "$(shape_of $file)" = "(1, $2)" ] || return 1
        tail -c +129 $file | od -An -v -tf4 -w4 | awk '$1 == 0 || $1 !~ /^ *-?[0-9]/ { bad++ } END { exit bad > 0 || NR != '"$2"' }' || return 1
    done
}

layouts() { # of the last NAME that vectors left
    local layout
    for layout in hf tinyclip timm; do
        "$make_clip" "$1" other.safetensors --f16 --layout "$layout" || return 1
        exact embed --img ok/000.png --backbone "$1" --weights other.safetensors --output image --out o.npy || return 1
        cmp i.npy o.npy || return 1
        [ "$layout" = timm ] && continue
        exact text-embed --text "a photo of a nut" --backbone "$1" --weights other.safetensors --out o.npy || return 1
        cmp t.npy o.npy || return 1
    done
}

tells() { # tells NAME OPTION...: the scratched part from the good one
    okng build --ok-dir ok --out-dir "bank-$1" --backbone clip-tinyclip-8m-16 --weights w.safetensors --resize 96x96 "${@:2}" &&
        okng infer --bank-dir "bank-$1" --img ok/000.png ng/000.png --out-dir "out-$1" && cat "out-$1/results.csv" &&
        grep -q '^ng/000.png,[^,]*,NG' "out-$1/results.csv" && grep -q '^ok/000.png,[^,]*,OK' "out-$1/results.csv"
}

check "the fixture is made" "$build/tests/make_fixture" .
check "a vocabulary is made" "$make_clip" --vocabulary bpe_simple_vocab_16e6.txt.gz
while read -r name embedding; do
    check "$name: vectors" vectors "$name" "$embedding"
    check "$name: the same from every layout" layouts "$name"
done <<END
clip-vit-b-16 512
clip-vit-b-16-plus-240 640
clip-vit-b-32 512
clip-vit-l-14 768
clip-vit-l-14-336 768
clip-tinyclip-39m-16 512
clip-tinyclip-40m-32 512
clip-tinyclip-61m-32 512
clip-tinyclip-8m-16 512
END
rm -f other.safetensors
for preset in default paper inspection anomalib architecture anomalydino; do
    check "preset $preset" tells "$preset" --preset "$preset" --crop none
done
check "preset guide, with layers" tells guide --preset guide --layers blocks.2 blocks.5 --coreset 0.5
check "cosine" tells cosine --distance cosine --image-score max
check "foreground" tells foreground --foreground pca
check "subspace" tells subspace --method subspace
check "turned copies" tells turned --layers norm --augment rotate:4
check "advice" okng advise --ok-dir ok --ng ng --backbone clip-tinyclip-8m-16 --weights w.safetensors --coreset-size 20
echo "1..$number"
