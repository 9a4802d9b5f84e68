#!/bin/sh
# Trains a model of the good pictures of DATA_DIR in a container and leaves it in OUT_DIR/NAME: NAME.xml and NAME.bin (OpenVINO),
# checkpoint.ckpt, config.yaml, and bank.
# Usage: docker/run.sh DATA_DIR OUT_DIR [NAME] [--copy] [options of okng train patchcore]
#   NAME     of the model; "model" unless given
#   --copy   copies pictures in and the model out, for an engine on another machine; without it the folders are mounted
# OKNG_ENGINE: docker or podman, in place of the one that is found. OKNG_WEIGHTS: a weight file that is used in place of a download.
set -eu
fail() { echo "docker/run.sh: $1" >&2; exit "${2:-1}"; }

[ $# -ge 2 ] || { sed -n '4,7s/^# //p' "$0" >&2; exit 2; }
[ -d "$1" ] || fail "$1: no such folder of pictures" 2
mkdir -p "$2"
data=$(cd "$1" && pwd) out=$(cd "$2" && pwd) name=model
shift 2
case ${1:---} in
--*) ;;
*) name=$1 && shift ;;
esac
copy=no
[ "${1:-}" != --copy ] || { copy=yes; shift; }
engine=${OKNG_ENGINE:-$(command -v docker || command -v podman || true)}
[ -n "$engine" ] || fail "neither docker nor podman is here; install one, or run okng train patchcore without a container (README.md)"

here=$(cd "$(dirname "$0")/.." && pwd)
"$engine" image inspect okng >/dev/null 2>&1 || "$engine" build -t okng -f "$here/docker/Dockerfile" "$here"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/okng
mkdir -p "$cache"
set -- --data-dir /data --output /out --pattern-name "$name" "$@"
if [ -n "${OKNG_WEIGHTS:-}" ]; then
    [ -f "$OKNG_WEIGHTS" ] || fail "$OKNG_WEIGHTS: no such weight file" 2
    weights=$(cd "$(dirname "$OKNG_WEIGHTS")" && pwd)/$(basename "$OKNG_WEIGHTS")
    set -- "$@" --weights "/weights/$(basename "$weights")"
fi

if [ "$copy" = no ]; then
    set -- okng "$@"
    [ -z "${weights:-}" ] || set -- -v "$(dirname "$weights"):/weights:ro" "$@"
    "$engine" run --rm --user "$(id -u):$(id -g)" -v "$data:/data:ro" -v "$out:/out" -v "$cache:/cache/okng" "$@"
else
    id=$("$engine" create okng "$@")
    trap '"$engine" rm -f "$id" >/dev/null' EXIT
    "$engine" cp "$data/." "$id:/data"
    "$engine" cp "$cache/." "$id:/cache/okng"
    [ -z "${weights:-}" ] || "$engine" cp "$weights" "$id:/weights/"
    "$engine" start -a "$id"
    "$engine" cp "$id:/out/." "$out"
fi
echo "== the model is in $out/$name"
