#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "program/job.h"

/* ---- pools ---- */

typedef struct pool {
    const okng_window *window;
    const float *x;
    float *out;
    int64_t height, width, out_height, out_width;
    bool average;
} pool;

/* The part of a window that lies on the map. */
static void window_span(int64_t at, int32_t stride, int32_t padding, int32_t kernel, int64_t extent, int64_t *begin,
                        int64_t *end)
{
    *begin = at * stride - padding;
    *end = *begin + kernel < extent ? *begin + kernel : extent;
    if (*begin < 0) *begin = 0;
}

static float pool_place(const pool *p, const float *map, int64_t y, int64_t x)
{
    const okng_window *w = p->window;
    int64_t top, bottom, left, right;
    window_span(y, w->stride[0], w->padding[0], w->kernel[0], p->height, &top, &bottom);
    window_span(x, w->stride[1], w->padding[1], w->kernel[1], p->width, &left, &right);
    double sum = 0;
    float most = -INFINITY;
    for (int64_t i = top; i < bottom; i++)
        for (int64_t j = left; j < right; j++) {
            const float value = map[i * p->width + j];
            sum += (double)value;
            if (value > most || isnan(value)) most = value;
        }
    return p->average ? (float)(sum / ((double)w->kernel[0] * (double)w->kernel[1])) : most;
}

static void pool_range(void *context, int64_t begin, int64_t end, int thread)
{
    const pool *p = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const int64_t row = i % p->out_height, map = i / p->out_height;
        for (int64_t x = 0; x < p->out_width; x++)
            p->out[i * p->out_width + x] = pool_place(p, p->x + map * p->height * p->width, row, x);
    }
}

okng_status okng_program_run_pool(const okng_program_job *job, okng_error *error)
{
    const int64_t *x = job->types[0].dims, *out = job->type->dims;
    pool p = {.window = &job->node->window,
              .x = job->inputs[0],
              .out = job->result,
              .height = x[2],
              .width = x[3],
              .out_height = out[2],
              .out_width = out[3],
              .average = job->node->op == OKNG_PROGRAM_AVERAGE_POOL};
    (void)error;
    okng_parallel_for(job->threads, out[0] * out[1] * out[2], 8, pool_range, &p);
    return OKNG_OK;
}

/* ---- bilinear with antialias ---- */

/* What a place of the result is made of along one axis: weights[i * taps .. + count[i]] of first[i] on. */
typedef struct axis {
    int64_t from, to, taps;
    int64_t *first, *count;
    double *weights;
} axis;

static void free_axis(axis *a)
{
    free(a->first);
    free(a->count);
    free(a->weights);
}

static void weigh_place(axis *a, int64_t i)
{
    const double scale = (double)a->from / (double)a->to, reach = scale > 1.0 ? scale : 1.0;
    const double centre = ((double)i + 0.5) * scale;
    int64_t first = (int64_t)(centre - reach + 0.5), end = (int64_t)(centre + reach + 0.5);
    if (first < 0) first = 0;
    if (end > a->from) end = a->from;
    double sum = 0, *weights = a->weights + i * a->taps;
    for (int64_t k = first; k < end; k++) {
        const double distance = fabs((double)k + 0.5 - centre) / reach;
        weights[k - first] = distance < 1.0 ? 1.0 - distance : 0.0;
        sum += weights[k - first];
    }
    for (int64_t k = 0; k < end - first; k++) weights[k] /= sum;
    a->first[i] = first;
    a->count[i] = end - first;
}

static okng_status weigh_axis(axis *a, int64_t from, int64_t to, okng_error *error)
{
    const double scale = (double)from / (double)to;
    const int64_t taps = (int64_t)ceil(scale > 1.0 ? scale : 1.0) * 2 + 1;
    const size_t count = (size_t)to;
    *a = (axis){.from = from, .to = to, .taps = taps};
    a->first = okng_alloc(count, sizeof *a->first);
    a->count = okng_alloc(count, sizeof *a->count);
    a->weights = okng_alloc(count * (size_t)taps, sizeof *a->weights);
    if (!a->first || !a->count || !a->weights) return okng_fail_memory(error, count * (size_t)taps * sizeof(double));
    for (int64_t i = 0; i < to; i++) weigh_place(a, i);
    return OKNG_OK;
}

typedef struct resize {
    const axis *axis;
    const float *from;
    float *to;
    int64_t width; /* of rows that are resized downwards */
} resize;

static void resize_across(void *context, int64_t begin, int64_t end, int thread)
{
    const resize *r = context;
    const axis *a = r->axis;
    (void)thread;
    for (int64_t row = begin; row < end; row++)
        for (int64_t i = 0; i < a->to; i++) {
            double sum = 0;
            for (int64_t k = 0; k < a->count[i]; k++)
                sum += a->weights[i * a->taps + k] * (double)r->from[row * a->from + a->first[i] + k];
            r->to[row * a->to + i] = (float)sum;
        }
}

static void resize_down(void *context, int64_t begin, int64_t end, int thread)
{
    const resize *r = context;
    const axis *a = r->axis;
    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        const int64_t map = row / a->to, i = row % a->to;
        const float *from = r->from + (map * a->from + a->first[i]) * r->width;
        for (int64_t x = 0; x < r->width; x++) {
            double sum = 0;
            for (int64_t k = 0; k < a->count[i]; k++)
                sum += a->weights[i * a->taps + k] * (double)from[k * r->width + x];
            r->to[row * r->width + x] = (float)sum;
        }
    }
}

okng_status okng_program_run_resize(const okng_program_job *job, okng_error *error)
{
    const int64_t *x = job->types[0].dims, maps = x[0] * x[1], height = job->type->dims[2], width = job->type->dims[3];
    const size_t between = (size_t)(maps * x[2] * width);
    axis across = {0}, down = {0};
    okng_status status = weigh_axis(&across, x[3], width, error);
    if (status == OKNG_OK) status = weigh_axis(&down, x[2], height, error);
    float *narrow = status == OKNG_OK ? okng_alloc(between, sizeof *narrow) : NULL;
    if (status == OKNG_OK && !narrow) status = okng_fail_memory(error, between * sizeof *narrow);
    if (status == OKNG_OK) {
        okng_parallel_for(job->threads, maps * x[2], 4, resize_across, &(resize){&across, job->inputs[0], narrow, 0});
        okng_parallel_for(job->threads, maps * height, 4, resize_down, &(resize){&down, narrow, job->result, width});
    }
    free(narrow);
    free_axis(&across);
    free_axis(&down);
    return status;
}
