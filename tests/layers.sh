#!/usr/bin/env bash
# The wall: holds the sources to the table of folders in docs/architecture.md, from which the build takes its libraries too.
#   - a file includes only its own folder and those that the folder's row names, in the order of the table;
#   - no two objects need each other's names in a circle, and no two headers include each other in one;
#   - a row names no folder that the folder does not use.
# Usage: tests/layers.sh BUILD. Prints TAP.
set -uo pipefail
export LC_ALL=C
build=$(realpath "$1")
cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0 failed=0
report() { # report NAME FILE: passes when the file of findings is empty
    number=$((number + 1))
    if [ -s "$2" ]; then failed=1; echo "not ok $number - $1"; sed 's/^/# /' "$2"; else echo "ok $number - $1"; fi
}

# "folder other" for every arrow of the table that is allowed; "all of the above" is every row before.
awk -F'|' '/^\| `[a-z]+\/` \|/ {
    folder = $2; gsub(/[^a-z]/, "", folder)
    uses = $NF == "" ? $(NF - 1) : $NF
    if (uses ~ /all of the above/) { uses = above }
    if (sub(/the public header/, "", uses)) print folder > guests
    gsub(/,/, " ", uses); n = split(uses, names, " ")
    for (i = 1; i <= n; i++) print folder, names[i] > arrows
    above = above " " folder; print folder > folders
}' arrows="$work/allowed" folders="$work/folders" guests="$work/guests" docs/architecture.md
sort -u -o "$work/allowed" "$work/allowed"

