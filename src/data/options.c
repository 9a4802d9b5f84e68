#include "data/options.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "options/number.h"

typedef enum option_kind { KIND_TEXT, KIND_INT32, KIND_INT64, KIND_UINT64, KIND_RATIO } option_kind;

typedef struct row {
    const char *name;
    option_kind kind;
    size_t offset, size;
    double high;          /* of numbers; the least is 0 */
    const char *expected; /* for errors */
} row;

#define AT(field) offsetof(okng_dataset_options, field), sizeof(((okng_dataset_options *)0)->field)

static const row rows[] = {
    {"category", KIND_TEXT, AT(categories), 0, "all, or names with commas between them"},
    {"k-shot", KIND_INT32, AT(k_shot), 1e9, "a whole number, 0 for all"},
    {"validation", KIND_RATIO, AT(validation), 0.9, "a number 0..0.9"},
    {"max-test-samples", KIND_INT64, AT(max_test_samples), 0x1p62, "a whole number of at least 2, or 0 for all"},
    {"seed", KIND_UINT64, AT(seed), 0x1p64, "a whole number"},
    {"normal", KIND_TEXT, AT(normal), 0, "a folder"},
    {"normal-test", KIND_TEXT, AT(normal_test), 0, "a folder"},
    {"abnormal", KIND_TEXT, AT(abnormal), 0, "folders with commas between them"},
    {"masks", KIND_TEXT, AT(masks), 0, "a folder"},
    {"test-ratio", KIND_RATIO, AT(test_ratio), 0.9, "a number 0..0.9"},
    {"csv", KIND_TEXT, AT(csv), 0, "a file"},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

void okng_dataset_options_init_sized(okng_dataset_options *options, size_t struct_size)
{
    if (!options) return;
    okng_dataset_options full = {.struct_size = struct_size, .categories = "all", .test_ratio = 0.2};
    memcpy(options, &full, struct_size < sizeof full ? struct_size : sizeof full);
}

static okng_status refuse(const row *r, const char *value, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "option %s: found \"%.80s\", expected %s", r->name, value,
                     r->expected);
}

static okng_status set_row(const row *r, void *field, const char *value, okng_error *error)
{
    int64_t whole = 0;
    uint64_t any = 0;
    double ratio = 0;
    size_t length = strlen(value);
    switch (r->kind) {
    case KIND_TEXT:
        if (length >= r->size) return refuse(r, value, error);
        memset(field, 0, r->size);
        memcpy(field, value, length);
        return OKNG_OK;
    case KIND_RATIO:
        if (!okng_number_real(value, &ratio) || ratio < 0 || ratio > r->high) return refuse(r, value, error);
        memcpy(field, &ratio, sizeof ratio);
        return OKNG_OK;
    case KIND_UINT64:
        if (!okng_number_u64(value, &any)) return refuse(r, value, error);
        memcpy(field, &any, sizeof any);
        return OKNG_OK;
    case KIND_INT32:
    case KIND_INT64:
        break;
    }
    if (!okng_number_i64(value, &whole) || whole < 0 || (double)whole > r->high) return refuse(r, value, error);
    int32_t narrow = (int32_t)whole;
    if (r->kind == KIND_INT32)
        memcpy(field, &narrow, sizeof narrow);
    else
        memcpy(field, &whole, sizeof whole);
    return OKNG_OK;
}

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a == '_' ? '-' : *a) != *b) return false;
    return *a == *b;
}

static okng_status find_row(const char *name, const row **out, okng_error *error)
{
    const char *names[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        *out = &rows[i];
        names[i] = rows[i].name;
        if (same_name(name, rows[i].name)) return OKNG_OK;
    }
    const char *nearest = okng_suggest(name, names, ROWS);
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "unknown option \"%.80s\" of a data set%s%s%s", name,
                     nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

okng_status okng_dataset_options_set(okng_dataset_options *options, const char *name, const char *value,
                                     okng_error *error)
{
    if (!options || !name || !value)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "options, the name of an option and its value must not be NULL");
    const row *r;
    OKNG_TRY(find_row(name, &r, error));
    if (r->offset + r->size > options->struct_size)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "option %s: the options struct has %zu bytes, which is too old or was not initialised",
                         r->name, options->struct_size);
    return set_row(r, (char *)options + r->offset, value, error);
}

okng_status okng_dataset_options_get(const okng_dataset_options *options, const char *name, char *text, size_t size,
                                     okng_error *error)
{
    const row *r;
    int32_t narrow;
    int64_t whole;
    uint64_t any;
    double ratio;
    OKNG_TRY(find_row(name, &r, error));
    const void *field = (const char *)options + r->offset;
    switch (r->kind) {
    case KIND_TEXT:
        (void)snprintf(text, size, "%.*s", (int)r->size, (const char *)field);
        break;
    case KIND_RATIO:
        memcpy(&ratio, field, sizeof ratio);
        okng_number_text(ratio, false, text, size);
        break;
    case KIND_UINT64:
        memcpy(&any, field, sizeof any);
        (void)snprintf(text, size, "%llu", (unsigned long long)any);
        break;
    case KIND_INT64:
        memcpy(&whole, field, sizeof whole);
        (void)snprintf(text, size, "%lld", (long long)whole);
        break;
    case KIND_INT32:
        memcpy(&narrow, field, sizeof narrow);
        (void)snprintf(text, size, "%d", (int)narrow);
        break;
    }
    return OKNG_OK;
}

/* ---- structs filled by hand ------------------------------------------------------------------ */

static okng_status check_row(const row *r, okng_dataset_options *options, okng_error *error)
{
    char *field = (char *)options + r->offset, text[40] = "";
    if (r->kind == KIND_TEXT) return memchr(field, '\0', r->size) ? OKNG_OK : refuse(r, "", error);
    OKNG_TRY(okng_dataset_options_get(options, r->name, text, sizeof text, error));
    return set_row(r, field, text, error);
}

okng_status okng_dataset_options_check(const okng_dataset_options *options, okng_dataset_options *full,
                                       okng_error *error)
{
    okng_dataset_options_init_sized(full, sizeof *full);
    if (!options) return OKNG_OK;
    if (options->struct_size < sizeof options->struct_size)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the data set's options were not initialised");
    memcpy(full, options, options->struct_size < sizeof *full ? options->struct_size : sizeof *full);
    full->struct_size = sizeof *full;
    for (size_t i = 0; i < ROWS; i++) OKNG_TRY(check_row(&rows[i], full, error));
    if (full->max_test_samples == 1)
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "option max-test-samples: found \"1\", expected at least 2, a good and a bad one, or 0 for all");
    return OKNG_OK;
}
