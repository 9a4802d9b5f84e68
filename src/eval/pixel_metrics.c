#include "eval/pixel_metrics.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "eval/figures.h"
#include "eval/metrics.h"
#include "eval/pixel_store.h"
#include "image/runs.h"

enum { MAX_SIDE = 65535 };

okng_status okng_pixel_metrics_new(okng_pixel_metrics **out, okng_pro_mode pro_mode, int32_t threads, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the metrics", error));
    *out = NULL;
    if (pro_mode != OKNG_PRO_EXACT && pro_mode != OKNG_PRO_STEPS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "pro mode %d: expected OKNG_PRO_EXACT or OKNG_PRO_STEPS",
                         (int)pro_mode);
    okng_pixel_metrics *pixels = calloc(1, sizeof *pixels);
    if (!pixels) return okng_fail_memory(error, sizeof *pixels);
    pixels->pro_mode = pro_mode;
    pixels->threads = threads;
    pixels->lowest = INFINITY;
    pixels->highest = -INFINITY;
    (void)pthread_mutex_init(&pixels->mutex, NULL);
    *out = pixels;
    return OKNG_OK;
}

void okng_pixel_metrics_free(okng_pixel_metrics **pixels)
{
    if (!pixels || !*pixels) return;
    for (size_t bin = 0; bin < OKNG_BINS; bin++) {
        okng_bins_clear(&(*pixels)->normal, bin);
        for (int k = 0; k < OKNG_PIXEL_KINDS; k++) okng_bins_clear(&(*pixels)->good[k], bin);
        okng_bins_clear(&(*pixels)->bad, bin);
    }
    free((*pixels)->regions);
    free((*pixels)->pictures);
    (void)pthread_mutex_destroy(&(*pixels)->mutex);
    free(*pixels);
    *pixels = NULL;
}

/* ---- adding a map ---- */

typedef struct added_map {
    const float *map;
    size_t count; /* pixels */
    int32_t width;
    int kind; /* of the picture */
} added_map;

/* How much of each region has a score. */
static void measure_areas(const okng_runs *runs, const float *map, int32_t width, uint32_t *areas)
{
    for (size_t i = 0; i < runs->count; i++) {
        const okng_run *run = &runs->items[i];
        const float *row = map + (size_t)run->y * (size_t)width;
        for (int32_t x = run->begin; x < run->end; x++) areas[run->region] += isnan(row[x]) ? 0 : 1;
    }
}

/* Enters a picture with its regions; *first is the number of its first one. */
static bool add_regions(okng_pixel_metrics *pixels, const uint32_t *areas, size_t count, uint32_t *first)
{
    void *regions = pixels->regions, *pictures = pixels->pictures;
    bool grown = okng_grow(&regions, &pixels->region_room, pixels->region_count + count, sizeof *pixels->regions) &&
                 okng_grow(&pictures, &pixels->picture_room, pixels->picture_count + 1, sizeof *pixels->pictures);
    pixels->regions = regions;
    pixels->pictures = pictures;
    if (!grown) return false;
    *first = (uint32_t)pixels->region_count;
    uint64_t area = 0;
    for (size_t r = 0; r < count; r++) {
        area += areas[r];
        pixels->scored_regions += areas[r] > 0;
        pixels->regions[pixels->region_count++] = (okng_scored_region){areas[r], (uint32_t)pixels->picture_count};
    }
    okng_bad_picture *picture = &pixels->pictures[pixels->picture_count++];
    picture->area = area;
    atomic_init(&picture->found_weight, 0);
    return true;
}

/* What lies between two runs is good, from row to row. */
static bool add_bad_picture(okng_pixel_metrics *pixels, const added_map *added, const okng_runs *runs,
                            const uint32_t *areas)
{
    okng_score_bins *good = &pixels->good[added->kind];
    const float *map = added->map;
    const size_t width = (size_t)added->width;
    size_t done = 0;
    uint32_t first;
    if (!add_regions(pixels, areas, runs->regions, &first)) return false;
    for (size_t i = 0; i < runs->count; i++) {
        const okng_run *run = &runs->items[i];
        size_t begin = (size_t)run->y * width + (size_t)run->begin, length = (size_t)(run->end - run->begin);
        uint32_t region = first + (uint32_t)run->region;
        if (!okng_bins_add_good(good, map + done, begin - done, &pixels->good_count) ||
            !okng_bins_add_bad(&pixels->bad, map + begin, length, region, &pixels->bad_count))
            return false;
        done = begin + length;
    }
    return okng_bins_add_good(good, map + done, added->count - done, &pixels->good_count);
}

