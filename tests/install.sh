#!/usr/bin/env bash
# Installs a build into a temporary prefix, moves it to another and uses it as a stranger would: exported names, pkg-config,
# CMake's find_package, the examples as C and as C++ against the shared library. Usage: tests/install.sh BUILD. Prints TAP.
set -uo pipefail
build=$1
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
    else
        echo "not ok $number - $name"
        sed 's/^/# /' "$work/log" | tail -n 20
    fi
}

prefix=$work/opt/okng
check "cmake installs" cmake --install "$build" --prefix "$work/usr"
mkdir -p "$work/opt" && mv "$work/usr" "$prefix"
library=$(find "$prefix" -name libokng.so)
export PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name okng.pc)") LD_LIBRARY_PATH=$(dirname "$library")
flags() { pkg-config --cflags --libs okng; }

only_okng_names() {
    local other
    other=$(nm -D --defined-only "$library" | awk '{print $3}' | sed 's/@.*//' | grep -v '^okng_' || true)
    [ -z "$other" ] || { echo "exported: $other"; return 1; }
}
exports_are_the_header() {
    nm -D --defined-only "$library" | awk '{print $3}' | sed 's/@.*//' | sort >"$work/exported"
    grep -hv "^#" "$prefix/include/okng/okng.h" "$prefix/include/okng/experimental.h" | sed -n '/^OKNG_API/,/;/p' | grep -oE '\bokng_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u >"$work/declared"
    diff "$work/declared" "$work/exported"
}
has_soname() { readelf -d "$library" | grep -q 'SONAME.*libokng\.so\.0\.2'; }
# What a caller writes first: a struct of zeros, without a warning.
empty_structs() {
    cat >"$work/empty.c" <<'END'
#include <okng/okng.h>
int main(void)
{
#ifdef __cplusplus
    okng_picture p{};
    okng_error e{};
    okng_tensor_info t{};
#else
    okng_picture p = {0};
    okng_error e = {0};
    okng_tensor_info t = {0};
#endif
    return p.width + (int)e.message[0] + (int)t.dims + (okng_backbone_count() == 0);
}
END
    "$@" -Wall -Wextra -Wmissing-field-initializers -pedantic -Werror "$work/empty.c" $(flags) -o "$work/empty" && "$work/empty"
}
# by_cmake LANGUAGE: find_package from the moved copy, in a project of that language.
by_cmake() {
    local folder=$work/by-$1
    mkdir -p "$folder" && cp "$work/empty.c" "$folder/" || return 1
    [ "$1" = CXX ] && mv "$folder/empty.c" "$folder/empty.cpp"
    cat >"$folder/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.18)
project(stranger LANGUAGES $1)
find_package(okng $version REQUIRED)
add_executable(empty empty.$([ "$1" = CXX ] && echo cpp || echo c))
target_compile_options(empty PRIVATE -Wall -Wextra -Werror)
target_link_libraries(empty PRIVATE okng::okng)
END
    cmake -S "$folder" -B "$folder/build" -DCMAKE_PREFIX_PATH="$prefix" && cmake --build "$folder/build" &&
        readelf -d "$folder/build/empty" | grep -q 'NEEDED.*libokng' && env -u LD_LIBRARY_PATH "$folder/build/empty"
}
version=$(sed -n 's/^Version: //p' "$PKG_CONFIG_PATH/okng.pc")
refuses_other_versions() {
    mkdir -p "$work/other" && cat >"$work/other/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.18)
project(other LANGUAGES C)
find_package(okng 0.1 REQUIRED)
END
    ! cmake -S "$work/other" -B "$work/other/build" -DCMAKE_PREFIX_PATH="$prefix" 2>"$work/other/log" &&
        grep -q 'version' "$work/other/log"
}
examples_by_cmake() {
    cmake -S "$prefix/share/doc/libokng-dev/examples" -B "$work/examples" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_DISABLE_FIND_PACKAGE_OpenCV=ON -DCMAKE_DISABLE_FIND_PACKAGE_QT=ON -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON && # see cpp.sh
        cmake --build "$work/examples" && test -x "$work/examples/inspect" -a -x "$work/examples/learn" -a -x "$work/examples/words"
}
names_no_other_place() { ! grep -rl "$work/usr\|$(cd "$build" && pwd)" "$prefix/lib" --include='*.pc' --include='*.cmake'; }
uninstalls() {
    DESTDIR=$work/root cmake --install "$build" --prefix /usr && [ -e "$work/root/usr/bin/okng" ] &&
        DESTDIR=$work/root cmake --build "$build" --target uninstall && [ -z "$(find "$work/root" -type f -o -type l)" ] &&
        [ -z "$(find "$work/root" -name '*okng*')" ]
}
compiles_c() { cc -std=c11 -Wall -Wextra -Werror "$source_dir/examples/$1.c" $(flags) -o "$work/$1_c"; }
compiles_cpp() { c++ -std=c++17 -Wall -Werror -x c++ "$source_dir/examples/$1.c" $(flags) -o "$work/$1_cpp"; }
learns() { "$work/learn_c" "$work/learnt" | grep -q '8 pictures' && "$prefix/bin/okng" bank show "$work/learnt"; }
# header_alone NAME COMPILER...
header_alone() {
    local name=$1
    shift
    echo "#include <okng/$name>" | "$@" -pedantic -Wall -Wextra -Werror $(flags | grep -oE -- '-I[^ ]+') -fsyntax-only -
}
# inspect BINARY: an OK picture gives 0, a broken bank 1, a wrong call 2.
inspects() {
    "$1" "$work/bank" "$work/fixture/ok/000.png" | grep -q 'score' || return 1
    "$1" "$work/nowhere" "$work/fixture/ok/000.png"
    [ $? -eq 1 ] || return 1
    "$1"
    [ $? -eq 2 ]
}
# speaks BINARY: shares of two texts, which sum to 1; without a vocabulary 1, which says how to get it; a wrong call 2.
speaks() {
    mkdir -p "$work/clip" "$work/alone"
    [ -e "$work/clip/w.safetensors" ] || "$build/tests/make_clip" clip-tinyclip-8m-16 "$work/clip/w.safetensors" --f16 || return 1
    "$build/tests/make_clip" --vocabulary "$work/clip/bpe_simple_vocab_16e6.txt.gz" || return 1
    ln -sf ../clip/w.safetensors "$work/alone/w.safetensors"
    "$1" clip-tinyclip-8m-16 "$work/clip/w.safetensors" "$work/fixture/ok/000.png" "a good part" "a bad part" |
        awk '{ sum += $1 } END { exit NR != 2 || sum < 0.999 || sum > 1.001 }' || return 1
    XDG_CACHE_HOME=$work/none "$1" clip-tinyclip-8m-16 "$work/alone/w.safetensors" "$work/fixture/ok/000.png" x 2>"$work/log"
    [ $? -eq 1 ] && grep -q 'okng weights get clip-vocabulary' "$work/log" || return 1
    "$1" 2>"$work/log"
    [ $? -eq 2 ]
}

