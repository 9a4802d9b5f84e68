#!/usr/bin/env bash
# What is not static is there for another file of the library: a name that no other object asks for is to be made static or
# removed. Names of the public headers are there for everybody. Usage: tests/symbols.sh BUILD. Prints TAP.
set -uo pipefail
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Only tests ask for these, and why the library has them none the less.
cat >"$work/listed" <<'END'
okng_byte_symbol        vocabularies are made for tests
okng_constants_saved    what networks share shows in nothing else
okng_csv_column_name    a fuzz target walks over all that was read
okng_grad_plan_text     the backward graph is compared with known texts
okng_flat_index_parse   fuzz targets give bytes, the library gives files
okng_ignored_read       likewise
okng_image_decode_as    likewise
okng_ledger_read        fuzz targets give bytes, the library gives banks
okng_ledger_write       likewise
okng_memory_room_in     systems are made for tests
okng_net_softmax        likewise
okng_net_transpose      likewise
okng_npy_read_memory    fuzz targets give bytes, the library gives files
okng_openvino_read      likewise
okng_params_parse       likewise
okng_prompts_read       likewise
okng_prototype_of       both means of prompts have known values
okng_screen_reference   variants are compared with the plain loops
okng_screen_variant     likewise
okng_sums_clear         likewise
okng_settings_of        settings are read from a pickle without a checkpoint around it
okng_winograd_variant   variants are compared with a sum in double
okng_vocabulary_parse   fuzz targets give bytes, the library gives files
okng_tune_above         one step of the ladder has golden data
okng_truth_crop         one step of reading a mask has golden data
okng_cgroup_cpus_in     made systems are looked at in a folder
okng_catalogue_find     hostile catalogues are asked one by one
okng_catalogue_same_arguments likewise
okng_incomplete_beta    known values of the function itself
END

# The archive has the library's objects as they are now; a folder may hold some of files that are gone.
nm -A -g "$build/libokng.a" $(ninja -C "$build" -t inputs okng | grep 'src/cli/.*\.o$' | sed "s|^|$build/|") | grep -v ":$" >"$work/symbols"
nm -D --defined-only "$build/libokng.so" | awk '{print $3}' | sort >"$work/public"
awk 'NF > 2 && $(NF - 1) == "U" {print $NF}' "$work/symbols" | sort -u >"$work/asked"
awk 'NF > 2 && $(NF - 1) != "U" {print $NF}' "$work/symbols" | grep '^okng_' | grep -v '^okng_onnx__' | sort -u >"$work/defined" # made from onnx.proto: all that there is
awk '{print $1}' "$work/listed" | sort >"$work/names"
comm -23 "$work/defined" "$work/asked" | comm -23 - "$work/public" >"$work/unused"

number=0
check() { # check NAME FILE: the file is empty, else its lines are what is wrong
    number=$((number + 1))
    if [ -s "$2" ]; then
        echo "not ok $number - $1"
        sed 's/^/# /' "$2"
    else
        echo "ok $number - $1"
    fi
}

comm -23 "$work/unused" "$work/names" >"$work/idle"
comm -13 "$work/unused" "$work/names" >"$work/needless"
[ "$(wc -l <"$work/defined")" -gt 300 ] || echo "only $(wc -l <"$work/defined") names found in $build" >"$work/few"
[ -f "$work/few" ] || : >"$work/few"
check "the build has objects" "$work/few"
check "what no other object uses is static" "$work/idle"
check "what is listed here as used by tests alone is so" "$work/needless"
echo "1..$number"
