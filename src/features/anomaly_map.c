#include "features/anomaly_map.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "kernels/kernels.h"
#include "patch/bilinear.h"

/* ---- bilinear --------------------------------------------------------------------------------------------------- */

enum { BLOCK = 256 }; /* columns whose positions are worked out once for all rows */

/* A block of columns. Two rows of the map are kept as they are across these columns: going down, the next output row
 * mostly reads the same two, so that a row of the map is spread out once. */
typedef struct block {
    const float *map;
    int64_t width, count; /* of the map; of the block */
    okng_bilinear columns[BLOCK];
    int64_t rows[2]; /* of the map, -1 = none yet */
    float spread[2][BLOCK];
} block;

static const float *spread_row(block *b, int64_t row, int64_t keep)
{
    int slot = b->rows[0] == row || (b->rows[1] != row && b->rows[0] != keep) ? 0 : 1;
    if (b->rows[slot] == row) return b->spread[slot];
    const float *in = b->map + row * b->width;
    for (int64_t x = 0; x < b->count; x++) {
        okng_bilinear column = b->columns[x];
        b->spread[slot][x] = (1.0f - column.weight) * in[column.low] + column.weight * in[column.high];
    }
    b->rows[slot] = row;
    return b->spread[slot];
}

static void interpolate(block *b, okng_bilinear row, float *out)
{
    const float *low = spread_row(b, row.low, row.high), *high = spread_row(b, row.high, row.low);
    float row1 = row.weight, row0 = 1.0f - row1;
    for (int64_t x = 0; x < b->count; x++) out[x] = row0 * low[x] + row1 * high[x];
}

static block block_new(const float *map, int64_t width, int64_t count)
{
    return (block){.map = map, .width = width, .count = count, .rows = {-1, -1}};
}

void okng_map_upsample(const float *in, int32_t h, int32_t w, float *out, int32_t out_h, int32_t out_w)
{
    for (int64_t x = 0; x < out_w; x += BLOCK) {
        block b = block_new(in, w, out_w - x < BLOCK ? out_w - x : BLOCK);
        for (int64_t i = 0; i < b.count; i++) b.columns[i] = okng_bilinear_at(x + i, w, out_w);
        for (int64_t y = 0; y < out_h; y++) interpolate(&b, okng_bilinear_at(y, h, out_h), out + y * out_w + x);
    }
}

/* Pixel i of `original` pixels in a map that is `size` pixels from `crop` of the `resized` ones. Whole numbers, in
 * units of 1 / (2 original) pixels, so that the edge of the crop is exact. Outside, the weight is NaN. */
static okng_bilinear placed_at(int64_t i, int64_t original, int64_t resized, int64_t crop, int64_t size)
{
    int64_t unit = 2 * original, centre = (2 * i + 1) * resized - crop * unit, position = centre - original;
    if (centre < 0 || centre >= size * unit) return (okng_bilinear){0, 0, NAN};
    if (position < 0) position = 0;
    int64_t low = position / unit;
    if (low >= size - 1) return (okng_bilinear){size - 1, size - 1, 0.0f};
    return (okng_bilinear){low, low + 1, (float)((double)(position % unit) / (double)unit)};
}

void okng_map_place(const float *map, const okng_placement *placement, float *out)
{
    const okng_placement *p = placement;
    for (int64_t x = 0; x < p->original_width; x += BLOCK) {
        block b = block_new(map, p->width, p->original_width - x < BLOCK ? p->original_width - x : BLOCK);
        for (int64_t i = 0; i < b.count; i++)
            b.columns[i] = placed_at(x + i, p->original_width, p->resized_width, p->crop_x, p->width);
        for (int64_t y = 0; y < p->original_height; y++)
            interpolate(&b, placed_at(y, p->original_height, p->resized_height, p->crop_y, p->height),
                        out + y * p->original_width + x);
    }
}

/* ---- Gaussian --------------------------------------------------------------------------------------------------- */

enum { MAX_SIGMA = 4096 };

typedef struct gaussian {
    int64_t radius;
    double *weights;     /* [radius + 1], of distance 0.. */
    double *values;      /* of the map, then of a padded line */
    const double **taps; /* [2 radius + 1]: where the tap at distance -radius.. reads its first value */
} gaussian;

/* Half-sample symmetric: d c b a | a b c d | d c b a, and again as often as it takes. */
static int64_t reflect(int64_t i, int64_t size)
{
    int64_t period = 2 * size;
    i %= period;
    if (i < 0) i += period;
    return i < size ? i : period - 1 - i;
}

static int64_t radius_of(float sigma)
{
    return (int64_t)(4.0 * (double)sigma + 0.5);
}

