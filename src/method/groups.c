#include "method/groups.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/locale.h"
#include "base/memory.h"

/* What says which group a picture is of: a part of its name. */
typedef struct key {
    const char *text;
    size_t length;
    int32_t picture;
} key;

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Back-references and counted repetitions can take more time or memory than there is. */
static okng_status check_pattern(const char *pattern, okng_error *error)
{
    for (const char *at = pattern; *at; at++) {
        if (*at == '{' || (*at == '\\' && at[1] >= '0' && at[1] <= '9'))
            return okng_fail(error, OKNG_ERROR_ARGUMENT,
                             "group: the pattern \"%s\" has %s, which is not allowed; write it without", pattern,
                             *at == '{' ? "a counted repetition {}" : "a reference to a parenthesis");
        if (*at == '\\' && at[1]) at++;
    }
    return OKNG_OK;
}

static okng_status compile(regex_t *regex, const char *pattern, okng_error *error)
{
    OKNG_TRY(check_pattern(pattern, error));
    int code = regcomp(regex, pattern, REG_EXTENDED);
    if (code == 0) return OKNG_OK;
    char why[128];
    (void)regerror(code, regex, why, sizeof why);
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "group: found \"%s\", expected none, folder or an extended regular expression: %s", pattern, why);
}

/* The part of the name that the pattern finds; length 0 and the picture's number where it finds none. */
static key key_by_pattern(const regex_t *regex, const okng_pictures *pictures, size_t i)
{
    regmatch_t match[2];
    const char *name = file_name(okng_pictures_name(pictures, i));
    if (regexec(regex, name, 2, match, 0) != 0) {
        const char *whole =
            pictures->tiles ? okng_pictures_name(pictures, i) : NULL; /* tiles stay with their picture */
        return (key){whole, whole ? strlen(whole) : 0, (int32_t)i};
    }
    const regmatch_t *part = regex->re_nsub > 0 && match[1].rm_so >= 0 ? &match[1] : &match[0];
    return (key){name + part->rm_so, (size_t)(part->rm_eo - part->rm_so), (int32_t)i};
}

static okng_status keys_by_pattern(key *keys, const char *pattern, const okng_pictures *pictures, okng_error *error)
{
    regex_t regex;
    size_t found = 0;
    locale_t before = okng_locale_enter();
    okng_status status = compile(&regex, pattern, error);
    for (size_t i = 0; i < pictures->count && status == OKNG_OK; i++) {
        keys[i] = key_by_pattern(&regex, pictures, i);
        found += keys[i].text != NULL && keys[i].text != okng_pictures_name(pictures, i);
    }
    if (status == OKNG_OK) regfree(&regex);
    okng_locale_leave(before);
    if (status != OKNG_OK || found > 0) return status;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "group: no picture's name has what \"%s\" looks for, as %s", pattern,
                     file_name(okng_pictures_name(pictures, 0)));
}

static void keys_by_folder(key *keys, const okng_pictures *pictures)
{
    for (size_t i = 0; i < pictures->count; i++) {
        const char *name = okng_pictures_name(pictures, i);
        keys[i] = (key){name, (size_t)(file_name(name) - name), (int32_t)i};
    }
}

static int compare_texts(const key *x, const key *y)
{
    size_t shorter = x->length < y->length ? x->length : y->length;
    int order = x->text && y->text ? memcmp(x->text, y->text, shorter) : (x->text != NULL) - (y->text != NULL);
    return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

static int by_text(const void *a, const void *b)
{
    const key *x = a, *y = b;
    int order = compare_texts(x, y);
    return order != 0 ? order : (x->picture > y->picture) - (x->picture < y->picture);
}

/* of[i] := the first picture of the group of i, then groups are numbered in that order. */
static void number_groups(okng_groups *groups, key *keys, size_t count)
{
    qsort(keys, count, sizeof *keys, by_text);
    for (size_t i = 0, first = 0; i < count; i++) {
        if (!keys[i].text || compare_texts(&keys[first], &keys[i]) != 0) first = i;
        groups->of[keys[i].picture] = keys[first].picture;
    }
    for (size_t i = 0; i < count; i++)
        groups->of[i] = groups->of[i] == (int32_t)i ? groups->count++ : groups->of[groups->of[i]];
}

/* The tiles of a picture are shots of one part. */
static okng_status group_tiles(okng_groups *groups, const okng_pictures *pictures, okng_error *error)
{
    groups->of = okng_alloc(pictures->count, sizeof *groups->of);
    if (!groups->of) return okng_fail_memory(error, pictures->count * sizeof *groups->of);
    for (size_t i = 0; i < pictures->count; i++) groups->of[i] = (int32_t)pictures->tiles[i].picture;
    groups->count = groups->of[pictures->count - 1] + 1;
    return OKNG_OK;
}

okng_status okng_groups_find(okng_groups *groups, const char *by, const okng_pictures *pictures, okng_error *error)
{
    *groups = (okng_groups){.count = (int32_t)pictures->count};
    if (pictures->count == 0) return OKNG_OK;
    if (!*by || strcmp(by, "none") == 0) return pictures->tiles ? group_tiles(groups, pictures, error) : OKNG_OK;
    *groups = (okng_groups){.of = okng_alloc(pictures->count, sizeof *groups->of)};
    key *keys = okng_alloc(pictures->count, sizeof *keys);
    okng_status status = keys && groups->of ? OKNG_OK : okng_fail_memory(error, pictures->count * sizeof *keys);
    if (status == OKNG_OK && strcmp(by, "folder") == 0)
        keys_by_folder(keys, pictures);
    else if (status == OKNG_OK)
        status = keys_by_pattern(keys, by, pictures, error);
    if (status == OKNG_OK) number_groups(groups, keys, pictures->count);
    free(keys);
    if (status == OKNG_OK && groups->count == 1 && pictures->count > 1)
        status =
            okng_fail(error, OKNG_ERROR_ARGUMENT,
                      "group %s: all %zu pictures are one group, which leaves nothing to compare them with%s", by,
                      pictures->count, strcmp(by, "folder") == 0 ? "; put each part's in a folder of its own" : "");
    if (status != OKNG_OK) okng_groups_free(groups);
    return status;
}

void okng_groups_free(okng_groups *groups)
{
    free(groups->of);
    *groups = (okng_groups){0};
}

int32_t okng_groups_of(const okng_groups *groups, size_t i)
{
    return groups->of ? groups->of[i] : (int32_t)i;
}
