#!/usr/bin/env bash
# Hostile files of every format that okng reads: each is refused with a reason, within 256 MiB of memory and 2 s. The files are made
# here by tests/tools/make_hostile.c and removed; none of them is in the repository.
#
# Usage: tests/hostile.sh BUILD [--table] [PATTERN]
# --table prints the rows of docs/reliability.md in place of TAP: format, file, what came, memory, time.
# OKNG names another command than BUILD/okng, as one of an earlier version. Time is that on the CPUs.
set -uo pipefail
export LC_ALL=C
[ $# -ge 1 ] || { sed -n '/^# Usage/s/^# //p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "$1")
okng=$(realpath "${OKNG:-$build/okng}") table=0 pattern='*'
shift
for given in "$@"; do
    if [ "$given" = --table ]; then table=1; else pattern=$given; fi
done
make=$build/tests/make_hostile measured=$build/tests/measured
[ -x "$make" ] && [ -x "$measured" ] || { echo "Bail out! $make and $measured are not there; build the tests first"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export HOME=$work
unset XDG_CACHE_HOME OKNG_LANGUAGE

# A bank, an ensemble's description, an experiment, a model of another program: with one file replaced each time.
prepare() {
    "$build/tests/make_fixture" parts || return 1
    mkdir ok && cp parts/ok/00[0-2].png ok
    "$okng" build --ok-dir ok --out-dir bank --backbone resnet18 --weights parts/resnet18.safetensors --resize 64x64 --quiet \
        2>log || { cat log; return 1; }
    mkdir ensemble && cp bank/tau.json ensemble
    mkdir -p run/cloth && printf 'path,score\n' >run/cloth/metrics.csv
    cp -r "$here/golden/import/single" model
    mkdir -p data pictures results
}
prepare || { echo "Bail out! what the test needs could not be made"; exit 1; }

number=0 failed=0 most_mib=256 most_ms=2000
# hostile FORMAT KIND[:WORD] FILE EXPECTED COMMAND...: FILE is made, COMMAND refuses it saying EXPECTED.
hostile() {
    local format=$1 kind=${2%%:*} word= file=$3 expected=$4 kept=
    [ "$kind" = "$2" ] || word=${2#*:}
    local name="$format: $kind${word:+ $word}"
    shift 4
    # shellcheck disable=SC2053
    [[ $name == $pattern ]] || return 0
    [ -e "$file" ] && kept=$file.kept && mv "$file" "$kept"
    "$make" "$kind" "$file" "$word"
    "$measured" took env LC_ALL="${locale:-C}" timeout 120 "$okng" "$@" >said 2>&1 </dev/null
    local kib ms status size wrong=
    size=$(stat -c %s "$file")
    rm -f "$file"
    [ -z "$kept" ] || mv "$kept" "$file"
    read -r kib ms status <took
    number=$((number + 1))
    [ "$status" = 1 ] || wrong="exit status $status, expected 1"
    grep -q -- "$expected" said || wrong="${wrong:+$wrong; }does not say \"$expected\""
    [ $((kib / 1024)) -lt $most_mib ] || wrong="${wrong:+$wrong; }took $((kib / 1024)) MiB, expected less than $most_mib"
    [ "$ms" -lt $most_ms ] || wrong="${wrong:+$wrong; }took $ms ms, expected less than $most_ms"
    [ -z "$wrong" ] || failed=$((failed + 1))
    if [ "$table" = 1 ]; then
        printf '| %s | %s, %d kB | %s | %d MiB | %d.%02d s |\n' "$format" "$kind${word:+ $word}" $((size / 1000)) \
            "$([ "$status" = 1 ] && echo refused || echo "exit $status")" $((kib / 1024)) $((ms / 1000)) $((ms % 1000 / 10))
    elif [ -z "$wrong" ]; then
        echo "ok $number - $name ($((kib / 1024)) MiB, $ms ms)"
    else
        printf 'not ok %d - %s: %s\n' $number "$name" "$wrong"
        head -c 600 said | sed 's/^/# /'
    fi
}

for shape in numbers objects texts text depth; do
    hostile tau.json json-$shape:image_scores bank/tau.json 'tau.json: ' bank show bank
    hostile bank_config.json json-$shape:options bank/bank_config.json 'bank_config.json: ' bank show bank
    hostile ensemble.json json-$shape:ranges ensemble/ensemble.json 'ensemble.json: ' bank show ensemble
    hostile metrics.json json-$shape:curves run/cloth/metrics.json 'metrics.json: ' plot run
done
hostile tau.json json-members bank/tau.json 'tau.json: ' bank show bank
for kind in tensors metadata lists; do
    hostile .safetensors safetensors-$kind a.safetensors 'a.safetensors: ' weights show a.safetensors
done
for kind in values stack marks items copies storages tensors; do
    hostile .pth pickle-$kind a.pth 'a.pth: ' weights show a.pth
    hostile '.pth of before 1.6' pickle-$kind:stream a.pth 'a.pth: ' weights show a.pth
    hostile 'checkpoint of anomalib' pickle-$kind a.ckpt 'a.ckpt: ' import anomalib a.ckpt --out-dir none
done
for kind in entries bomb lies; do hostile .pth zip-$kind a.pth 'a.pth: ' weights show a.pth; done
hostile 'parameters of patchcore-inspection' pickle-values model/patchcore_params.pkl 'patchcore_params.pkl: ' \
    import patchcore-inspection model --out-dir none
hostile 'index of FAISS' faiss-rows model/nnscorer_search_index.faiss 'nnscorer_search_index.faiss: ' \
    import patchcore-inspection model --out-dir none
for kind in shape header; do
    hostile .npy npy-$kind a.npy 'a.npy: ' knn --bank a.npy --query a.npy --k 1 --out none.npy
done
for kind in lists sections aliases keys large documents; do
    hostile 'experiment in YAML' yaml-$kind a.yaml 'a.yaml' run --config a.yaml
done
for kind in rows columns field quote huge; do
    hostile 'table of scores' csv-$kind a.csv 'a.csv: ' metrics --scores a.csv
    hostile 'table of a data set' csv-$kind data/a.csv 'a.csv: ' data show --root data --dataset csv
    hostile results.csv csv-$kind results/results.csv 'results.csv: ' infer --img ok/000.png --bank-dir bank --out results --append
done
# The command takes the catalogue that lies beside it, and goes on in English without one.
mkdir -p here/bin here/share/locale/ko/LC_MESSAGES && cp "$okng" here/bin/okng
locale=ko_KR.UTF-8 okng=here/bin/okng hostile 'catalogue of messages' catalogue-texts \
    here/share/locale/ko/LC_MESSAGES/okng.mo 'okng.mo: ' weights show none.pth
for kind in text-bomb profile-bomb texts unknown size short; do
    hostile PNG png-$kind a.png 'a.png: ' preprocess --img a.png --out none.npy
done
for kind in scans size short markers; do
    hostile JPEG jpeg-$kind a.jpg 'a.jpg: ' preprocess --img a.jpg --out none.npy
done
for kind in tags strips tall size; do
    hostile TIFF tiff-$kind a.tif 'a.tif: ' preprocess --img a.tif --out none.npy
done
hostile WebP webp-size a.webp 'a.webp: ' preprocess --img a.webp --out none.npy
hostile GIF gif-frames a.gif 'a.gif: ' preprocess --img a.gif --out none.npy
hostile BMP bmp-size a.bmp 'a.bmp: ' preprocess --img a.bmp --out none.npy
hostile PNM pnm-size a.ppm 'a.ppm: ' preprocess --img a.ppm --out none.npy
hostile PNM pnm-comment a.ppm 'a.ppm: ' preprocess --img a.ppm --out none.npy
hostile 'what is none of them' garbage a.png 'a.png: ' preprocess --img a.png --out none.npy
hostile 'what is none of them' garbage a.pth 'a.pth: ' weights show a.pth
hostile 'what is none of them' garbage a.npy 'a.npy: ' knn --bank a.npy --query a.npy --k 1 --out none.npy
hostile 'what is none of them' garbage bank/tau.json 'tau.json: ' bank show bank

[ "$table" = 1 ] || echo "1..$number"
[ "$failed" -eq 0 ]
