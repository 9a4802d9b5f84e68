# For tests of the bindings: a folder to work in, and commands that are checks, as TAP.
# shellcheck shell=bash
source_dir=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
check() { # check NAME COMMAND...
    local name=$1
    shift
    number=$((number + 1))
    if "$@" >"$work/log" 2>&1; then
        echo "ok $number - $name"
        return 0
    fi
    echo "not ok $number - $name"
    sed 's/^/# /' "$work/log" | tail -n 40
    return 1
}
skip() { # skip NAME WHY
    number=$((number + 1))
    echo "not ok $number - $1 # SKIP $2"
}
finish() {
    echo "1..$number"
    exit 0
}
