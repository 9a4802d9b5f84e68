#!/usr/bin/env bash
# Runs every ```sh block of the tutorial and of the README, in order, as a reader would: in a folder with 30 good parts and a bad one.
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

run_blocks() { # run_blocks FILE: in a folder of its own, where it stays
    local name script
    name=$(basename "$1" .md)
    mkdir "$work/$name.blocks"
    blocks "$1" "$work/$name.blocks"
    prepare "$work/$name"
    cd "$work/$name" || exit 1
    cp -r parts/ng parts/new
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
}

holds() { # holds NAME COMMAND...
    local name=$1
    shift
    number=$((number + 1))
    if "$@" >"$work/log" 2>&1; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        sed 's/^/# /' "$work/log"
    fi
}

finds_highest() { tail -n +2 results/results.csv | sort -t, -k2 -gr | head -n 1 | grep '^ng/[^,]*,[^,]*,NG' && grep '^ng/[^,]*,[^,]*,NG' results-5/results.csv; }
finds() { grep ',NG\(,\|$\)' results/results.csv && [ -s results/report.html ]; }
same_commands() { # same_commands FILE OTHER
    mkdir -p "$work/same"
    rm -rf "$work/same"/*
    mkdir "$work/same/one" "$work/same/other"
    blocks "$1" "$work/same/one"
    blocks "$2" "$work/same/other"
    diff -r "$work/same/one" "$work/same/other"
}

run_blocks "$docs/tutorial.md"
holds "tutorial, the bad part is found" finds_highest
run_blocks "$docs/../README.md"
holds "README, the bad part is found" finds
holds "tutorial.ko.md has the same commands" same_commands "$docs/tutorial.md" "$docs/tutorial.ko.md"
holds "README.ko.md has the same commands" same_commands "$docs/../README.md" "$docs/../README.ko.md"
echo "1..$number"