static bool add_good_picture(okng_pixel_metrics *pixels, const float *map, size_t count)
{
    uint64_t size = 0;
    bool added = okng_bins_add_good(&pixels->normal, map, count, &size);
    if (pixels->normal_count == 0) pixels->normal_size = size;
    if (size != pixels->normal_size) pixels->normal_differ = true;
    pixels->normal_count += size;
    pixels->good_count += size;
    return added;
}

/* Lowest and highest score, for the steps. */
static void find_range(const float *map, size_t count, float *lowest, float *highest)
{
    float low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        low = map[i] < low ? map[i] : low;
        high = map[i] > high ? map[i] : high;
    }
    *lowest = low;
    *highest = high;
}

static okng_status add_locked(okng_pixel_metrics *pixels, const added_map *added, const okng_runs *runs,
                              const uint32_t *areas, okng_error *error)
{
    const float *map = added->map;
    const size_t count = added->count;
    if (pixels->finished)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the metrics are finished; no map can be added to them");
    if (pixels->broken) return okng_fail_memory(error, count * sizeof *map);
    uint64_t room = UINT32_MAX - pixels->seen;
    if (count > room)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "the maps have more than %u pixels together; make the metrics of fewer of them", UINT32_MAX);
    pixels->seen += count;
    pixels->maps++;
    pixels->broken =
        runs->regions > 0 ? !add_bad_picture(pixels, added, runs, areas) : !add_good_picture(pixels, map, count);
    return pixels->broken ? okng_fail_memory(error, count * sizeof *map) : OKNG_OK;
}

static okng_status check_map(const okng_pixel_metrics *pixels, const float *map, int32_t height, int32_t width,
                             okng_error *error)
{
    OKNG_TRY(okng_need(pixels, "the metrics", error));
    OKNG_TRY(okng_need(map, "the map", error));
    if (height >= 1 && width >= 1 && height <= MAX_SIDE && width <= MAX_SIDE) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "a map of %dx%d: expected sides of 1..%d", width, height, MAX_SIDE);
}

okng_status okng_pixel_metrics_add(okng_pixel_metrics *pixels, const float *map, const uint8_t *mask, int32_t height,
                                   int32_t width, okng_error *error)
{
    return okng_pixel_metrics_add_kind(pixels, 0, map, mask, height, width, error);
}

okng_status okng_pixel_metrics_add_kind(okng_pixel_metrics *pixels, int kind, const float *map, const uint8_t *mask,
                                        int32_t height, int32_t width, okng_error *error)
{
    OKNG_TRY(check_map(pixels, map, height, width, error));
    size_t count = (size_t)height * (size_t)width;
    okng_runs runs = {0};
    okng_status status = mask ? okng_runs_find(&runs, mask, height, width, error) : OKNG_OK;
    uint32_t *areas = status == OKNG_OK ? okng_alloc_zero(runs.regions, sizeof *areas) : NULL;
    if (status == OKNG_OK && !areas) status = okng_fail_memory(error, runs.regions * sizeof *areas);
    if (status == OKNG_OK) {
        float lowest = 0, highest = 0;
        measure_areas(&runs, map, width, areas);
        if (pixels->pro_mode == OKNG_PRO_STEPS) find_range(map, count, &lowest, &highest);
        (void)pthread_mutex_lock(&pixels->mutex);
        const added_map added = {map, count, width, kind};
        status = add_locked(pixels, &added, &runs, areas, error);
        if (lowest < pixels->lowest) pixels->lowest = lowest;
        if (highest > pixels->highest) pixels->highest = highest;
        (void)pthread_mutex_unlock(&pixels->mutex);
    }
    free(areas);
    okng_runs_free(&runs);
    return status;
}

/* ---- the figures ---- */

static void copy_figures(const okng_pixel_figures *figures, uint64_t maps, okng_metrics *metrics)
{
    double values[OKNG_FIGURES];
    okng_figures_compute(OKNG_GROUP_PIXEL, &figures->evidence, NULL, values);
    okng_figures_to_metrics(values, OKNG_GROUP_PIXEL, metrics);
    metrics->pixels = figures->good + figures->bad;
    metrics->pixels_bad = figures->bad;
    metrics->pixels_left_out = figures->left_out;
    metrics->maps = maps;
    metrics->regions = figures->regions;
}

okng_status okng_pixel_metrics_finish(okng_pixel_metrics *pixels, okng_metrics *metrics, okng_error *error)
{
    okng_metrics all;
    OKNG_TRY(okng_metrics_open(&all, metrics, error));
    okng_pixel_figures *figures = malloc(sizeof *figures);
    if (!figures) return okng_fail_memory(error, sizeof *figures);
    okng_status status = okng_pixel_metrics_figures(pixels, figures, error);
    if (status == OKNG_OK) {
        copy_figures(figures, pixels->maps, &all);
        okng_metrics_close(&all, metrics);
    }
    free(figures);
    return status;
}