check "only okng_ names are exported" only_okng_names
check "the exported names are those of the header" exports_are_the_header
check "the library has a SONAME" has_soname
for name in okng.h experimental.h; do
    check "$name compiles alone as pedantic C11" header_alone "$name" cc -std=c11 -x c
    check "$name compiles alone as pedantic C++" header_alone "$name" c++ -std=c++11 -x c++
done
for name in inspect learn words; do
    check "the example $name compiles as C" compiles_c "$name"
    check "the example $name compiles as C++" compiles_cpp "$name"
done
check "the example learns from pixels" learns
check "an empty struct gives no warning in C" empty_structs cc -std=c11
check "an empty struct gives no warning in C++" empty_structs c++ -std=c++11 -x c++
check "CMake finds the moved library, for C" by_cmake C
check "CMake finds the moved library, for C++" by_cmake CXX
check "CMake refuses another minor version" refuses_other_versions
check "the installed examples build by CMake" examples_by_cmake
check "the files for pkg-config and CMake name no other place" names_no_other_place
check "documents are installed" test -s "$prefix/share/doc/okng/README.md" -a -s "$prefix/share/doc/okng/docs/cli.md" \
    -a -s "$prefix/share/doc/okng/examples/configs/base.yaml"
check "man pages and completions are installed" test -s "$prefix/share/man/man1/okng-build.1" \
    -a -s "$prefix/share/bash-completion/completions/okng" -a -s "$prefix/share/zsh/vendor-completions/_okng"
check "the fixture is made" "$build/tests/make_fixture" "$work/fixture"
check "the installed command builds a bank" "$prefix/bin/okng" build --quiet --ok-dir "$work/fixture/ok" --out-dir "$work/bank" \
    --backbone resnet18 --weights "$work/fixture/resnet18.safetensors" --resize 64x64
check "the example inspects as C" inspects "$work/inspect_c"
check "the example takes words as C" speaks "$work/words_c"
check "the example takes words as C++" speaks "$work/words_cpp"
check "the example inspects as C++" inspects "$work/inspect_cpp"
unloads() {
    cc -std=gnu11 -Wall -Werror "$source_dir/tests/tools/unload.c" $(flags | grep -oE -- '-I[^ ]+') -o "$work/unload" -ldl &&
        "$work/unload" "$(ls "$prefix"/lib*/libokng.so "$prefix"/lib*/*/libokng.so 2>/dev/null | head -1)" "$work/bank" "$work/fixture/ok/000.png"
}
check "a program may unload the library" unloads
check "what was installed goes away again" uninstalls
echo "1..$number"
