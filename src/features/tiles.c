#include "features/tiles.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "patch/bilinear.h"

/* ---- how a picture is cut ---------------------------------------------------------------------------------------- */

/* Tiles along a side. */
static int64_t tiles_along(int64_t side, int64_t tile, int64_t overlap)
{
    return side <= tile ? 1 : 1 + (side - tile + tile - overlap - 1) / (tile - overlap);
}

okng_status okng_tile_grid_of(okng_tile_grid *out, const okng_build_options *options, int32_t width, int32_t height,
                              okng_error *error)
{
    const bool cut = options->tile_height > 0;
    *out = (okng_tile_grid){.width = width, .height = height, .overlap = cut ? options->overlap : 0};
    out->tile_width = cut && options->tile_width < width ? options->tile_width : width;
    out->tile_height = cut && options->tile_height < height ? options->tile_height : height;
    if (cut && (out->overlap >= options->tile_width || out->overlap >= options->tile_height))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "overlap %d: expected less than both sides of the tile, %dx%d",
                         (int)out->overlap, (int)options->tile_height, (int)options->tile_width);
    const int64_t columns = cut ? tiles_along(width, options->tile_width, out->overlap) : 1;
    const int64_t rows = cut ? tiles_along(height, options->tile_height, out->overlap) : 1;
    out->columns = (int32_t)columns;
    out->rows = (int32_t)rows;
    if (columns * rows <= OKNG_TILES_OF_PICTURE_MAX) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT,
                     "a picture of %dx%d comes to %lld tiles, expected at most %d; take larger ones", (int)width,
                     (int)height, (long long)(columns * rows), OKNG_TILES_OF_PICTURE_MAX);
}

int32_t okng_tile_grid_count(const okng_tile_grid *tiling)
{
    return tiling->columns * tiling->rows;
}

/* Where tile `number` of `count` along a side begins. */
static int32_t begin_of(int32_t number, int32_t count, int32_t side, int32_t tile, int32_t overlap)
{
    return number == count - 1 ? side - tile : number * (tile - overlap);
}

okng_tile okng_tile_grid_tile(const okng_tile_grid *t, int32_t place)
{
    return (okng_tile){.place = place,
                       .x = begin_of(place % t->columns, t->columns, t->width, t->tile_width, t->overlap),
                       .y = begin_of(place / t->columns, t->rows, t->height, t->tile_height, t->overlap),
                       .width = t->tile_width,
                       .height = t->tile_height,
                       .whole_width = t->width,
                       .whole_height = t->height};
}

/* ---- weights ----------------------------------------------------------------------------------------------------- */

/* One of the two directions. */
typedef struct axis {
    int32_t side, tile, overlap, count;
    int64_t size; /* of the map */
} axis;

static axis across(const okng_tile_grid *t, int64_t size)
{
    return (axis){t->width, t->tile_width, t->overlap, t->columns, size};
}

static axis down(const okng_tile_grid *t, int64_t size)
{
    return (axis){t->height, t->tile_height, t->overlap, t->rows, size};
}

/* The weight of a tile at `centre`, in pixels of the picture; 0 outside. Only edges within the picture fall off. */
static double weight_at(const axis *a, int32_t number, double centre)
{
    const double begin = begin_of(number, a->count, a->side, a->tile, a->overlap), end = begin + a->tile;
    double weight = 1;
    if (centre < begin || centre >= end) return 0;
    if (a->overlap == 0) return weight;
    if (number > 0 && (centre - begin) / a->overlap < weight) weight = (centre - begin) / a->overlap;
    if (number < a->count - 1 && (end - centre) / a->overlap < weight) weight = (end - centre) / a->overlap;
    return weight;
}

static double centre_of(const axis *a, int64_t pixel)
{
    return ((double)pixel + 0.5) * a->side / (double)a->size;
}

/* The share of a tile at a pixel of the map: of one that is alone there exactly 1. */
static float share_at(const axis *a, int32_t number, int64_t pixel)
{
    const double centre = centre_of(a, pixel);
    double sum = 0;
    for (int32_t i = 0; i < a->count; i++) sum += weight_at(a, i, centre);
    return sum > 0 ? (float)(weight_at(a, number, centre) / sum) : 0;
}

static int32_t best_along(const axis *a, int32_t pixel)
{
    int32_t best = 0;
    for (int32_t i = 1; i < a->count; i++)
        if (weight_at(a, i, pixel + 0.5) > weight_at(a, best, pixel + 0.5)) best = i;
    return best;
}

