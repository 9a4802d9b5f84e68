#include "grow/alike.h"

#include <stddef.h>
#include <string.h>

#include "features/ignored.h"
#include "options/options.h"

bool okng_option_difference_next(const okng_bank_config *first, const okng_bank_config *second,
                                 const char *const *names, size_t *row, okng_option_difference *difference)
{
    const okng_build_options *a = &first->options, *b = &second->options;
    for (; *row < okng_build_table.count; (*row)++) {
        const okng_option_row *r = &okng_build_table.rows[*row];
        bool recorded =
            okng_options_is_recorded(&okng_build_table, r, a) || okng_options_is_recorded(&okng_build_table, r, b);
        if (!recorded || !okng_options_is_named(r, names) || strcmp(r->name, "weights") == 0) continue;
        okng_options_get_row(&okng_build_table, r, a, difference->value[0], sizeof difference->value[0]);
        okng_options_get_row(&okng_build_table, r, b, difference->value[1], sizeof difference->value[1]);
        if (strcmp(difference->value[0], difference->value[1]) == 0) continue;
        difference->name = r->name;
        (*row)++;
        return true;
    }
    return false;
}

/* What may differ: no patch vector or score depends on it once the rows are chosen. */
static bool may_differ(const char *name)
{
    static const char *const free_ones[] = {"preset", "seed", "max-memory", "class-name", "reservoir-max"};
    for (size_t i = 0; i < sizeof free_ones / sizeof *free_ones; i++)
        if (strcmp(name, free_ones[i]) == 0) return true;
    return false;
}

static okng_status refuse(const char *const folders[2], const char *what, const char *a, const char *b,
                          okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s and %s differ in %s: %.200s and %.200s; banks are merged that were built alike", folders[0],
                     folders[1], what, a, b);
}

okng_status okng_need_alike(const okng_bank_config *first, const okng_bank_config *second, const char *const *names,
                            const char *const folders[2], okng_error *error)
{
    okng_option_difference difference;
    char sizes[2][32];
    const okng_bank_config *both[2] = {first, second};
    if (strcmp(first->options.method, second->options.method) != 0)
        return refuse(folders, "the method", first->options.method, second->options.method, error);
    for (size_t row = 0; okng_option_difference_next(first, second, names, &row, &difference);)
        if (!may_differ(difference.name))
            return refuse(folders, difference.name, difference.value[0], difference.value[1], error);
    if (strcmp(first->weights_sha256, second->weights_sha256) != 0)
        return refuse(folders, "the weights (SHA-256)", first->weights_sha256, second->weights_sha256, error);
    for (int i = 0; i < 2; i++)
        (void)snprintf(sizes[i], sizeof sizes[i], "%dx%d", (int)both[i]->input_height, (int)both[i]->input_width);
    if (strcmp(sizes[0], sizes[1]) != 0) return refuse(folders, "the size of the input", sizes[0], sizes[1], error);
    if (!okng_ignored_equal(first->ignored, second->ignored))
        return refuse(folders, "what they leave out", first->ignored ? "an ignore mask" : "none",
                      second->ignored ? "an ignore mask" : "none", error);
    if (first->range_count != second->range_count ||
        memcmp(first->ranges, second->ranges, (size_t)first->range_count * sizeof *first->ranges) != 0)
        return refuse(folders, "the ranges of int8", "measured on its own pictures", "on its own", error);
    return OKNG_OK;
}
