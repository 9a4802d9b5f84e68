#!/usr/bin/env bash
# ONNX as okng writes it: by okng's own reader and interpreter, by onnx.checker, and in onnxruntime, where they are there.
# onnxruntime: `npm install --ignore-scripts --prefix build/ort onnxruntime-node@1.30.0`, or OKNG_ORT=.../node_modules.
# Usage: tests/export.sh BUILD. Prints TAP.
set -uo pipefail
build=$(realpath "$1") here=$(cd "$(dirname "$0")" && pwd)
okng=$build/okng modules=${OKNG_ORT:-$here/../build/ort/node_modules}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 number=0

verdict() { # verdict NAME STATUS
    number=$((number + 1))
    [ "$2" = 0 ] && echo "ok $number - $1" && return
    echo "not ok $number - $1"
    sed 's/^/# /' "$work/log"
    failed=1
}
skip() { # skip NAME WHY
    number=$((number + 1))
    echo "not ok $number - $1 # SKIP $2"
}
runtime=
if ! command -v node >/dev/null; then
    runtime="needs node"
elif [ ! -d "$modules/onnxruntime-node" ]; then
    runtime="needs onnxruntime-node, see tests/export.sh"
fi
checker=
/usr/bin/python3 -c 'import onnx; raise SystemExit(not onnx.__version__)' 2>/dev/null || checker="needs python3-onnx"

# ---- operators ----
programs() { # programs NAME TOLERANCE OPTION...
    local name=$1 tolerance=$2
    shift 2
    mkdir "$work/of-$name"
    if [ -n "$runtime" ]; then
        skip "every operator in onnxruntime, $name" "$runtime"
        return
    fi
    { "$build/tests/make_programs" "$work/of-$name" "$@" && node "$here/export/onnx_programs.mjs" "$modules" "$work/of-$name" "$tolerance"; } >"$work/log" 2>&1
    verdict "every operator in onnxruntime is what okng's interpreter makes of it, $name" $?
}
programs plain 1e-6
programs apart-opset-20 1e-6 apart 20
programs half 1e-3 half

# ---- banks ----
"$build/tests/make_fixture" "$work/parts" || exit 1
weights=$work/parts/resnet18.safetensors

build_bank() { # build_bank NAME OPTION...
    local name=$1
    shift
    "$okng" build --ok-dir "$work/parts/ok" --out-dir "$work/$name" --quiet "$@" >"$work/log" 2>&1
}
bank() { # bank NAME "EXPORT OPTIONS" "RUN FLAGS" BUILD OPTION...
    local name=$1 export=$2 flags=$3
    shift 3
    # shellcheck disable=SC2086 # words are options
    build_bank "$name" "$@" && "$okng" export --bank-dir "$work/$name" --out "$work/model" --verify 2 --img "$work/parts/ng" "$work/parts/ok/000.png" \
        --samples "$work/samples-$name" $export >"$work/log" 2>&1
    verdict "$name agrees with okng, by its interpreter" $?
    if [ -n "$runtime" ]; then
        skip "$name agrees with okng in onnxruntime" "$runtime"
        return
    fi
    # shellcheck disable=SC2086 # words are options
    node "$here/export/onnx_run.mjs" "$modules" "$work/model/$name.onnx" "$work/samples-$name" $flags >"$work/log" 2>&1 &&
        node -e 'const r = JSON.parse(require("fs").readFileSync(process.argv[1])); process.exit(r.pictures === 2 && r.score <= 1e-5 && r.map <= 1e-4 && r.labels === 0 ? 0 : 1)' "$work/log"
    verdict "$name agrees with okng in onnxruntime${flags:+, $flags}" $?
}
bank default "" "" --resize 64x64
bank anomalib "--dynamic-batch --input uint8" --batch --preset anomalib --backbone resnet18 --weights "$weights" --resize 64x64
bank inspection "--resize-inside 72x80 --input uint8" "" --preset inspection --backbone resnet18 --weights "$weights" --resize 64x64 --crop none
bank subspace "--opset 20" "" --method subspace --resize 64x64

if [ -n "$runtime" ]; then
    skip "NaN in a picture is NG" "$runtime"
else
    node "$here/export/onnx_run.mjs" "$modules" "$work/model/default.onnx" "$work/samples-default" --nan >"$work/log" 2>&1 && grep -q '"nan":2' "$work/log"
    verdict "NaN in a picture is NG, and NaN as score" $?
fi
if [ -n "$checker" ]; then
    skip "onnx.checker" "$checker"
else
    "$okng" export --bank-dir "$work/inspection" --out "$work/checked" --precision fp16 >"$work/log" 2>&1 &&
        "$okng" export --bank-dir "$work/default" --out "$work/plain" --dynamic-batch >>"$work/log" 2>&1 &&
        /usr/bin/python3 -c '
import glob, onnx, sys
files = [f for folder in sys.argv[1:] for f in glob.glob(folder + "/*.onnx")]
assert len(files) >= 2, files
for f in files: onnx.checker.check_model(f, full_check=True)' "$work/checked" "$work/plain" >>"$work/log" 2>&1
    verdict "onnx.checker takes it" $?
fi
echo "1..$number"
exit $failed
