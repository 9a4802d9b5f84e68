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
echo "1..$number"
exit $failed
