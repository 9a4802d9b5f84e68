#include "afclip/aggregate.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"

enum {
    CHANNELS = 64, /* that go together, in the first cache */
    REACH_MAX = OKNG_AFCLIP_SCALES - 1,
    GRAIN = 32, /* tokens */
    LANES = 8
};

/* ---- neighbourhoods --------------------------------------------------------------------------------------------- */

void okng_afclip_gaussian(int32_t reach, float weights[OKNG_AFCLIP_SCALES])
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
    const float *factors, *offsets; /* of the patches, of the channels; NULL: none */
} band;

static void add_pair(float *out, const float *low, const float *high, float weight, int32_t count)
{
    if (low && high)
        for (int32_t c = 0; c < count; c++) out[c] += weight * (low[c] + high[c]);
    else if (low || high)
        for (int32_t c = 0; c < count; c++) out[c] += weight * (low ? low[c] : high[c]);
}

static void scale(const band *b, int64_t patch, const float *in, float *out)
{
    if (b->factors)
        for (int32_t c = 0; c < b->count; c++) out[c] = b->factors[patch] * in[c] + b->offsets[c];
    else
        memcpy(out, in, (size_t)b->count * sizeof *in);
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
static void across(const band *b, int32_t row, float *line)
{
    float kept[REACH_MAX][CHANNELS], sum[CHANNELS];
    for (int32_t column = 0; column < b->columns; column++) {
        float *at = line + column * b->width;
        for (int32_t c = 0; c < b->count; c++) sum[c] = b->weights[0] * at[c];
        for (int32_t i = 1; i <= b->reach; i++)
            add_pair(sum, column >= i ? kept[(column - i) % REACH_MAX] : NULL,
                     column + i < b->columns ? at + i * b->width : NULL, b->weights[i], b->count);
        memcpy(kept[column % REACH_MAX], at, (size_t)b->count * sizeof *at);
        scale(b, (int64_t)row * b->columns + column, sum, at);
    }
}

static void spread(const band *b, const float *in, float *out)
{
    for (int32_t y = 0; y < b->rows; y++) {
        float *line = out + (int64_t)y * b->columns * b->width;
        if (b->reach == 0) {
            for (int32_t x = 0; x < b->columns; x++)
                scale(b, (int64_t)y * b->columns + x, in + ((int64_t)y * b->columns + x) * b->width,
                      line + x * b->width);
            continue;
        }
        for (int32_t x = 0; x < b->columns; x++) down(b, in, y, x, line + x * b->width);
        across(b, y, line);
    }
}

typedef struct job {
    const okng_afclip_plan *plan;
    int64_t width, bands;
    const float *tokens;
    float *streams;
    const okng_afclip_scaling *scaling;
    float weights[OKNG_AFCLIP_SCALES][REACH_MAX + 1];
} job;

/* One stream's channels of one band. */
static void run_band(const job *j, int32_t reach, int64_t first)
{
    const okng_afclip_plan *plan = j->plan;
    const okng_afclip_scaling *scaling = j->scaling;
    const int64_t left = j->width - first;
    const float *factors = scaling ? scaling->factors + (int64_t)reach * plan->tokens : NULL;
    float *out = j->streams + reach * plan->tokens * j->width + first;
    const band b = {.rows = plan->rows,
                    .columns = plan->columns,
                    .reach = reach,
                    .count = left < CHANNELS ? (int32_t)left : CHANNELS,
                    .width = j->width,
                    .weights = j->weights[reach],
                    .factors = factors ? factors + 1 : NULL,
                    .offsets = scaling ? scaling->offsets + first : NULL};
    const band token = {.count = b.count, .factors = factors, .offsets = b.offsets};
    scale(&token, 0, j->tokens + first, out);
    spread(&b, j->tokens + j->width + first, out + j->width);
}

static void run_bands(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const job *j = context;
    for (int64_t i = begin; i < end; i++) run_band(j, (int32_t)(i / j->bands), i % j->bands * CHANNELS);
}

void okng_afclip_aggregate_scaled(const okng_afclip_plan *plan, int64_t width, const float *tokens,
                                  const okng_afclip_scaling *scaling, int threads, float *streams)
{
    job j = {.plan = plan,
             .width = width,
             .bands = (width + CHANNELS - 1) / CHANNELS,
             .tokens = tokens,
             .streams = streams,
             .scaling = scaling};
    for (int32_t reach = 0; reach < OKNG_AFCLIP_SCALES; reach++) okng_afclip_gaussian(reach, j.weights[reach]);
    okng_parallel_for(threads, OKNG_AFCLIP_SCALES * j.bands, 1, run_bands, &j);
}

void okng_afclip_aggregate(const okng_afclip_plan *plan, int64_t width, const float *tokens, float *streams)
{
    okng_afclip_aggregate_scaled(plan, width, tokens, NULL, 1, streams);
}

/* ---- norms ------------------------------------------------------------------------------------------------------ */

static float sum_of(const float *x, int64_t count, float less, bool squared)
{
    float lanes[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int64_t k = 0; k < LANES; k++) {
            const float value = x[i + k] - less;
            lanes[k] += squared ? value * value : value;
        }
    for (; i < count; i++) lanes[0] += squared ? (x[i] - less) * (x[i] - less) : x[i] - less;
    for (int64_t k = 0; k < LANES; k++) sum += lanes[k];
    return sum;
}

typedef struct rows {
    int64_t width;
    const float *in;
    float *out;
} rows;

static void centre(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const rows *r = context;
    for (int64_t t = begin; t < end; t++) {
        const float *in = r->in + t * r->width, mean = sum_of(in, r->width, 0, false) / (float)r->width;
        for (int64_t c = 0; c < r->width; c++) r->out[t * r->width + c] = in[c] - mean;
    }
}

void okng_afclip_centre(const okng_afclip_plan *plan, int64_t width, const float *tokens, int threads, float *out)
{
    rows r = {width, tokens, out};
    okng_parallel_for(threads, plan->tokens, GRAIN, centre, &r);
}

static void deviate(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const rows *r = context;
    for (int64_t t = begin; t < end; t++) {
        const float *in = r->in + t * r->width, mean = sum_of(in, r->width, 0, false) / (float)r->width;
        const float variance = sum_of(in, r->width, mean, true) / (float)r->width;
        r->out[t] = isfinite(variance) ? 1.0f / sqrtf(variance + 1e-5f) : NAN; /* not 0, which would look like any */
    }
}

void okng_afclip_deviations(const okng_afclip_plan *plan, int64_t width, const float *streams, int threads,
                            float *factors)
{
    rows r = {width, streams, factors};
    okng_parallel_for(threads, OKNG_AFCLIP_SCALES * (int64_t)plan->tokens, GRAIN, deviate, &r);
}
