#!/usr/bin/env bash
# The C++ header, and the examples in C and C++ beside the command on one picture whose rows other libraries pad: 101 pixels of RGB.
# Those of OpenCV, Qt and GStreamer are skipped where these are not installed; `tools/setup.sh bindings` does. Usage: tests/cpp.sh BUILD.
# Prints TAP.
set -uo pipefail
build=$(realpath "$1")
. "$(dirname "$0")/checks.sh"
warned=(-pedantic -Wall -Wextra -Wconversion -Wshadow -Werror)
alone() { echo '#include <okng/okng.hpp>' | "$@" -x c++ -I"$prefix/include" "${warned[@]}" -fsyntax-only -; }
program() { # with ASan: what is not released is an error
    c++ -std=c++17 -O0 -fsanitize=address "${warned[@]}" -I"$prefix/include" \
        "$source_dir/tests/cpp/okng_hpp.cpp" -L"$library" -lokng -o "$work/okng_hpp"
}

prefix=$work/okng
components() { for part in library dev; do cmake --install "$build" --prefix "$prefix" --component $part || return 1; done; }
check "the library and its headers are installed" components || finish
library=$(dirname "$(find "$prefix" -name libokng.so)")
export LD_LIBRARY_PATH=$library LSAN_OPTIONS=suppressions=$source_dir/tests/lsan.supp:print_suppressions=0
check "okng.hpp compiles alone as C++20 without exceptions" alone c++ -std=c++20 -fno-exceptions
command -v clang++ >/dev/null && check "okng.hpp compiles alone as C++17 by Clang" alone clang++ -std=c++17
check "the fixture is made" "$build/tests/make_fixture" "$work/fixture" 8
check "what tries the header compiles" program || finish
mkdir "$work/tried"
timeout 120 "$work/okng_hpp" "$work/fixture" "$work/tried" >"$work/tap" 2>"$work/log"
check "the header holds" test $? -eq 0
cat "$work/tap" && [ -s "$work/log" ] && sed 's/^/# /' "$work/log"

# ---- examples
bank=$work/tried/bank
frame=$work/frame
"$work/okng_hpp" "$work/fixture" "$work/tried" "$frame" || finish
configures() { cmake -S "$source_dir/examples" -B "$work/examples" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Debug -G Ninja; }
builds() { CXXFLAGS=-Wall configures && cmake --build "$work/examples" --parallel 2; }
check "the examples compile" builds
infers() { "$build/okng" infer --bank-dir "$bank" --img "$frame.ppm" --out-dir "$work/truth"; }
check "the command inspects" infers
score=$(sed -n 's/.*"image_score": *\([0-9.e+-]*\).*/\1/p' "$work/truth/scores.json" | head -n 1)
# agrees STATUS COMMAND...: each line has the command's score, and there is one
agrees() {
    local said
    said=$("${@:2}" 2>&1)
    [ $? -eq "$1" ] || { echo "$said"; return 1; }
    [ -n "$score" ] || { echo "no score in scores.json"; return 1; }
    echo "$said, expected $score"
    [ -n "$said" ] && ! echo "$said" | sed 's/.*score \([0-9.e+-]*\).*/\1/' | awk -v truth="$score" '$1 != truth { bad = 1 } END { exit !bad }'
}
refuses() { # refuses STATUS WORD COMMAND...
    local said
    said=$("${@:3}" 2>&1)
    [ $? -eq "$1" ] && echo "$said" | grep -q -- "$2"
}
frames() { cat "$frame.$1" "$frame.$1" | timeout 60 "$work/examples/frames" "$bank" 101 67 "${@:2}"; }
check "plain C inspects packed frames" agrees 10 frames 303
check "plain C inspects frames with padded rows" agrees 10 frames 304 304
check "plain C refuses rows that are too short" refuses 2 usage frames 303 300
head -c 5000 "$frame.303" >"$frame.cut"
check "plain C tells of a frame that is cut off" refuses 1 "cut off" frames cut
example() { timeout 60 "$work/examples/$1" "${@:2}"; }
if [ -x "$work/examples/opencv" ]; then
    check "OpenCV's picture has the command's score" agrees 10 example opencv "$bank" "$work/opencv.png" "$frame.ppm"
    check "OpenCV's picture is drawn" test -s "$work/opencv.png"
    check "OpenCV's empty picture is refused" refuses 1 "empty matrix" example opencv "$bank" "$work/no.png" "$work/nowhere.png"
else
    skip "OpenCV" "needs libopencv-dev"
fi
if [ -x "$work/examples/qt" ]; then
    check "Qt's picture has the command's score" agrees 10 example qt "$bank" "$work/qt.png" "$frame.ppm"
    check "Qt's picture is drawn" test -s "$work/qt.png"
    check "Qt without a bank says so" refuses 1 nowhere example qt "$work/nowhere" "$work/no.png" "$frame.ppm"
else
    skip "Qt" "needs qtbase5-dev"
fi
raw() { echo "filesrc location=$frame.304 ! rawvideoparse format=rgb width=101 height=67 ! videoconvert ! video/x-raw,format=BGR"; }
# The frame as GStreamer has it: rows of 101 pixels of RGB take 304 bytes, in files of raw frames too.
gstreams() {
    example gstreamer "$bank" "$(raw) ! videoconvert ! video/x-raw,format=$1 ! tee name=t ! queue ! filesink location=$work/frame.gst
        t. ! queue ! appsink name=sink"
}
if [ -x "$work/examples/gstreamer" ]; then
    export GST_REGISTRY=$work/gstreamer.bin
    check "GStreamer's RGB has the command's score" agrees 10 gstreams RGB
    check "GStreamer's rows are padded" test "$(stat -c %s "$work/frame.gst")" -eq $((304 * 67))
    check "GStreamer's BGRx has the command's score" agrees 10 gstreams BGRx
    check "GStreamer's other formats are refused" refuses 1 "another format" gstreams I420
    check "a pipeline without a sink is refused" refuses 1 "no appsink" example gstreamer "$bank" "$(raw) ! fakesink"
    check "a pipeline that fails is an error" refuses 1 "not found" example gstreamer "$bank" \
        "filesrc location=nowhere ! rawvideoparse format=rgb width=101 height=67 ! appsink name=sink"
else
    skip "GStreamer" "needs libgstreamer-plugins-base1.0-dev"
fi
finish
