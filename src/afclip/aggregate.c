#include "afclip/aggregate.h"

#include <math.h>
#include <string.h>

enum { CHANNELS = 64, REACH_MAX = OKNG_AFCLIP_SCALES - 1 }; /* channels that go together, in the first cache */

/* Of the neighbour `i` patches away, either side: the weights along one axis, whose products are those of the square.
 */
static void gaussian(int32_t reach, float weights[REACH_MAX + 1])
{
    const double sigma = 4;
    double sum = 0, all[REACH_MAX + 1];
    for (int32_t i = 0; i <= reach; i++) {
        all[i] = exp(-0.5 * i * i / (sigma * sigma));
        sum += i == 0 ? all[i] : 2 * all[i];
    }
    for (int32_t i = 0; i <= reach; i++) weights[i] = (float)(all[i] / sum);
}

/* A part of the channels of a map of patches: [rows, columns, width] from the first of them on. */
typedef struct band {
    int32_t rows, columns, reach, count;
    int64_t width;
    const float *weights;
} band;

static void add_pair(float *out, const float *low, const float *high, float weight, int32_t count)
{
    if (low && high)
        for (int32_t c = 0; c < count; c++) out[c] += weight * (low[c] + high[c]);
    else if (low || high)
        for (int32_t c = 0; c < count; c++) out[c] += weight * (low ? low[c] : high[c]);
}

/* One patch from those above and below it. */
static void down(const band *b, const float *in, int32_t row, int32_t column, float *out)
{
    const float *at = in + ((int64_t)row * b->columns + column) * b->width;
    const int64_t step = b->columns * b->width;
    for (int32_t c = 0; c < b->count; c++) out[c] = b->weights[0] * at[c];
    for (int32_t i = 1; i <= b->reach; i++)
        add_pair(out, row >= i ? at - i * step : NULL, row + i < b->rows ? at + i * step : NULL, b->weights[i],
                 b->count);
}

/* A row of what `down` has made, from left to right, in its place; those that were overwritten are kept. */
static void across(const band *b, float *row)
{
    float kept[REACH_MAX][CHANNELS], sum[CHANNELS];
    for (int32_t column = 0; column < b->columns; column++) {
        float *at = row + column * b->width;
        for (int32_t c = 0; c < b->count; c++) sum[c] = b->weights[0] * at[c];
        for (int32_t i = 1; i <= b->reach; i++)
            add_pair(sum, column >= i ? kept[(column - i) % REACH_MAX] : NULL,
                     column + i < b->columns ? at + i * b->width : NULL, b->weights[i], b->count);
        memcpy(kept[column % REACH_MAX], at, (size_t)b->count * sizeof *at);
        memcpy(at, sum, (size_t)b->count * sizeof *at);
    }
}

static void spread(const okng_afclip_plan *plan, int64_t width, int32_t reach, const float *in, float *out)
{
    float weights[REACH_MAX + 1] = {0};
    gaussian(reach, weights);
    for (int64_t first = 0; first < width; first += CHANNELS) {
        const int64_t left = width - first;
        const band b = {.rows = plan->rows,
                        .columns = plan->columns,
                        .reach = reach,
                        .count = left < CHANNELS ? (int32_t)left : CHANNELS,
                        .width = width,
                        .weights = weights};
        for (int32_t y = 0; y < b.rows; y++) {
            float *row = out + first + (int64_t)y * b.columns * width;
            for (int32_t x = 0; x < b.columns; x++) down(&b, in + first, y, x, row + x * width);
            across(&b, row);
        }
    }
}

void okng_afclip_aggregate(const okng_afclip_plan *plan, int64_t width, const float *tokens, float *streams)
{
    const int64_t size = plan->tokens * width;
    memcpy(streams, tokens, (size_t)size * sizeof *tokens);
    for (int32_t reach = 1; reach < OKNG_AFCLIP_SCALES; reach++) {
        float *out = streams + reach * size;
        memcpy(out, tokens, (size_t)width * sizeof *tokens);
        spread(plan, width, reach, tokens + width, out + width);
    }
}
