#!/usr/bin/env bash
# Installs a build into a temporary prefix and uses it as a stranger would: exported names, pkg-config, the example as C and
# as C++ against the shared library. Usage: tests/install.sh BUILD. Prints TAP.
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

prefix=$work/usr
check "cmake installs" cmake --install "$build" --prefix "$prefix"
library=$(find "$prefix" -name libokng.so)
export PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name okng.pc)") LD_LIBRARY_PATH=$(dirname "$library")
# The .pc file names the prefix of the configuration; --define-prefix makes it follow where it lies.
flags() { pkg-config --define-prefix --cflags --libs okng; }

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

check "only okng_ names are exported" only_okng_names
check "the exported names are those of the header" exports_are_the_header
check "the library has a SONAME" has_soname
for name in okng.h experimental.h; do
    check "$name compiles alone as pedantic C11" header_alone "$name" cc -std=c11 -x c
    check "$name compiles alone as pedantic C++" header_alone "$name" c++ -std=c++11 -x c++
done
for name in inspect learn; do
    check "the example $name compiles as C" compiles_c "$name"
    check "the example $name compiles as C++" compiles_cpp "$name"
done
check "the example learns from pixels" learns
check "man pages and completions are installed" test -s "$prefix/share/man/man1/okng-build.1" \
    -a -s "$prefix/share/bash-completion/completions/okng" -a -s "$prefix/share/zsh/vendor-completions/_okng"
check "the fixture is made" "$build/tests/make_fixture" "$work/fixture"
check "the installed command builds a bank" "$prefix/bin/okng" build --quiet --ok-dir "$work/fixture/ok" --out-dir "$work/bank" \
    --backbone resnet18 --weights "$work/fixture/resnet18.safetensors" --resize 64x64
check "the example inspects as C" inspects "$work/inspect_c"
check "the example inspects as C++" inspects "$work/inspect_cpp"
echo "1..$number"
