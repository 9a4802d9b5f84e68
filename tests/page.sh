#!/usr/bin/env bash
# The page of okng-serve: its words and files, and every flow in Chromium. Usage: tests/page.sh BUILD [SHOTS]. Prints TAP; skips what needs
# Node.js, Chromium or playwright-core where they are missing. The last is taken from OKNG_ORT=.../node_modules, else from build/ort, where npm
# puts it. Pictures of some views go to the folder SHOTS.
set -uo pipefail
build=$(realpath "$1") shots=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
page=$here/../src/serve/page modules=${OKNG_ORT:-$here/../build/ort/node_modules}
skip() { echo "1..1"; echo "not ok 1 - page of the server # SKIP needs $1"; exit 0; }

[ -x "$build/okng-serve" ] || skip "okng-serve, which is built where libmicrohttpd-dev is"
listed=$(sed -n 's/^page_file([a-z_]*, "\([^"]*\)".*/\1/p' "$here/../src/serve/page_files.h" | sort)
lying=$(cd "$page" && find . -type f -printf '%P\n' | sort)
if [ "$listed" != "$lying" ]; then
    echo "1..1"
    echo "not ok 1 - page: every file is a part of the program"
    diff <(echo "$listed") <(echo "$lying") | sed 's/^/# /'
    exit 1
fi
node=$(command -v node) || skip "Node.js (nodejs)"
if ! wrong=$("$node" "$here/page/words.mjs" "$page" 2>&1); then
    echo "1..1"
    echo "not ok 1 - page: words of both languages"
    echo "$wrong" | sed 's/^/# /'
    exit 1
fi
[ -d "$modules/playwright-core" ] || [ -n "${OKNG_ORT:-}" ] ||
    timeout 120 npm install --silent --ignore-scripts --no-audit --no-fund --prefix "$here/../build/ort" playwright-core@1.65.1 >/dev/null 2>&1
[ -d "$modules/playwright-core" ] || skip "playwright-core, which npm did not bring"
CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "chromium"
export CHROMIUM

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache HOME=$work
mkdir "$work/fixture"
"$build/tests/make_fixture" "$work/fixture" >"$work/said" 2>&1 || { echo "Bail out! $(cat "$work/said")"; exit 1; }
timeout 300 "$node" "$here/page/flows.mjs" "$modules" "$build/okng-serve" "$work/fixture" "$work/run" ${shots:+"$(realpath "$shots")"}
