#!/usr/bin/env bash
# OpenVINO IR as okng writes it, judged by a reader that knows the public specification alone (tests/export/openvino_ir.py): first
# the reader itself, then programs with every operator, and banks with okng's own results. Usage: tests/openvino.sh BUILD.
# Prints TAP. PYTHON: a python3 with NumPy, in place of the first that is found.
set -uo pipefail
build=$(realpath "$1") here=$(cd "$(dirname "$0")" && pwd)
python=
for candidate in ${PYTHON:-} /usr/bin/python3 python3; do
    "$candidate" -c 'import numpy' 2>/dev/null && { python=$candidate; break; }
done
if [ -z "$python" ]; then
    echo "1..1"
    echo "not ok 1 - OpenVINO IR is what its specification says # SKIP needs python3 with NumPy"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 number=0
export OMP_NUM_THREADS=1

verdict() { # verdict NAME STATUS LOG
    number=$((number + 1))
    [ "$2" = 0 ] && echo "ok $number - $1" && return
    echo "not ok $number - $1"
    sed 's/^/# /' "$3"
    failed=1
}

"$python" "$here/export/openvino_ir_test.py" >"$work/log" 2>&1
verdict "the reader of the tests gives the examples of the specification" $? "$work/log"

for kind in "" half; do
    mkdir "$work/programs$kind"
    { "$build/tests/make_programs" "$work/programs$kind" openvino $kind &&
        "$python" "$here/export/openvino_programs.py" "$work/programs$kind" "$([ -z "$kind" ] && echo 2e-6 || echo 1e-3)"; } >"$work/log" 2>&1
    verdict "every operator${kind:+ with constants of float16} is what okng's interpreter makes of it" $? "$work/log"
done
# ---- banks: `okng export --verify` holds the file to okng by okng's own reader and writes what went in and what came out; the
# evaluator of the tests gives the same numbers from the same file
"$build/tests/make_fixture" "$work" >/dev/null
okng=$build/okng
compare() { # compare NAME SCORE MAP WORDS OF BUILD -- WORDS OF EXPORT
    local name=$1 score=$2 map=$3 making=()
    shift 3
    while [ $# -gt 0 ] && [ "$1" != -- ]; do making+=("$1") && shift; done
    [ $# -eq 0 ] || shift
    rm -rf "$work/bank" "$work/model" "$work/samples"
    { "$okng" build --ok-dir "$work/ok" --out-dir "$work/bank" --quiet "${making[@]}" &&
        "$okng" export --bank-dir "$work/bank" --out "$work/model" --format openvino --verify 2 --img "$work/ng" "$work/ok" \
            --samples "$work/samples" --quiet "$@" &&
        "$python" "$here/export/openvino_bank.py" "$work/model/bank/bank.xml" "$work/samples" "$score" "$map"; } >"$work/log" 2>&1
    verdict "a bank is what okng makes of it: $name" $? "$work/log"
}
small=(--backbone resnet18 --weights "$work/resnet18.safetensors" --resize 64x64)
compare "re-weighted" 1e-4 1e-4 "${small[@]}"
compare "mean-map, squared, mean-k, of several pictures at once" 1e-4 1e-4 "${small[@]}" --preset inspection --resize 64x64 --crop 48 -- --dynamic-batch
compare "built-in network, cosine, pixels" 1e-4 1e-4 --resize 64x64 --distance cosine -- --input uint8
compare "subspace" 1e-4 1e-4 "${small[@]}" --method subspace
compare "weights of float16" 2e-2 2e-2 "${small[@]}" -- --precision fp16
# The lines of docs/export.md that change a threshold: above every score nothing is NG, below none of them all is.
"$python" - "$work/model/bank/bank" "$work/samples/0/input.npy" "$here/export" >"$work/log" 2>&1 <<'END'
import re, sys, numpy as np
sys.path.insert(0, sys.argv[3])
from openvino_ir import Model
text = open(sys.argv[1] + ".xml").read()
offset = int(re.search(r'name="image_threshold".*?offset="(\d+)"', text, re.S).group(1))
for threshold, label in ((1e9, False), (0.0, True)):
    with open(sys.argv[1] + ".bin", "r+b") as file:
        file.seek(offset)
        file.write(np.float32(threshold).tobytes())
    assert Model(sys.argv[1] + ".xml").run({"input": np.load(sys.argv[2])})["pred_label"].tolist() == [label], threshold
END
verdict "a threshold is four bytes of the .bin" $? "$work/log"
echo "1..$number"
exit $failed
