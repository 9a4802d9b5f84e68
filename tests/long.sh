#!/usr/bin/env bash
# The tests that take hours, each in its long form; the last line is "N passed, N failed". `make test` has their short forms.
#   1. release build: every allocation of every job fails; 200 kills of every writer; every limit of memory; every file system
#      a library that pip builds
#   2. draws of bad parts among the good ones, banks that grow beside rebuilt ones, and WinCLIP at its full shape on real tiles, which
#      need ../shared
#   3. ASan: what failures of allocations leave behind
#   4. with Clang: every fuzz target for FUZZ_SECONDS (60)
#   5. WinCLIP of ViT-B-16-plus-240's shape beside torch's maps and scores; every CLIP, preset and layout on made weights
#   6. a training step of AF-CLIP at the shape of ViT-L-14-336 and 518 pixels beside torch's; AF-CLIP learns from made pictures with a real
#      image tower, which needs ../shared
#   7. the history: 100 kills of its writer, and how often the test of drift is wrong in 3,000,000 blocks
# tests/long.sh NAME... runs only those: alloc kill serve memory files hostile python draws grow winclip clip afclip history leaks fuzz
set -uo pipefail
cd "$(dirname "$0")/.." || exit
. tests/tap.sh
parts=("$@")
wanted() { [ ${#parts[@]} -eq 0 ] || [[ " ${parts[*]} " == *" $1 "* ]]; }

build release build
built release
wanted alloc && run "every failed allocation" tests/alloc.sh build --full
wanted kill && run "200 kills of every writer" env KILLS=200 tests/kill.sh build
wanted kill && run "100 kills of a line" env OKNG_KILLS=100 build/tests/test_line_engine
wanted kill && run "1000 kills of a spool" env OKNG_KILLS=1000 build/tests/test_line_spool
wanted memory && run "every limit of memory" env FULL=1 tests/memory_limits.sh build
wanted files && run "every file system" tests/filesystems.sh build --full
wanted serve && run "32 clients of the server for five minutes" env OKNG_SOAK_SECONDS=300 OKNG_SOAK_SHARED="$PWD/../shared" \
    tests/serve.sh build soak
wanted serve && run "100 kills of the server" env KILLS=100 tests/serve.sh build kill
wanted hostile && run "hostile files" tests/hostile.sh build
wanted python && run "Python, with the library built by pip" tests/python.sh build --full
wanted draws && run "hidden bad parts" tests/hidden.sh build 3
wanted draws && run "noise among good parts" tests/noise.sh build
wanted grow && run "banks that grow" tests/grow.sh build
wanted winclip && run "WinCLIP at its full shape" tests/winclip.sh build

wanted winclip && run "WinCLIP of ViT-B-16-plus-240's shape" env OKNG_TEST_LONG=1 build/tests/test_winclip_golden

wanted clip && run "every CLIP" tests/clip.sh build

wanted afclip && run "a training step of AF-CLIP at ViT-L's shape" env OKNG_TEST_LONG=1 build/tests/test_train_golden
wanted afclip && run "AF-CLIP learns" tests/afclip.sh build

wanted history && run "a server that is killed 100 times while it records" env KILLS=100 tests/serve.sh build history
wanted history && run "a history whose writer is killed 100 times, and 3,000,000 blocks of scores" \
    bash -c 'OKNG_TEST_LONG=1 build/tests/test_history_store && OKNG_TEST_LONG=1 build/tests/test_history_drift'

if wanted leaks; then
    build asan build/asan okng_failing make_fixture
    built asan
    run "leaks of failed allocations" tests/alloc.sh build/asan --leaks --points 100
fi

if wanted fuzz; then
    if command -v clang >/dev/null; then
        run "every fuzz target" tools/fuzz.sh
    else
        echo "every fuzz target: skipped, needs clang"
        skipped=$((skipped + 1))
    fi
fi
summary
