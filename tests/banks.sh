#!/usr/bin/env bash
# Banks keep their bytes from version to version: every preset on small made pictures with a fixed seed, against the SHA-256 of
# memory_bank.pt and of the figures of tau.json: by plain C of what version 0.1.0 wrote (golden/bank/okng-0.1.0.txt), by AVX2 of what was
# written when networks came to run by kernels of okng's own (golden/bank/avx2.txt), which moved rows by at most 1e-6 of the largest
# number and changed none of the choices. Usage: tests/banks.sh BUILD [--record OKNG]. Prints TAP; --record prints the tables that OKNG makes.
set -uo pipefail
export LC_ALL=C
build=$(realpath "$1")
okng=$build/okng record=
[ "${2:-}" != --record ] || { okng=$(realpath "$3") record=1; }
golden=$(cd "$(dirname "$0")" && pwd)/golden/bank
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$build/tests/make_fixture" "$work" || { echo "Bail out! no pictures could be made"; exit 1; }
cd "$work" || exit 1

# What was another default in 0.1.0. The table's lines name the cases without it.
before="--image-pct 0.995 --calibration leave-one-out"
# The presets name networks of hundreds of megabytes: here each runs on a small one, in its own way.
small="--backbone resnet18 --weights resnet18.safetensors"
cases=(
    "default --resize 64x64"
    "default $small --resize 64x64 --convolution direct"
    "default $small --resize 64x64 --sampler identity --image-score max --calibration train"
    "default $small --resize 64x64 --sampler random --coreset-size 40 --precision fp32"
    "paper $small --shorter 72 --crop 64"
    "inspection $small --shorter 72 --crop 64"
    "anomalib $small --resize 64x64"
    "architecture $small --resize 64x64"
    "guide $small --layers layer2,layer3 --shorter 72 --coreset 0.2"
)
# the scores themselves, without the measures of doubt that came later
figures() { sed '/"image_doubts"/,/\]/d' "$1/tau.json" | grep -E '^ *("(pixel|image|pixel_low|pixel_pct|image_pct)":|[-0-9])' | tr -d ' ,'; }
line() { # line CPU OPTIONS: hashes, the case
    rm -rf bank
    # shellcheck disable=SC2086 # words are options
    "$okng" build --ok-dir ok --out-dir bank --quiet --seed 7 --cpu "$1" --preset ${2/#default/default $before} || return 1
    printf '%s %s %s %s\n' "$(sha256sum <bank/memory_bank.pt | cut -c1-64)" "$(figures bank | sha256sum | cut -c1-64)" "$1" "$2"
}

number=0 failed=0
for cpu in c avx2; do
    stored=$golden/okng-0.1.0.txt
    [ "$cpu" = c ] || stored=$golden/$cpu.txt
    for options in "${cases[@]}"; do
        number=$((number + 1))
        if [ "$cpu" = avx2 ] && ! grep -q avx2 /proc/cpuinfo; then
            echo "ok $number - $cpu $options # SKIP this CPU has no AVX2"
            continue
        fi
        found=$(line "$cpu" "$options" 2>"$work/log")
        if [ -n "$record" ]; then
            echo "$found"
        elif [ -n "$found" ] && grep -qxF -- "$found" "$stored"; then
            echo "ok $number - $cpu $options"
        else
            failed=$((failed + 1))
            printf 'not ok %d - %s %s\n# found    %s\n# expected %s\n' "$number" "$cpu" "$options" "$found" \
                "$(grep -F -- " $cpu $options" "$stored")"
            sed 's/^/# /' "$work/log"
        fi
    done
done
[ -n "$record" ] || echo "1..$number"
[ "$failed" -eq 0 ]
