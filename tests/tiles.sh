# For tests/hidden.sh and tests/noise.sh: BUILD [DRAWS] [options of okng build]; draws of good and bad tiles, in a folder of its own.
# shellcheck shell=bash
export LC_ALL=C
okng=$(realpath "$1")/okng draws=${2:-1}
shift $(($# < 2 ? $# : 2))
tiles=$(realpath -m "$(dirname "$0")/../../shared/data/mvtec_like/tile")
[ -d "$tiles" ] || { echo "1..0 # SKIP needs ../shared/data/mvtec_like/tile"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# draw N SEED FILE...: N of the files, by the order of their hashes with the seed
draw() {
    local count=$1 seed=$2
    shift 2
    for file; do printf '%s %s\n' "$(printf '%s %s' "$seed" "${file#"$tiles"/}" | sha256sum | cut -c1-16)" "$file"; done |
        sort | cut -d' ' -f2 | head -n "$count"
}
