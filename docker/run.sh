#!/bin/sh
# Builds a bank from the pictures of DATA_DIR in a container and leaves it, and what was found in new pictures, in OUT_DIR.
# Usage: docker/run.sh DATA_DIR OUT_DIR [--copy] [options of okng build]
#   --copy   copies pictures in and results out, for an engine on another machine; without it the folders are mounted
# OKNG_ENGINE: docker or podman, in place of the one that is found. docker/job.sh says which folders of DATA_DIR are used.
set -eu
fail() { echo "docker/run.sh: $1" >&2; exit "${2:-1}"; }

[ $# -ge 2 ] || { sed -n '3,5s/^# //p' "$0" >&2; exit 2; }
[ -d "$1" ] || fail "$1: no such folder of pictures" 2
mkdir -p "$2"
data=$(cd "$1" && pwd) out=$(cd "$2" && pwd)
shift 2
copy=no
[ "${1:-}" != --copy ] || { copy=yes; shift; }
engine=${OKNG_ENGINE:-$(command -v docker || command -v podman || true)}
[ -n "$engine" ] || fail "neither docker nor podman is here; install one, or run okng without a container (README.md)"

here=$(cd "$(dirname "$0")/.." && pwd)
"$engine" image inspect okng >/dev/null 2>&1 || "$engine" build -t okng -f "$here/docker/Dockerfile" "$here"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/okng
mkdir -p "$cache"

if [ "$copy" = no ]; then
    "$engine" run --rm --user "$(id -u):$(id -g)" -v "$data:/data:ro" -v "$out:/out" -v "$cache:/cache/okng" okng "$@"
else
    id=$("$engine" create okng "$@")
    trap '"$engine" rm -f "$id" >/dev/null' EXIT
    "$engine" cp "$data/." "$id:/data"
    "$engine" cp "$cache/." "$id:/cache/okng"
    "$engine" start -a "$id"
    "$engine" cp "$id:/out/." "$out"
fi
echo "== the bank and the results are in $out"
