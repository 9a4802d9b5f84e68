/* Rows of the library's tables of options: found, gathered, set. */
#include <string.h>

#include "cli.h"

static const okng_option_list lists[] = {OKNG_OPTIONS_DATASET, OKNG_OPTIONS_INSPECT, OKNG_OPTIONS_BUILD};

enum { LISTS = sizeof lists / sizeof lists[0] };

static bool has(const okng_option_info *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0) return true;
    return false;
}

size_t okng_cli_gather_rows(const char *verb, okng_option_info rows[CLI_MAX_ROWS])
{
    size_t count = 0;
    for (size_t l = 0; l < LISTS; l++)
        for (size_t i = 0; i < okng_option_count(lists[l]) && count < CLI_MAX_ROWS; i++) {
            okng_option_info *row = &rows[count];
            *row = (okng_option_info){.struct_size = sizeof *row};
            if (okng_option_get(lists[l], i, row, NULL) != OKNG_OK || has(rows, count, row->name)) continue;
            if (!verb || okng_option_is_read(row, verb)) count++;
        }
    return count;
}

bool okng_cli_next_row(const char *name, okng_cli_row_place *place, okng_option_info *row)
{
    for (; place->list < LISTS; place->list++, place->row = 0)
        while (place->row < okng_option_count(lists[place->list])) {
            *row = (okng_option_info){.struct_size = sizeof *row};
            if (okng_option_get(lists[place->list], place->row++, row, NULL) == OKNG_OK && strcmp(row->name, name) == 0)
                return true;
        }
    return false;
}

bool okng_cli_find_row(const char *reader, const char *name, okng_option_info *row)
{
    okng_cli_row_place place = {0};
    while (okng_cli_next_row(name, &place, row))
        if (okng_option_is_read(row, reader)) return true;
    return false;
}

static okng_status set_in(okng_cli_args *args, okng_option_list list, const char *name, const char *value,
                          okng_error *error)
{
    if (list == OKNG_OPTIONS_BUILD) return okng_build_options_set(&args->build, name, value, error);
    if (list == OKNG_OPTIONS_INSPECT) return okng_inspect_options_set(&args->inspect, name, value, error);
    return okng_dataset_options_set(&args->data, name, value, error);
}

okng_status okng_cli_set_row(okng_cli_args *args, const char *name, const char *value, okng_error *error)
{
    okng_cli_row_place place = {0};
    okng_option_info row;
    while (okng_cli_next_row(name, &place, &row)) {
        if (!okng_option_is_read(&row, args->verb->name) && !(args->makes && okng_option_is_read(&row, "build")))
            continue;
        okng_status status = set_in(args, lists[place.list], name, value, error);
        if (status != OKNG_OK) return status;
    }
    return OKNG_OK;
}