int32_t okng_tile_grid_at(const okng_tile_grid *t, int32_t x, int32_t y)
{
    const axis columns = across(t, t->width), rows = down(t, t->height);
    return best_along(&rows, y) * t->columns + best_along(&columns, x);
}

/* ---- the map ----------------------------------------------------------------------------------------------------- */

/* A pixel of the map along one direction: what it reads of the tile's map, and the tile's share. */
typedef struct tap {
    okng_bilinear at;
    float share;
} tap;

/* Of a tile: pixels begin .. end - 1 of the map. */
typedef struct span {
    int64_t begin, end;
    tap *taps; /* [end - begin] */
} span;

struct okng_blend {
    okng_tile_grid tiling;
    float *map;
    int32_t height, width;
    tap *columns, *rows; /* [width] and [height] */
};

okng_status okng_blend_new(okng_blend **out, const okng_tile_grid *tiling, float *map, int32_t map_height,
                           int32_t map_width, okng_error *error)
{
    okng_blend *b = *out = calloc(1, sizeof *b);
    if (!b) return okng_fail_memory(error, sizeof *b);
    *b = (okng_blend){*tiling, map, map_height, map_width, NULL, NULL};
    b->columns = okng_alloc((size_t)map_width, sizeof *b->columns);
    b->rows = okng_alloc((size_t)map_height, sizeof *b->rows);
    memset(map, 0, (size_t)map_height * (size_t)map_width * sizeof *map);
    if (b->columns && b->rows) return OKNG_OK;
    okng_blend_free(out);
    return okng_fail_memory(error, (size_t)(map_height + map_width) * sizeof(tap));
}

void okng_blend_free(okng_blend **blend)
{
    if (!blend || !*blend) return;
    free((*blend)->columns);
    free((*blend)->rows);
    free(*blend);
    *blend = NULL;
}

/* As placed_at of anomaly_map.c, for pixel i of a map over a side of which the tile is a part: whole numbers, in units
 * of 1 / (2 tile size) pixels of what the tile is resized to. */
static okng_bilinear read_at(const axis *a, int64_t begin, int64_t i, int64_t resized)
{
    const int64_t unit = 2 * (int64_t)a->tile * a->size;
    const int64_t centre = ((2 * i + 1) * a->side - 2 * a->size * begin) * resized;
    const int64_t position = centre - unit / 2 > 0 ? centre - unit / 2 : 0, low = position / unit;
    if (low >= resized - 1) return (okng_bilinear){resized - 1, resized - 1, 0.0f};
    return (okng_bilinear){low, low + 1, (float)((double)(position % unit) / (double)unit)};
}

/* The first pixel of the map whose centre lies at or behind `edge` of the side. */
static int64_t first_centre(const axis *a, int64_t edge)
{
    const int64_t twice = 2 * edge * a->size - a->side;
    return twice <= 0 ? 0 : (twice + 2 * (int64_t)a->side - 1) / (2 * (int64_t)a->side);
}

static span take(const axis *a, int32_t number, int32_t resized, tap *taps)
{
    const int64_t begin = begin_of(number, a->count, a->side, a->tile, a->overlap);
    span s = {first_centre(a, begin), first_centre(a, begin + a->tile), taps};
    if (s.end > a->size) s.end = a->size;
    for (int64_t i = s.begin; i < s.end; i++)
        taps[i - s.begin] = (tap){read_at(a, begin, i, resized), share_at(a, number, i)};
    return s;
}

void okng_blend_add(okng_blend *b, int32_t place, const okng_placement *placement, const float *input_map)
{
    const axis columns = across(&b->tiling, b->width), rows = down(&b->tiling, b->height);
    const span x = take(&columns, place % b->tiling.columns, placement->width, b->columns);
    const span y = take(&rows, place / b->tiling.columns, placement->height, b->rows);
    for (int64_t row = y.begin; row < y.end; row++) {
        const tap *of = &y.taps[row - y.begin];
        const float *low = input_map + of->at.low * placement->width,
                    *high = input_map + of->at.high * placement->width;
        const float row1 = of->at.weight, row0 = 1.0f - row1;
        float *out = b->map + row * b->width;
        for (int64_t column = x.begin; column < x.end; column++) { /* in the order of anomaly_map.c */
            const tap *t = &x.taps[column - x.begin];
            const float column1 = t->at.weight, column0 = 1.0f - column1;
            const float upper = column0 * low[t->at.low] + column1 * low[t->at.high];
            const float lower = column0 * high[t->at.low] + column1 * high[t->at.high];
            out[column] += of->share * t->share * (row0 * upper + row1 * lower);
        }
    }
}
