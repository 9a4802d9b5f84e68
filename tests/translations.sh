#!/usr/bin/env bash
# Are the catalogues whole? Usage: tests/translations.sh BUILD. Prints TAP; needs gettext and is skipped without it.
set -uo pipefail
export LC_ALL=C
build=$(realpath "$1")
cd "$(dirname "$0")/.." || exit 1
if ! command -v xgettext >/dev/null || ! command -v msgfmt >/dev/null; then
    echo "1..1"
    echo "ok 1 - translations # SKIP needs gettext"
    exit 0
fi
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
    fi
    sed 's/^/# /' "$work/log"
}

formats_agree() { # formats_agree PO
    msgfmt --check --check-format -o /dev/null "$1"
}
is_complete() { tools/messages.sh "$build/okng" --check; }
# A format with words that reaches printf as it stands speaks English only. Man pages and completions do so on purpose.
all_formats_are_marked() {
    find src/cli -name '*.c' ! -name man.c ! -name completion.c ! -name words.c ! -name pages.c ! -name version.c | sort |
        xgettext --from-code=UTF-8 --language=C --no-wrap --add-location=file --keyword --keyword=printf:1 --keyword=fprintf:2 --files-from=- -o "$work/plain.pot" 2>/dev/null
    awk '/^#: / { where = $2 }
         /^msgid / { text = $0; ok = where == "" }
         /^"/ { text = text $0 }
         /^msgstr / { words = text; sub(/^msgid /, "", words); gsub(/%[-+ #0*.0-9]*(ll|z|h)?[a-zA-Z]/, "", words); gsub(/\\[a-z0-9]+/, "", words); gsub(/okng: |--/, "", words)
                      if (!ok && words ~ /[a-z][a-z][a-z]/) { print where ": " text; bad = 1 } }
         END { exit bad }' "$work/plain.pot"
}

for po in po/*.po; do check "$po: formats take the same arguments" formats_agree "$po"; done
check "all that the command and pages say is translated" is_complete
check "formats that the command prints are marked for translation" all_formats_are_marked
echo "1..$number"
