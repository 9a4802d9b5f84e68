#!/usr/bin/env bash
# Command-line tests. Usage: tests/cli/run.sh PATH/okng [--record] [PATTERN]
#
# A case is cases/NAME.sh, run by bash in an empty folder of its own where `okng` is the command under test, and what is
# expected of it: cases/NAME.stdout, cases/NAME.stderr (both empty where there is no such file) and cases/NAME.exit (0).
# In an expected text `*` stands for any characters of a line, and a line `...` for any number of lines. Numbers with a
# decimal point agree when they differ by less than a ten-thousandth of themselves: their last digits depend on the instruction set. A
# comment at the head of a case says what it needs:
#   # needs: fixture         good pictures ok/, a bad one ng/000.png and resnet18.safetensors lie in its folder
#   # needs: mvtec           the same and mvtec/, a data set of two categories in the layout of MVTec AD
#   # needs: bank            the pictures and weights and the folder bank, built from ok/
#   # needs: clip            pictures as of fixture, and the folder clip: made weights tiny.safetensors of clip-tinyclip-8m-16 and a
#                            vocabulary; "${clip[@]}" are options that say so, for an input of 96x96
#   # needs: history         okng-serve with SQLite beside the command, and SQLite's shell; "$WRITE_HISTORY" makes a history, and a picture
#                            of a bad part lies in the folder; skipped where one is missing
#   # needs: korean          the Korean catalogue beside the command; skipped where it was built without gettext
#   # needs: warnings        lines "okng: warning: " of stderr count; else they are passed over: the fixture's pictures are few
#   # needs: release         left out where OKNG_SANITIZED is set, under sanitizers: long, of code that other cases run too
#   # needs: onnxruntime     "$ONNXRUNTIME" is a library of it: that of OKNG_ONNXRUNTIME, else of npm's onnxruntime-node below OKNG_ORT or build/ort
#   # needs: shared PATH     ../shared/PATH beside the checkout; skipped where it is not there
# --record writes what came as what is expected, for the cases that do not agree; look at the difference before you commit.
# Prints TAP; exits with 1 when a case fails.
set -uo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { sed -n '2s/^# //p' "$0" >&2; exit 2; }
OKNG=$(realpath "$1") record=0 pattern='*'
shift
for word in "$@"; do
    if [ "$word" = --record ]; then record=1; else pattern=$word; fi
done
SHARED=$(realpath -m "$here/../../../shared")
DOCS=$(realpath "$here/../../docs")
export OKNG SHARED DOCS

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fixture=$work/fixture
mkdir "$fixture" "$work/home"
export HOME=$work/home
unset XDG_CACHE_HOME OKNG_KEEP
make_fixture=$(dirname "$OKNG")/tests/make_fixture
export WRITE_HISTORY
WRITE_HISTORY=$(dirname "$OKNG")/tests/write_history
ONNXRUNTIME=${OKNG_ONNXRUNTIME:-$(compgen -G "${OKNG_ORT:-$here/../../build/ort/node_modules}/onnxruntime-node/bin/napi-v*/linux/x64/libonnxruntime.so.1*" | head -n 1)}
export ONNXRUNTIME
unset OKNG_ONNXRUNTIME
[ -x "$make_fixture" ] || { echo "Bail out! $make_fixture is not there; build the tests first"; exit 1; }
"$make_fixture" "$fixture" || { echo "Bail out! $make_fixture failed"; exit 1; }
small=(--backbone resnet18 --weights resnet18.safetensors --resize 64x64)
clip=(--backbone clip-tinyclip-8m-16 --weights clip/tiny.safetensors --resize 96x96)
(cd "$fixture" && "$OKNG" build --ok-dir ok --out-dir bank "${small[@]}" --quiet) 2>"$work/bank.log" ||
    echo "# the bank for the cases could not be built: $(cat "$work/bank.log")"

