#!/usr/bin/env bash
# Runs every ```sh block of the tutorials, in order, as a reader would: in a folder with 30 good parts and a bad one.
# Usage: tests/docs.sh BUILD. Prints TAP, a line per block.
set -uo pipefail
build=$(realpath "$1")
docs=$(cd "$(dirname "$0")/../docs" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home
unset XDG_CACHE_HOME
number=0

# blocks FILE FOLDER: the n-th sh block as FOLDER/n.sh
blocks() { awk -v folder="$2" '/^```sh$/ { n++; on = 1; next } /^```$/ { on = 0 } on { print > (folder "/" sprintf("%02d", n) ".sh") }' "$1"; }

prepare() { # prepare FOLDER
    mkdir -p "$1" "$HOME"
    "$build/tests/make_fixture" "$1/parts" 30
    rm "$1/parts/resnet18.safetensors"
}

okng() { "$build/okng" "$@"; }

run_document() { # run_document FILE
    local name script
    name=$(basename "$1" .md)
    mkdir "$work/$name.blocks"
    blocks "$1" "$work/$name.blocks"
    prepare "$work/$name"
    cd "$work/$name" || exit 1
    for script in "$work/$name.blocks"/*.sh; do
        number=$((number + 1))
        # Not as the condition of `if`, where -e is ignored.
        (set -e; source "$script") >"$work/log" 2>&1 </dev/null
        if [ $? -eq 0 ]; then
            echo "ok $number - $name, block $(basename "$script" .sh)"
        else
            echo "not ok $number - $name, block $(basename "$script" .sh)"
            sed 's/^/# /' "$script" "$work/log"
        fi
    done
    number=$((number + 1))
    if tail -n +2 results/results.csv | sort -t, -k2 -gr | head -n 1 | grep -q '^ng/.*,NG$' && grep -q '^ng/.*,NG$' results-5/results.csv; then
        echo "ok $number - $name, the bad part is found"
    else
        echo "not ok $number - $name, the bad part is found"
    fi
}

run_document "$docs/tutorial.md"
# The same commands in the other language.
number=$((number + 1))
for name in tutorial tutorial.ko; do
    mkdir -p "$work/same/$name"
    blocks "$docs/$name.md" "$work/same/$name"
done
if diff -r "$work/same/tutorial" "$work/same/tutorial.ko" >"$work/log"; then
    echo "ok $number - tutorial.ko.md has the same commands"
else
    echo "not ok $number - tutorial.ko.md has the same commands"
    sed 's/^/# /' "$work/log"
fi
echo "1..$number"
