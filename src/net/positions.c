#include "net/positions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"

/* Keys' cubic kernel of sharpness a, at distance x. */
static double cubic(double x, double a)
{
    x = fabs(x);
    if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    if (x < 2.0) return ((x - 5.0) * x + 8.0) * x * a - 4.0 * a;
    return 0.0;
}

static int64_t clamp(int64_t i, int64_t end)
{
    return i < 0 ? 0 : i < end ? i : end - 1;
}

/* Four samples around the place, those outside taken from the border. */
static void weigh_plain(double *weights, int64_t side, double place)
{
    double first = floor(place - 0.5);
    for (int k = -1; k < 3; k++) weights[clamp((int64_t)first + k, side)] += cubic(place - 0.5 - first - k, -0.75);
}

/* All samples below the widened kernel, those outside left out. */
static void weigh_antialiased(double *weights, int64_t side, double place, double step)
{
    double widening = fmax(step, 1.0), sum = 0;
    for (int64_t i = 0; i < side; i++) sum += weights[i] = cubic(((double)i + 0.5 - place) / widening, -0.5);
    for (int64_t i = 0; i < side; i++) weights[i] /= sum;
}

/* Two samples around the place, those outside taken from the border. */
static void weigh_bilinear(double *weights, int64_t side, double place)
{
    double at = fmax(place - 0.5, 0.0), first = floor(at);
    weights[clamp((int64_t)first, side)] += 1.0 - (at - first);
    weights[clamp((int64_t)first + 1, side)] += at - first;
}

/* Where new sample i of `count` lies on the old axis, whose sample k is at k + 1/2. */
static double place_of(const okng_position_rule *rule, int64_t count, int64_t i)
{
    if (rule->align_corners)
        return 0.5 + (count > 1 ? (double)i * (double)(rule->side - 1) / (double)(count - 1) : 0.0);
    return ((double)i + 0.5) * ((double)rule->side / ((double)count + rule->offset));
}

/* weights: [count, side], what each of `count` new samples takes of the `side` old ones. */
static void weigh_axis(const okng_position_rule *rule, int64_t count, double *weights)
{
    double step = (double)rule->side / ((double)count + rule->offset);
    for (int64_t i = 0; i < count; i++) {
        double place = place_of(rule, count, i), *of_sample = weights + i * rule->side;
        if (rule->antialias)
            weigh_antialiased(of_sample, rule->side, place, step);
        else if (rule->bilinear)
            weigh_bilinear(of_sample, rule->side, place);
        else
            weigh_plain(of_sample, rule->side, place);
    }
}

typedef struct resampling {
    int64_t side, width, grid_width;
    const float *table;
    double *down, *across; /* [grid_height, side], [grid_width, side]: what a new sample takes of the old ones */
    double *scratch;       /* per thread: a row of the old grid and one sample, [side + 1, width] */
    float *out;
} resampling;

/* sum += weight * values, [count] */
static void add_weighted(double *sum, const double *values, double weight, int64_t count)
{
    if (weight == 0.0) return;
    for (int64_t i = 0; i < count; i++) sum[i] += weight * values[i];
}

/* One row of the new grid: first all old rows into one as long as they, then along it. */
static void resample_row(const resampling *r, int64_t y, double *sums)
{
    int64_t row = r->side * r->width;
    memset(sums, 0, (size_t)row * sizeof *sums);
    for (int64_t j = 0; j < r->side; j++) {
        double weight = r->down[y * r->side + j];
        if (weight == 0.0) continue;
        for (int64_t i = 0; i < row; i++) sums[i] += weight * (double)r->table[j * row + i];
    }
    double *sample = sums + row;
    for (int64_t x = 0; x < r->grid_width; x++) {
        memset(sample, 0, (size_t)r->width * sizeof *sample);
        for (int64_t j = 0; j < r->side; j++)
            add_weighted(sample, sums + j * r->width, r->across[x * r->side + j], r->width);
        float *out = r->out + (y * r->grid_width + x) * r->width;
        for (int64_t i = 0; i < r->width; i++) out[i] = (float)sample[i];
    }
}

static void resample_rows(void *context, int64_t begin, int64_t end, int thread)
{
    const resampling *r = context;
    for (int64_t y = begin; y < end; y++) resample_row(r, y, r->scratch + thread * (r->side + 1) * r->width);
}

okng_status okng_positions_resample(const okng_position_rule *rule, const float *table, int64_t width,
                                    int64_t grid_height, int64_t grid_width, int threads, float *out, okng_error *error)
{
    size_t side = (size_t)rule->side;
    if (grid_height == rule->side && grid_width == rule->side) {
        memcpy(out, table, side * side * (size_t)width * sizeof *out);
        return OKNG_OK;
    }
    size_t scratch = (side + 1) * (size_t)width * (size_t)threads;
    resampling r = {.side = rule->side,
                    .width = width,
                    .grid_width = grid_width,
                    .table = table,
                    .down = okng_alloc_zero((size_t)grid_height * side, sizeof(double)),
                    .across = okng_alloc_zero((size_t)grid_width * side, sizeof(double)),
                    .scratch = okng_alloc(scratch, sizeof(double)),
                    .out = out};
    okng_status status = OKNG_OK;
    if (r.down && r.across && r.scratch) {
        weigh_axis(rule, grid_height, r.down);
        weigh_axis(rule, grid_width, r.across);
        okng_parallel_for(threads, grid_height, 1, resample_rows, &r);
    } else {
        status = okng_fail_memory(error, scratch * sizeof(double));
    }
    free(r.down);
    free(r.across);
    free(r.scratch);
    return status;
}
