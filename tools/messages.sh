#!/usr/bin/env bash
# Gathers all messages and brings po/*.po up to date: what is new comes without a translation, what is gone is kept behind #~.
# Usage: tools/messages.sh PATH/okng [--check]
# --check changes no file; it prints for each language how many of the messages are translated and the first that are not, and
# exits with 1 when one is missing that the command or a page prints.
set -euo pipefail
cd "$(dirname "$0")/.."
okng=$(realpath "$1") check=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Formats and texts that calls translate: the keyword is the function, the number which argument.
keywords=(_ N_ okng_line_tell:2 okng_translate okng_translate_format okng_cli_error okng_cli_usage:2 okng_cli_set_error:3
    okng_fail:3 okng_error_context:3 okng_fail_errno:2 okng_reply_problem:4 okng_ticker_stage:2 okng_import_warn:3 okng_import_note:2
    okng_image_damaged:2 okng_image_unsupported:2 FIGURE:5 refuse:3 refuse_number:3 wrong:4)
flags=(okng_line_tell:2 okng_cli_error:1 okng_cli_usage:2 okng_cli_set_error:3 okng_fail:3 okng_error_context:3 okng_reply_problem:4 okng_import_warn:3
    okng_import_note:2 refuse:3)
options=(--from-code=UTF-8 --language=C --keyword --no-wrap --add-location=file --sort-by-file --flag=N_:1:no-c-format --package-name=okng)
for keyword in "${keywords[@]}"; do options+=("--keyword=$keyword"); done
for flag in "${flags[@]}"; do options+=("--flag=$flag:c-format"); done

template() { # template FOLDER...: of the sources there
    {
        find "$@" -name '*.[ch]' | sort | xgettext "${options[@]}" --files-from=- -o "$work/1.pot"
        # xgettext takes one argument of a function as a text; these have two.
        find "$@" -name '*.[ch]' | sort | xgettext --from-code=UTF-8 --language=C --force-po --no-wrap --keyword --keyword=okng_image_unsupported:3 --keyword=FIGURE:6 --files-from=- -o "$work/2.pot"
    } >&2
    sed -i 's/charset=CHARSET/charset=UTF-8/' "$work/1.pot" "$work/2.pot"
    # Rows {"key", "text"} of the words of the viewer.
    {
        printf 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
        sed -nE 's/^ *\{"[A-Za-z0-9]+", *("([^"\\]|\\.)*")\},.*/\n#. a word of the viewer\nmsgid \1\nmsgstr ""/p' $(find "$@" -name '*_words.c')
    } | msguniq --no-wrap >"$work/3.pot"
    msgcat --no-wrap --use-first "$work/1.pot" "$work/2.pot" "$work/3.pot"
}

"$okng" --write-words | msguniq --no-wrap >"$work/tables.pot"
template src/cli src/report src/tune src/eval/figure_table.h >"$work/people.pot"
template src >"$work/all.pot"
msgcat --no-wrap --use-first "$work/people.pot" "$work/tables.pot" po/system.pot >"$work/must.pot"
msgcat --no-wrap --use-first "$work/all.pot" "$work/tables.pot" po/system.pot >"$work/okng.pot"

# Entries of a .po file that the options of msgattrib choose, the head left out.
count() { msgattrib --no-obsolete "${@:2}" "$1" | awk '/^msgid "/ { n++ } END { print (n > 1 ? n - 1 : 0) }'; }

# The first line of each text, without the head.
missing() { awk '/^msgid ""$/ { next_line = 1; next } /^msgid / || (next_line && /^"/) { if (n++ && n < 22) print "  missing: " $0 } { next_line = 0 }'; }

code=0
for po in po/*.po; do
    if [ "$check" != --check ]; then
        msgmerge --quiet --no-wrap --no-fuzzy-matching --update --backup=none "$po" "$work/okng.pot"
        continue
    fi
    for kind in must okng; do
        msgmerge --quiet --no-wrap --no-fuzzy-matching "$po" "$work/$kind.pot" -o "$work/$kind.po"
        all=$(count "$work/$kind.po") done=$(count "$work/$kind.po" --translated --no-fuzzy)
        name=$([ $kind = must ] && echo "the command and pages" || echo "the library's errors too")
        echo "$(basename "$po"), $name: $done of $all messages are translated"
        [ $kind = okng ] || [ "$done" -eq "$all" ] || code=1
        [ "$done" -eq "$all" ] || msgattrib --no-obsolete --no-wrap --untranslated "$work/$kind.po" | missing
    done
done
exit $code
