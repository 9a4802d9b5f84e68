/* Connected regions of a mask, gathered from its runs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image/morphology.h"
#include "image/region_length.h"
#include "image/runs.h"

/* Takes in one run; x, y, width and height hold the corners x0, y0, x1, y1 until all are in. */
static void add_to_region(okng_region *region, const okng_run *part, const float *scores)
{
    if (region->area == 0)
        *region = (okng_region){.struct_size = sizeof *region,
                                .x = part->begin,
                                .y = part->y,
                                .peak = NAN,
                                .peak_x = part->begin,
                                .peak_y = part->y};
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

static void clear_small(okng_image *mask, const okng_runs *list, const okng_region *regions, int64_t min_area)
{
    for (size_t i = 0; i < list->count; i++) {
        const okng_run *part = &list->items[i];
        if (regions[part->region].area >= min_area) continue;
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
    okng_runs list;
    okng_region *found = NULL;
    okng_status status = okng_runs_find(&list, mask->pixels, mask->height, mask->width, error);
    if (status != OKNG_OK || list.regions == 0) goto done;
    found = calloc(list.regions, sizeof *found);
    if (!found) {
        status = okng_fail_memory(error, list.regions * sizeof *found);
        goto done;
    }
    for (size_t i = 0; i < list.count; i++)
        add_to_region(&found[list.items[i].region], &list.items[i],
                      scores + (size_t)list.items[i].y * (size_t)mask->width);
    status = okng_region_lengths(&list, found, error);
    if (status != OKNG_OK) goto done;
    clear_small(mask, &list, found, min_area);
    *count = finish_regions(found, list.regions, min_area);
    if (*count > 0) {
        *regions = found;
        found = NULL;
    }
done:
    free(found);
    okng_runs_free(&list);
    return status;
}
