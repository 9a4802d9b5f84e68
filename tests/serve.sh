#!/usr/bin/env bash
# The server under clients that do not behave, and what its description says. Usage: tests/serve.sh BUILD [NAME...]: parts by name: clients
# openapi banks jobs history cameras nginx unit soak kill. Prints TAP; each part is skipped where its peers are not installed.
set -uo pipefail
build=$(realpath "$1")
shift
here=$(dirname "$(realpath "$0")")
parts=("${@:-clients}")
if [ ! -x "$build/okng-serve" ]; then
    echo "1..1"
    echo "not ok 1 - the server # SKIP built without libmicrohttpd (libmicrohttpd-dev)"
    exit 0
fi
python=$(command -v /usr/bin/python3 || command -v python3) || { echo "1..1"; echo "not ok 1 - the server # SKIP needs python3"; exit 0; }
code=0
for part in "${parts[@]}"; do
    "$python" -B "$here/serve/$part.py" "$build/okng-serve" "$build" || code=1
done
exit $code
