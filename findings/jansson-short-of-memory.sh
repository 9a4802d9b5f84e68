#!/bin/sh
# What surprises: where an allocation fails once, jansson's json_dumps() and json_copy() do not always return NULL: some of
#   the time they return a text without the name of a member, and a copy without a member. Nothing tells. Both look at the
#   result of every step but one: json_dumps() passes over what became of printing a key, json_copy() over what became of
#   adding a member.
# Why it matters: programs that check for NULL, as the manual asks, still replace a good file with a damaged one. okng lost a
#   score from a bank's document so.
# Version: Debian 12, libjansson-dev 2.14-2.
# Source: jansson src/dump.c, do_dump: "dump_string(key, ...);" twice without a look at what it returns; src/value.c,
#   json_object_copy: json_object_set_nocheck() likewise, not looked at (tag v2.14, commit de5460cf).
# Output seen:
#   | jansson 2.14
#   | json_dumps: 9 allocations, of which each failed once: 4 NULL, 0 whole, 5 lacking something
#   | json_copy: 15 allocations, of which each failed once: 2 NULL, 0 whole, 13 lacking something
#
# Needs cc, pkg-config and libjansson-dev. Writes below $TMPDIR alone, and removes it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/show.c" <<'C'
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count, fail_at;

static void *take(size_t size)
{
    return ++count == fail_at ? NULL : malloc(size);
}

static json_t *made;

static char *dumps(void)
{
    return json_dumps(made, JSON_COMPACT);
}

static char *copied(void)
{
    json_t *copy = json_copy(made);
    int kept = fail_at, counted = count;
    fail_at = 0; /* the copying is meant alone */
    char *text = copy ? json_dumps(copy, JSON_COMPACT) : NULL;
    fail_at = kept;
    count = counted;
    return text;
}

static void try(const char *name, char *(*work)(void))
{
    int null = 0, whole = 0, lacking = 0, all;
    fail_at = count = 0;
    char *expected = work();
    all = count;
    for (int at = 1; at <= all; at++) {
        count = 0;
        fail_at = at;
        char *text = work();
        null += !text;
        whole += text && !strcmp(text, expected);
        lacking += text && strcmp(text, expected);
    }
    printf("%s: %d allocations, of which each failed once: %d NULL, %d whole, %d lacking something\n", name, all, null, whole, lacking);
}

int main(void)
{
    json_set_alloc_funcs(take, free);
    made = json_object();
    for (int i = 0; i < 12; i++) {
        char key[64];
        snprintf(key, sizeof key, "a name of a member that is rather long, number %d", i);
        json_object_set_new(made, key, json_integer(i));
    }
    printf("jansson %s\n", jansson_version_str());
    try("json_dumps", dumps);
    try("json_copy", copied);
    return 0;
}
C
cc -o "$work/show" "$work/show.c" $(pkg-config --cflags --libs jansson)
"$work/show"
