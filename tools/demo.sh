#!/bin/sh
# Made-up products, a bank for each, and a report to look at. Usage: tools/demo.sh OKNG [options of okng demo]
set -eu
okng=$1
shift
here=$(cd "$(dirname "$0")/.." && pwd)
rm -rf "$here/build/demo/results" # of an earlier build of okng, perhaps
exec "$okng" demo --out "$here/build/demo" "$@"