find src -name '*.[ch]' -o -name '*.cpp' | sort >"$work/files"
# One form of include is looked at below, so there is no other of ours.
xargs grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' <"$work/files" | grep -vE ':#include "([a-z_]+/([a-z]+/)?[a-z0-9_]+|cli)\.h"' >"$work/found"
report "an include of ours is #include \"folder/file.h\", from the start of the line" "$work/found"
nm -D --defined-only "$build/libokng.so" | awk '$3 ~ /^okng_/ { print $3 }' >"$work/public"
# calls: of objects, a path a line, "from to" wherever one needs a name that another defines.
calls() {
    cat >"$work/asked"
    xargs nm -A --defined-only <"$work/asked" | awk '$(NF - 1) ~ /^[TDRBVWC]$/ { sub(/:.*/, "", $1); print $NF, $1 }' | sort >"$work/defined"
    # Guests may call what the library exports, wherever it is.
    xargs nm -A --undefined-only <"$work/asked" | awk 'FILENAME == ARGV[1] { guest[$1] = 1; next } FILENAME == ARGV[2] { public[$1] = 1; next }
        { sub(/:.*/, "", $1); folder = $1; sub(/.*\/src\//, "", folder); sub(/\/.*/, "", folder) }
        !(folder in guest && $NF in public) { print $NF, $1 }' "$work/guests" "$work/public" - | sort >"$work/needed"
    join "$work/needed" "$work/defined" | awk '$2 != $3 { print $2, $3 }' |
        sed -E 's#[^ ]*/src/##g; s#CMakeFiles/okng\.dir/##g; s#\.([cS]|cpp)\.o##g' | sort -u
}
# Which object uses a name that another defines. Names in tables of functions count too: who is in a table may not call it.
grep -oE 'CMakeFiles/okng_[a-z]+\.dir/src/[a-z]+/([a-z]+/)?[a-z0-9_]+\.([cS]|cpp)\.o' "$build/compile_commands.json" | sort -u |
    grep -vE 'okng_(shared|static)\.dir' | sed "s#^#$build/#" >"$work/objects"
calls <"$work/objects" >"$work/calls"
# "file folder other header" for every include of another folder.
xargs grep -nHoE '^#include "[a-z_]+/([a-z]+/)?[a-z0-9_]+\.h"' <"$work/files" |
    sed -E 's#^src/([a-z]+)/([^:]+):([0-9]+):.*"([a-z_]+)/(.*)"#src/\1/\2:\3 \1 \4 \4/\5#' >"$work/includes"

awk 'NR == FNR { allowed[$1, $2] = 1; next }
     $2 != $3 && $3 != "okng" && !(($2, $3) in allowed) { print $1 ": " $2 "/ may not include " $4 }' \
    "$work/allowed" "$work/includes" >"$work/found"
[ "$(wc -l <"$work/includes")" -gt 500 ] || echo "only $(wc -l <"$work/includes") includes found" >>"$work/found"
report "a file includes only folders that its row allows" "$work/found"

# Names reach further than includes do: a header brings others along.
awk 'NR == FNR { allowed[$1, $2] = 1; next }
     { from = $1; to = $2; sub("/.*", "", from); sub("/.*", "", to) }
     from != to && !((from, to) in allowed) { print $1 ".c: calls " $2 ".c, and " from "/ may not use " to "/" }' \
    "$work/allowed" "$work/calls" >"$work/found"
report "an object calls only folders that its row allows" "$work/found"

# Of the rows that name their folders one by one: those that no file includes. base/ is free to all.
awk -F'|' '/all of the above/ { folder = $2; gsub(/[^a-z]/, "", folder); print folder }' docs/architecture.md >"$work/all"
awk 'FILENAME == ARGV[1] { all[$1] = 1; next } FILENAME == ARGV[2] { used[$2, $3] = 1; next }
     FILENAME == ARGV[3] { sub("/.*", "", $1); sub("/.*", "", $2); used[$1, $2] = 1; next }
     !($1 in all) && $2 != "base" && !(($1, $2) in used) { print $1 "/ is allowed " $2 "/ and uses nothing of it" }' \
    "$work/all" "$work/includes" "$work/calls" "$work/allowed" >"$work/found"
report "a row allows only what its folder uses" "$work/found"

ls src | grep -vxFf "$work/folders" | sed 's#^#src/#; s#$#: has no row in the table#' >"$work/found"
report "every folder has a row" "$work/found"

awk 'NR == FNR { row[$1] = NR; next } row[$2] >= row[$1] { print "the row of " $1 " names " $2 ", which does not stand above it" }' \
    "$work/folders" "$work/allowed" >"$work/found"
report "arrows point up the table" "$work/found"

# loops FILE: the members of each circle in a list of "from to", a circle a line.
loops() {
    tsort "$1" 2>&1 >/dev/null | awk '/contains a loop/ { if (line) print line; line = ""; next }
        { sub(/^tsort: /, ""); line = line (line ? " <-> " : "") $0 } END { if (line) print line }'
}
xargs grep -HoE '^#include "[a-z_]+/([a-z]+/)?[a-z0-9_]+\.h"' < <(grep '\.h$' "$work/files") |
    sed -E 's#^src/([^:]+):.*"(.*)"#\1 \2#' >"$work/headers"
loops "$work/headers" >"$work/found"
report "no headers include each other in a circle" "$work/found"

[ -s "$work/calls" ] || echo "no objects in $build" >"$work/found"
# The command's objects see the library's public names alone; among themselves they stand in no circle either.
# The table of verbs (cli/verbs.c) leads to every verb, and help, pages and parsing go through it: a table of plug-ins.
ls src/cli/*.c | sed "s#^src/cli/\(.*\)#$build/src/cli/CMakeFiles/okng.dir/\1.o#" | xargs ls 2>/dev/null >"$work/objects"
calls <"$work/objects" | grep -v '^cli/verbs ' >>"$work/calls"
[ ! -s "$work/calls" ] || loops "$work/calls" >"$work/found"
report "no objects need each other in a circle" "$work/found"
# oneDNN throws through C what it cannot allocate: guard.cpp is the one place that calls what may. These take no memory.
grep -nE '[^.a-z_]dnnl_[a-z0-9_]+\(' src/engine/onednn/*.c |
    grep -vE 'dnnl_(version|status2str|data_type_size|get_effective_cpu_isa|set_max_cpu_isa|memory_desc_equal|memory_desc_get_size)\(' >"$work/found"
report "functions of oneDNN that take memory are called through guard.h" "$work/found"
# jansson answers with a number what it could not add, drops or aborts on what it has no memory for when it prints and reads, and
# copies what it can: base/json.h has what cannot fail unheard, the command its own (cli.h).
grep -rnE '(^|[;{}]|\)|else|\(void\)) *json_(object_set|object_update|object_clear|array_append|array_insert|array_set|array_extend)[a-z_]*\(' src |
    grep -vE '\<(if|return|while) *\(?.*json_[a-z_]+\([^;]*(==|!=|\|\||&&)' >"$work/found"
grep -rnE '\<json_(dump|load|copy|deep_copy)[a-z]*\(|\<(open_memstream|fmemopen)\(' src | grep -vE '^src/(base/json|cli/print)\.c:' >>"$work/found"
report "what makes, prints and reads JSON and text cannot fail unheard" "$work/found"
echo "1..$number"
[ "$failed" -eq 0 ]