# Does a line agree with a pattern in which only `*` is special?
line_agrees() {
    local glob=${2//\\/\\\\}
    glob=${glob//\[/\\[}
    glob=${glob//\?/\\?}
    # shellcheck disable=SC2053
    [[ $1 == $glob ]]
}

# Do two lines agree but for decimals that differ by less than 1e-4 of themselves? Most lines that differ do so in their words,
# which the shell sees without starting a program.
numbers_agree() {
    [[ $1 == *[0-9].[0-9]* && ${1//[0-9]/} == "${2//[0-9]/}" ]] || return 1
    awk -v a="$1" -v b="$2" 'BEGIN {
        number = "[0-9]+[.][0-9]+(e[-+]?[0-9]+)?"
        while (match(a, number)) {
            x = substr(a, RSTART, RLENGTH); before = substr(a, 1, RSTART - 1); a = substr(a, RSTART + RLENGTH)
            if (!match(b, number)) exit 1
            y = substr(b, RSTART, RLENGTH)
            if (before != substr(b, 1, RSTART - 1)) exit 1
            b = substr(b, RSTART + RLENGTH)
            if ((x - y) ^ 2 > (1e-4 * y) ^ 2) exit 1
        }
        exit a != b
    }'
}

agrees() { # agrees ACTUAL EXPECTED: files
    local -a actual expected
    mapfile -t actual <"$1"
    mapfile -t expected <"$2"
    local i=0 j=0 any=0
    for ((j = 0; j < ${#expected[@]}; j++)); do
        if [ "${expected[j]}" = ... ]; then
            any=1
            continue
        fi
        while [ "$any" = 1 ] && [ "$i" -lt "${#actual[@]}" ] && ! line_agrees "${actual[i]}" "${expected[j]}"; do i=$((i + 1)); done
        [ "$i" -lt "${#actual[@]}" ] && { line_agrees "${actual[i]}" "${expected[j]}" || numbers_agree "${actual[i]}" "${expected[j]}"; } || return 1
        i=$((i + 1)) any=0
    done
    [ "$any" = 1 ] || [ "$i" -eq "${#actual[@]}" ]
}

make_clip() { # only where a case of those that run needs it: 47 MB
    local tool
    tool=$(dirname "$OKNG")/tests/make_clip
    mkdir "$fixture/clip" && "$tool" clip-tinyclip-8m-16 "$fixture/clip/tiny.safetensors" --f16 &&
        "$tool" --vocabulary "$fixture/clip/bpe_simple_vocab_16e6.txt.gz" &&
        "${tool%clip}afclip" clip-tinyclip-8m-16 "$fixture/clip/afclip" --large
}

prepare() { # prepare CASE FOLDER; prints why the case is skipped
    local need rest
    while read -r _ need rest; do
        case $need in
        korean) [ -e "$(dirname "$OKNG")/share/locale/ko/LC_MESSAGES/okng.mo" ] || { echo "needs gettext"; return; } ;;
        release) [ -z "${OKNG_SANITIZED:-}" ] || { echo "is left to the release build"; return; } ;;
        history)
            [ -x "$WRITE_HISTORY" ] && [ -x "$(dirname "$OKNG")/okng-serve" ] || { echo "needs okng-serve with SQLite"; return; }
            command -v sqlite3 >/dev/null || { echo "needs sqlite3"; return; }
            ln -sfn "$fixture/ng" "$2"
            ;;
        onnxruntime) [ -e "$ONNXRUNTIME" ] || { echo "needs onnxruntime, see CONTRIBUTING.md"; return; } ;;
        shared) [ -e "$SHARED/$rest" ] || { echo "needs ../shared/$rest"; return; } ;;
        fixture | bank | mvtec)
            ln -sfn "$fixture/ok" "$fixture/ng" "$fixture/resnet18.safetensors" "$2"
            [ "$need" != bank ] || ln -s "$fixture/bank" "$2"
            [ "$need" != mvtec ] || ln -s "$fixture/mvtec" "$2"
            ;;
        clip)
            [ -e "$fixture/clip" ] || make_clip
            ln -sfn "$fixture/ok" "$fixture/ng" "$fixture/clip" "$2"
            ;;
        esac
    done < <(sed -n 's/^# needs:/needs/p' "$1")
}

check() { # check NAME FOLDER: the parts that do not agree
    local part expected
    for part in stdout stderr exit; do
        expected=$here/cases/$1.$part
        [ -e "$expected" ] || { expected=$work/nothing; if [ "$part" = exit ]; then echo 0; fi >"$expected"; }
        agrees "$2/$part" "$expected" || { echo "$part"; diff -u --label expected --label actual "$expected" "$2/$part" >"$2/$part.diff"; }
    done
}

keep() { # keep NAME FOLDER PART: makes what came the expectation
    local expected=$here/cases/$1.$3 default=
    [ "$3" = exit ] && default=0
    if [ "$(cat "$2/$3")" = "$default" ]; then rm -f "$expected"; else cp "$2/$3" "$expected"; fi
}

# shellcheck disable=SC2206
cases=("$here"/cases/$pattern.sh)
number=0 failed=0
echo "1..${#cases[@]}"
for script in "${cases[@]}"; do
    name=$(basename "$script" .sh)
    number=$((number + 1))
    folder=$work/$name
    mkdir -p "$folder/in"
    skip=$(prepare "$script" "$folder/in")
    if [ -n "$skip" ]; then
        echo "ok $number - $name # SKIP $skip"
        continue
    fi
    (
        cd "$folder/in" || exit 99
        okng() { "$OKNG" "$@"; }
        small=("${small[@]}") clip=("${clip[@]}")
        # shellcheck disable=SC1090
        source "$script"
    ) >"$folder/stdout" 2>"$folder/stderr" </dev/null
    echo $? >"$folder/exit"
    grep -q '^# needs: warnings' "$script" || sed -i '/^okng: warning: /d' "$folder/stderr"
    wrong=$(check "$name" "$folder")
    if [ -n "$wrong" ] && [ "$record" = 1 ]; then
        for part in $wrong; do keep "$name" "$folder" "$part"; done
        echo "ok $number - $name # recorded: $(echo $wrong)"
    elif [ -n "$wrong" ]; then
        failed=$((failed + 1))
        echo "not ok $number - $name"
        for part in $wrong; do sed "s/^/# $part: /" "$folder/$part.diff"; done
    else
        echo "ok $number - $name"
    fi
    rm -rf "$folder"
done
[ "$failed" -eq 0 ]
