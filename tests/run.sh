#!/usr/bin/env bash
# Every test of okng; the last line is "N passed, N failed". Logs of what failed are printed, all are kept in build/logs.
#   1. release build: unit tests, golden tests, kernels against their reference, command-line tests, installed library, tutorial
#      once more with the instructions of AVX2 alone, where the CPU has others, and in part with those of plain C
#   2. ASan + UBSan build: the same unit tests, fuzz corpora replayed, command-line tests
#   3. TSan build: the tests where threads meet
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh
export OKNG_KEEP=${OKNG_KEEP:-0} # the user's cache folder stays as it is

units() { # units FOLDER PREFIX
    local program
    for program in "$1"/tests/test_*; do
        [ -x "$program" ] && [ -f "$program" ] && run "$2 $(basename "$program")" "$program"
    done
}

# held VARIANT ISA PATTERN...: programs and command-line cases that match, with the instructions of one variant
held() {
    local variant=$1 pattern program
    export OKNG_CPU=$1 ONEDNN_MAX_CPU_ISA=$2
    shift 2
    for pattern in "$@"; do
        for program in build/tests/$pattern; do
            case $program in
            *.cmake | *test_api_cpu | *test_bank_knn_index | *test_demo_pictures) ;; # choose themselves, or compute no features
            *) [ -x "$program" ] && [ -f "$program" ] && run "$variant $(basename "$program")" "$program" ;;
            esac
        done
    done
    run "$variant command line" tests/cli/run.sh "$PWD/build/okng" 'in*'
    unset OKNG_CPU ONEDNN_MAX_CPU_ISA
}

# As the command does for itself: threads of OpenMP that wait sleep soon, where cores are few or busy.
export GOMP_SPINCOUNT=200
build release build
built release
build asan build/asan
units build release
run "release test_bank_knn_index avx2" build/tests/test_bank_knn_index avx2
run "release banks of 0.1.0" tests/banks.sh build
run "release a submission" tests/submission.sh build
run "release command line" tests/cli/run.sh "$PWD/build/okng"
run "release killed writers" tests/kill.sh "$PWD/build"
run "release several processes" tests/mpi.sh build
# Programs in which the variant of a kernel could matter.
varied=('test_bank_*' 'test_patch_*' 'test_kernels_*' 'test_features_*' 'test_patchcore_*' 'test_subspace_*' test_engine_features
    test_engine_operators test_api_pipeline)
grep -qw avx512f /proc/cpuinfo && held avx2 AVX2 "${varied[@]}" test_engine_vit test_winclip_golden test_afclip_golden test_clip_golden \
    test_grad_operators test_program_ops
held c SSE41 "${varied[@]}"
run "release failed allocations" tests/alloc.sh build
run "release file systems" tests/filesystems.sh build
run "release layers" tests/layers.sh build
run "release limits of memory" tests/memory_limits.sh build
run "release hostile files" tests/hostile.sh "$PWD/build"
run "release symbols" tests/symbols.sh "$PWD/build"
run "release installed library" tests/install.sh "$PWD/build"
run "release tutorial" tests/docs.sh "$PWD/build"
run "release Python" tests/python.sh build
run "release C++" tests/cpp.sh build
run "release server" tests/serve.sh build clients openapi banks jobs history cameras nginx unit soak kill
run "release translations" tests/translations.sh build
run "release page of a browser" tests/viewer.sh build
run "release page of the server" tests/page.sh build
run "release OpenVINO" tests/openvino.sh build
run "release ONNX" tests/export.sh build

export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:suppressions=$PWD/tests/tsan.supp
export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
threaded=(test_base test_base_language test_base_parallel test_api_changed_files test_api_folder test_api_threads test_eval_metrics
    test_experiment_run test_history_store test_cache_cache test_cache_queue test_engine_constants)
built asan
build tsan build/tsan "${threaded[@]}"
run "asan server" tests/serve.sh build/asan clients openapi banks history
OKNG_SANITIZED=1 run "asan command line" tests/cli/run.sh "$PWD/build/asan/okng"
units build/asan asan
for program in build/asan/tests/fuzz_*; do
    name=$(basename "$program")
    run "asan $name" "$program" "tests/fuzz/corpus/${name#fuzz_}"
done

built tsan
for program in "${threaded[@]}"; do run "tsan $program" "build/tsan/tests/$program"; done

summary
