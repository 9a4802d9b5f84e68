#!/usr/bin/env bash
# What a browser makes of the page of an experiment without thresholds: no picture has a verdict, so none is found and none is a
# false alarm. Usage: tests/viewer.sh BUILD. Prints TAP; skips where there is no browser.
set -uo pipefail
build=$(realpath "$1")
echo "1..1"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
    { echo "not ok 1 - pictures without a verdict # SKIP needs chromium"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export XDG_CACHE_HOME=$work/cache HOME=$work
mkdir fixture
{ "$build/tests/make_fixture" fixture && "$build/tests/make_clip" clip-tinyclip-8m-16 tiny.safetensors --f16 &&
    "$build/tests/make_clip" --vocabulary bpe_simple_vocab_16e6.txt.gz; } >said 2>&1 || { echo "Bail out! $(cat said)"; exit 1; }
"$build/okng" eval --root fixture/mvtec --category cloth --method winclip --backbone clip-tinyclip-8m-16 --weights tiny.safetensors \
    --resize 96x96 --max-test-samples 4 --latency-runs 0 --quiet >said 2>&1 || { echo "Bail out! $(cat said)"; exit 1; }
timeout 120 "$browser" --headless --no-sandbox --disable-gpu --virtual-time-budget=4000 --dump-dom \
    "file://$work/results/mvtec/winclip/default/report.html" 2>/dev/null |
    grep -o '<dl class="figures"><div><dt>Pictures<.*' | head -n 1 | sed 's/<\/dl>.*//; s/<[^>]*>/ /g; s/  */ /g; s/ $//' >tiles
expected=" Pictures 4 NG 0 OK 0 no threshold 4"
if [ "$(cat tiles)" = "$expected" ]; then
    echo "ok 1 - pictures without a verdict"
else
    echo "not ok 1 - pictures without a verdict: found \"$(cat tiles)\", expected \"$expected\""
    exit 1
fi
