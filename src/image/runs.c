/* Runs are joined by union-find with the runs that touch them in the row above. */
#include "image/runs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static size_t find_first(okng_run *runs, size_t i)
{
    while (runs[i].parent != i) {
        runs[i].parent = runs[runs[i].parent].parent;
        i = runs[i].parent;
    }
    return i;
}

static void join(okng_run *runs, size_t a, size_t b)
{
    a = find_first(runs, a);
    b = find_first(runs, b);
    if (a < b)
        runs[b].parent = a;
    else
        runs[a].parent = b;
}

/* Columns from x on that are not set; eight at a time, because most of a mask is not. */
static int32_t skip_unset(const uint8_t *row, int32_t x, int32_t width)
{
    for (uint64_t eight; x + 8 <= width; x += 8) {
        memcpy(&eight, row + x, sizeof eight);
        if (eight) break;
    }
    while (x < width && !row[x]) x++;
    return x;
}

static bool add_runs(okng_runs *list, const uint8_t *row, int32_t y, int32_t width)
{
    for (int32_t x = skip_unset(row, 0, width); x < width; x = skip_unset(row, x, width)) {
        int32_t begin = x;
        while (x < width && row[x]) x++;
        void *items = list->items;
        bool grown = okng_grow(&items, &list->capacity, list->count + 1, sizeof *list->items);
        list->items = items;
        if (!grown) return false;
        list->items[list->count] = (okng_run){.y = y, .begin = begin, .end = x, .parent = list->count};
        list->count++;
    }
    return true;
}

/* Runs above .. row-1 are those of the row above, row .. count-1 those of this row; diagonal neighbours touch. */
static void join_rows(const okng_runs *list, size_t above, size_t row)
{
    okng_run *runs = list->items;
    size_t up = above;
    for (size_t i = row; i < list->count; i++) {
        while (up < row && runs[up].end < runs[i].begin) up++;
        for (size_t j = up; j < row && runs[j].begin <= runs[i].end; j++) join(runs, i, j);
    }
}

/* A region's first run comes before its others, so it has its number when they ask for it. */
static void number_regions(okng_runs *list)
{
    for (size_t i = 0; i < list->count; i++) {
        size_t first = find_first(list->items, i);
        list->items[i].region = first == i ? list->regions++ : list->items[first].region;
    }
}

okng_status okng_runs_find(okng_runs *runs, const uint8_t *mask, int32_t height, int32_t width, okng_error *error)
{
    *runs = (okng_runs){0};
    size_t above = 0, row = 0;
    for (int32_t y = 0; y < height; y++) {
        if (!add_runs(runs, mask + (size_t)y * (size_t)width, y, width))
            return okng_fail_memory(error, runs->capacity * 2 * sizeof *runs->items);
        join_rows(runs, above, row);
        above = row;
        row = runs->count;
    }
    number_regions(runs);
    return OKNG_OK;
}

void okng_runs_free(okng_runs *runs)
{
    free(runs->items);
    *runs = (okng_runs){0};
}
