/* Connected regions of a mask: runs of set pixels per row, joined by union-find with the runs that touch them in the
 * row above. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/morphology.h"

typedef struct run {
    int32_t y, begin, end; /* columns begin .. end - 1 */
    size_t parent;         /* a run of the same region, itself for the first one */
    size_t region;         /* of the first run only */
} run;

typedef struct run_list {
    run *items;
    size_t count, capacity;
} run_list;

static size_t find_first(run *runs, size_t i)
{
    while (runs[i].parent != i) {
        runs[i].parent = runs[runs[i].parent].parent;
        i = runs[i].parent;
    }
    return i;
}

static void join(run *runs, size_t a, size_t b)
{
    a = find_first(runs, a);
    b = find_first(runs, b);
    if (a < b)
        runs[b].parent = a;
    else
        runs[a].parent = b;
}

static bool add_runs(run_list *list, const uint8_t *row, int32_t y, int32_t width)
{
    for (int32_t x = 0; x < width;) {
        if (!row[x]) {
            x++;
            continue;
        }
        int32_t begin = x;
        while (x < width && row[x]) x++;
        void *items = list->items;
        bool grown = okng_grow(&items, &list->capacity, list->count + 1, sizeof *list->items);
        list->items = items;
        if (!grown) return false;
        list->items[list->count] = (run){.y = y, .begin = begin, .end = x, .parent = list->count};
        list->count++;
    }
    return true;
}

/* Runs above .. row-1 are those of the row above, row .. count-1 those of this row; diagonal neighbours touch. */
static void join_rows(const run_list *list, size_t above, size_t row)
{
    run *runs = list->items;
    size_t up = above;
    for (size_t i = row; i < list->count; i++) {
        while (up < row && runs[up].end < runs[i].begin) up++;
        for (size_t j = up; j < row && runs[j].begin <= runs[i].end; j++) join(runs, i, j);
    }
}

static bool find_runs(run_list *list, const okng_image *mask)
{
    size_t above = 0, row = 0;
    for (int32_t y = 0; y < mask->height; y++) {
        if (!add_runs(list, mask->pixels + (size_t)y * (size_t)mask->width, y, mask->width)) return false;
        join_rows(list, above, row);
        above = row;
        row = list->count;
    }
    return true;
}

/* Numbers the first runs; returns how many there are. */
static size_t number_regions(const run_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].parent == i) list->items[i].region = count++;
    return count;
}

/* Takes in one run; x, y, width and height hold the corners x0, y0, x1, y1 until all are in. */
static void add_to_region(okng_region *region, const run *part, const float *scores)
{
    if (region->area == 0)
        *region = (okng_region){.x = part->begin, .y = part->y, .peak = NAN, .peak_x = part->begin, .peak_y = part->y};
    if (part->begin < region->x) region->x = part->begin;
    if (part->end > region->width) region->width = part->end;
    region->height = part->y + 1;
    region->area += part->end - part->begin;
    for (int32_t x = part->begin; x < part->end; x++) {
        float score = scores[x];
        if (isnan(score) || score <= region->peak) continue;
        region->peak = score;
        region->peak_x = x;
        region->peak_y = part->y;
    }
}

static void clear_small(okng_image *mask, run_list *list, const okng_region *regions, int64_t min_area)
{
    for (size_t i = 0; i < list->count; i++) {
        const run *part = &list->items[i];
        if (regions[list->items[find_first(list->items, i)].region].area >= min_area) continue;
        memset(mask->pixels + (size_t)part->y * (size_t)mask->width + part->begin, 0,
               (size_t)(part->end - part->begin));
    }
}

/* Largest peak first, regions without a score last, then from the top and the left. */
static int compare(const void *left, const void *right)
{
    const okng_region *a = left, *b = right;
    if (isnan(a->peak) != isnan(b->peak)) return isnan(a->peak) ? 1 : -1;
    if (a->peak > b->peak) return -1;
    if (a->peak < b->peak) return 1;
    if (a->y != b->y) return a->y < b->y ? -1 : 1;
    if (a->x != b->x) return a->x < b->x ? -1 : 1;
    return a->peak_y != b->peak_y ? (a->peak_y < b->peak_y ? -1 : 1)
                                  : (a->peak_x > b->peak_x) - (a->peak_x < b->peak_x);
}

/* Leaves the regions that are large enough, corners turned into sizes, in order; returns how many. */
static size_t finish_regions(okng_region *regions, size_t count, int64_t min_area)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (regions[i].area < min_area) continue;
        okng_region region = regions[i];
        region.width -= region.x;
        region.height -= region.y;
        regions[kept++] = region;
    }
    if (kept > 0) qsort(regions, kept, sizeof *regions, compare);
    return kept;
}

okng_status okng_mask_regions(okng_image *mask, const float *scores, int64_t min_area, okng_region **regions,
                              size_t *count, okng_error *error)
{
    *regions = NULL;
    *count = 0;
    if (mask->channels != 1)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "regions of %d channels were asked for, expected a mask of 1",
                         mask->channels);
    run_list list = {0};
    okng_region *found = NULL;
    okng_status status = OKNG_OK;
    if (!find_runs(&list, mask)) {
        status = okng_fail_memory(error, list.capacity * 2 * sizeof *list.items);
        goto done;
    }
    size_t total = number_regions(&list);
    if (total == 0) goto done;
    found = calloc(total, sizeof *found);
    if (!found) {
        status = okng_fail_memory(error, total * sizeof *found);
        goto done;
    }
    for (size_t i = 0; i < list.count; i++)
        add_to_region(&found[list.items[find_first(list.items, i)].region], &list.items[i],
                      scores + (size_t)list.items[i].y * (size_t)mask->width);
    clear_small(mask, &list, found, min_area);
    *count = finish_regions(found, total, min_area);
    if (*count > 0) {
        *regions = found;
        found = NULL;
    }
done:
    free(found);
    free(list.items);
    return status;
}
