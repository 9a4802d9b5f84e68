#!/bin/sh
# What surprises: libunistring's u8_tolower() makes a final sigma of one that an apostrophe and another letter follow: of
#   "ΑΣ'Α" it makes "ας'α". Unicode's rule (SpecialCasing.txt, Final_Sigma) passes over what case ignores, of which an
#   apostrophe is one, as is a full stop or U+2019; so "ασ'α". The same library's uc_is_property_case_ignorable() knows
#   that: the mapping goes by a table of its own. And of "ΑΣ" with U+0345 behind it, a mark that case ignores and that has
#   cases itself, it makes no final sigma, where the rule asks for one.
# Why it matters: a text in lower case is cut into other tokens than Python's, so a text tower reads other words. okng
#   follows the rule by itself (src/text/clean.c) and takes from the library which characters are which.
# Version: Debian 12, libunistring-dev 1.0-2.
# Source: libunistring lib/unicase/u-casemap.h, SCC_FINAL_SIGMA: "Our uc_is_case_ignorable function is known to return
#   false for all cased characters".
# Output seen:
#   | libunistring 1.0, public property of the apostrophe: 1
#   | ΑΣ.Α  ασ.α  expected ασ.α
#   | ΑΣ’Α  ασ’α  expected ασ’α
#   | ΑΣ'Α  ας'α  expected ασ'α
#   | ΑΣͅ  ασͅ  expected αςͅ
#
# Needs cc and libunistring-dev. Writes below $TMPDIR alone, and removes it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/show.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unistring/version.h>

static void show(const char *text, const char *expected)
{
    size_t size;
    uint8_t *lower = u8_tolower((const uint8_t *)text, strlen(text), NULL, NULL, NULL, &size);
    printf("%s  %.*s  expected %s\n", text, lower ? (int)size : 0, (const char *)lower, expected);
    free(lower);
}

int main(void)
{
    printf("libunistring %d.%d, public property of the apostrophe: %d\n", _libunistring_version >> 16,
           _libunistring_version >> 8 & 0xff, uc_is_property_case_ignorable('\''));
    show("ΑΣ.Α", "ασ.α");
    show("ΑΣ’Α", "ασ’α");
    show("ΑΣ'Α", "ασ'α");
    show("ΑΣ\u0345", "ας\u0345");
    return 0;
}
C
cc -o "$work/show" "$work/show.c" -lunistring
"$work/show"