static void fill_weights(gaussian *g, double sigma)
{
    double sum = 0.0;
    for (int64_t k = 0; k <= g->radius; k++) {
        g->weights[k] = exp(-0.5 / (sigma * sigma) * (double)(k * k));
        sum += k > 0 ? 2.0 * g->weights[k] : g->weights[k];
    }
    for (int64_t k = 0; k <= g->radius; k++) g->weights[k] /= sum;
}

/* out[i] = the taps' i-th values, weighted; from the far ones to the centre, as SciPy does. */
static void weigh(const gaussian *g, float *out, int64_t count)
{
    okng_kernels_get()->weigh_pairs(g->taps, g->weights, (size_t)g->radius, out, (size_t)count);
}

static void smooth_columns(const gaussian *g, float *map, int64_t height, int64_t width)
{
    for (int64_t i = 0; i < height * width; i++) g->values[i] = (double)map[i];
    for (int64_t y = 0; y < height; y++) {
        for (int64_t k = 0; k <= 2 * g->radius; k++)
            g->taps[k] = g->values + reflect(y + k - g->radius, height) * width;
        weigh(g, map + y * width, width);
    }
}

static void smooth_rows(const gaussian *g, float *map, int64_t height, int64_t width)
{
    for (int64_t k = 0; k <= 2 * g->radius; k++) g->taps[k] = g->values + k;
    for (int64_t y = 0; y < height; y++) {
        float *line = map + y * width;
        for (int64_t x = 0; x < width; x++) g->values[g->radius + x] = (double)line[x];
        for (int64_t x = 0; x < g->radius; x++) {
            g->values[x] = (double)line[reflect(x - g->radius, width)];
            g->values[g->radius + width + x] = (double)line[reflect(width + x, width)];
        }
        weigh(g, line, width);
    }
}

static okng_status check_sigma(float sigma, okng_error *error)
{
    if (sigma <= MAX_SIGMA) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "smoothing %g: expected a sigma of 0..%d", (double)sigma, MAX_SIGMA);
}

okng_status okng_map_smooth(float *map, int32_t height, int32_t width, float sigma, okng_error *error)
{
    if (sigma <= 0.0f) return OKNG_OK;
    OKNG_TRY(check_sigma(sigma, error));
    gaussian g = {.radius = radius_of(sigma)};
    size_t area = (size_t)height * (size_t)width, line = (size_t)(width + 2 * g.radius);
    size_t values = area > line ? area : line;
    g.weights = okng_alloc((size_t)g.radius + 1, sizeof *g.weights);
    g.values = okng_alloc(values, sizeof *g.values);
    g.taps = okng_alloc((size_t)(2 * g.radius + 1), sizeof *g.taps);
    okng_status status = OKNG_OK;
    if (g.weights && g.values && g.taps) {
        fill_weights(&g, (double)sigma);
        smooth_columns(&g, map, height, width);
        smooth_rows(&g, map, height, width);
    } else {
        status = okng_fail_memory(error, values * sizeof *g.values);
    }
    free(g.taps);
    free(g.values);
    free(g.weights);
    return status;
}

/* ---- both as a matrix -------------------------------------------------------------------------------------------- */

/* Adds pixel i of the upsampled line, `weight` times, to a row of the matrix. */
static void add_pixel(int64_t i, int32_t cells, int32_t size, double weight, double *row)
{
    okng_bilinear at = okng_bilinear_at(i, cells, size);
    row[at.low] += weight * (double)(1.0f - at.weight);
    row[at.high] += weight * (double)at.weight;
}

okng_status okng_map_matrix(int32_t cells, int32_t size, float sigma, float *out, okng_error *error)
{
    if (sigma > 0.0f || isnan(sigma)) OKNG_TRY(check_sigma(sigma, error));
    gaussian g = {.radius = sigma > 0.0f ? radius_of(sigma) : 0};
    double one = 1.0, *row = okng_alloc((size_t)cells, sizeof *row);
    g.weights = sigma > 0.0f ? okng_alloc((size_t)g.radius + 1, sizeof *g.weights) : &one;
    okng_status status = row && g.weights ? OKNG_OK : okng_fail_memory(error, (size_t)cells * sizeof *row);
    if (status == OKNG_OK && sigma > 0.0f) fill_weights(&g, (double)sigma);
    for (int64_t i = 0; i < size && status == OKNG_OK; i++) {
        for (int32_t c = 0; c < cells; c++) row[c] = 0;
        for (int64_t k = -g.radius; k <= g.radius; k++)
            add_pixel(reflect(i + k, size), cells, size, g.weights[k < 0 ? -k : k], row);
        for (int32_t c = 0; c < cells; c++) out[i * cells + c] = (float)row[c];
    }
    if (g.weights != &one) free(g.weights);
    free(row);
    return status;
}
