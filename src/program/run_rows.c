/* Along axes: sums in double, in order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "program/job.h"

/* ---- softmax: [outer, along, inner] ---- */

typedef struct rows {
    const float *x, *scale, *shift;
    float *out;
    int64_t along, inner;
    float epsilon;
} rows;

static void softmax_range(void *context, int64_t begin, int64_t end, int thread)
{
    const rows *r = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const int64_t at = i / r->inner * r->along * r->inner + i % r->inner;
        const float *x = r->x + at;
        float *out = r->out + at, most = -INFINITY;
        double sum = 0;
        for (int64_t k = 0; k < r->along; k++)
            if (x[k * r->inner] > most || isnan(x[k * r->inner])) most = x[k * r->inner];
        for (int64_t k = 0; k < r->along; k++) {
            out[k * r->inner] = expf(x[k * r->inner] - most);
            sum += (double)out[k * r->inner];
        }
        for (int64_t k = 0; k < r->along; k++) out[k * r->inner] = (float)((double)out[k * r->inner] / sum);
    }
}

okng_status okng_program_run_softmax(const okng_program_job *job, okng_error *error)
{
    const okng_program_type *type = job->type;
    rows r = {.x = job->inputs[0], .out = job->result, .along = type->dims[job->node->axis], .inner = 1};
    for (int32_t i = job->node->axis + 1; i < type->rank; i++) r.inner *= type->dims[i];
    (void)error;
    okng_parallel_for(job->threads, okng_program_elements(type) / r.along, 16, softmax_range, &r);
    return OKNG_OK;
}

/* ---- layer norm ---- */

static void norm_range(void *context, int64_t begin, int64_t end, int thread)
{
    const rows *r = context;
    const int64_t width = r->along;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const float *x = r->x + i * width;
        double sum = 0, squares = 0;
        for (int64_t k = 0; k < width; k++) sum += (double)x[k];
        const double mean = sum / (double)width;
        for (int64_t k = 0; k < width; k++) squares += ((double)x[k] - mean) * ((double)x[k] - mean);
        const double factor = 1.0 / sqrt(squares / (double)width + (double)r->epsilon);
        for (int64_t k = 0; k < width; k++)
            r->out[i * width + k] = (float)(((double)x[k] - mean) * factor * (double)r->scale[k] + (double)r->shift[k]);
    }
}

okng_status okng_program_run_layer_norm(const okng_program_job *job, okng_error *error)
{
    const okng_program_type *type = job->type;
    rows r = {.x = job->inputs[0],
              .scale = job->inputs[1],
              .shift = job->inputs[2],
              .out = job->result,
              .along = type->dims[type->rank - 1],
              .epsilon = job->node->epsilon};
    (void)error;
    okng_parallel_for(job->threads, okng_program_elements(type) / r.along, 16, norm_range, &r);
    return OKNG_OK;
}

/* ---- reductions ---- */

/* Axes that stay, and axes that go, each with its step; neighbours are joined where one goes through both. */
typedef struct reduction {
    const float *x;
    float *out;
    okng_program_op op;
    int32_t stay, go;
    int64_t stay_dims[OKNG_PROGRAM_RANK_MAX], stay_steps[OKNG_PROGRAM_RANK_MAX];
    int64_t go_dims[OKNG_PROGRAM_RANK_MAX], go_steps[OKNG_PROGRAM_RANK_MAX];
    int64_t count; /* elements that make one */
} reduction;

/* Puts an axis before those that are there: they come from the last to the first. */
static void add_axis(int64_t *dims, int64_t *steps, int32_t *count, int64_t extent, int64_t step)
{
    if (*count > 0 && steps[*count - 1] * dims[*count - 1] == step) {
        dims[*count - 1] *= extent;
        return;
    }
    dims[*count] = extent;
    steps[(*count)++] = step;
}

typedef struct taken {
    double sum;
    float most, least;
} taken;

static void take_run(taken *t, const float *x, int64_t count, int64_t step, okng_program_op op)
{
    switch (op) {
    case OKNG_PROGRAM_REDUCE_MAX:
        for (int64_t k = 0; k < count; k++)
            if (x[k * step] > t->most || isnan(x[k * step])) t->most = x[k * step];
        break;
    case OKNG_PROGRAM_REDUCE_MIN:
        for (int64_t k = 0; k < count; k++)
            if (x[k * step] < t->least || isnan(x[k * step])) t->least = x[k * step];
        break;
    default:
        for (int64_t k = 0; k < count; k++) t->sum += (double)x[k * step];
    }
}

static float reduce_place(const reduction *r, int64_t from)
{
    taken t = {0.0, -INFINITY, INFINITY};
    const int64_t runs = r->count / r->go_dims[0];
    for (int64_t i = 0; i < runs; i++) {
        int64_t at = from, rest = i;
        for (int32_t k = 1; k < r->go; k++) {
            at += rest % r->go_dims[k] * r->go_steps[k];
            rest /= r->go_dims[k];
        }
        take_run(&t, r->x + at, r->go_dims[0], r->go_steps[0], r->op);
    }
    switch (r->op) {
    case OKNG_PROGRAM_REDUCE_MAX:
        return t.most;
    case OKNG_PROGRAM_REDUCE_MIN:
        return t.least;
    case OKNG_PROGRAM_REDUCE_MEAN:
        return (float)(t.sum / (double)r->count);
    default:
        return (float)t.sum;
    }
}

static void reduce_range(void *context, int64_t begin, int64_t end, int thread)
{
    const reduction *r = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        int64_t at = 0, rest = i;
        for (int32_t k = 0; k < r->stay; k++) {
            at += rest % r->stay_dims[k] * r->stay_steps[k];
            rest /= r->stay_dims[k];
        }
        r->out[i] = reduce_place(r, at);
    }
}

okng_status okng_program_run_reduce(const okng_program_job *job, okng_error *error)
{
    const okng_program_type *x = &job->types[0];
    reduction r = {.x = job->inputs[0], .out = job->result, .op = job->node->op, .count = 1};
    int64_t step = 1;
    (void)error;
    for (int32_t i = x->rank - 1; i >= 0; i--) {
        const bool goes = (job->node->axes & OKNG_AXIS(i)) != 0;
        if (goes) {
            add_axis(r.go_dims, r.go_steps, &r.go, x->dims[i], step);
            r.count *= x->dims[i];
        } else {
            add_axis(r.stay_dims, r.stay_steps, &r.stay, x->dims[i], step);
        }
        step *= x->dims[i];
    }
    okng_parallel_for(job->threads, okng_program_elements(job->type), r.count > 4096 ? 1 : 4096 / r.count, reduce_range,
                      &r);
    return OKNG_OK;
}

/* ---- the k largest or smallest ---- */

typedef struct ranking {
    const float *x;
    float *values;
    int64_t *places;
    int64_t columns, k;
    bool largest;
} ranking;

/* NaN stands before all: it must not be passed over. Of equal ones the first comes first. */
static bool goes_before(const ranking *r, float a, float b)
{
    if (isnan(a) || isnan(b)) return isnan(a) && !isnan(b);
    return r->largest ? a > b : a < b;
}

/* A heap of the k best with the last of them on top would be asymptotically better; k is small where it is used, and
 * most elements fall at the first comparison. */
static void rank_row(const ranking *r, const float *x, float *values, int64_t *places)
{
    int64_t held = 0;
    for (int64_t i = 0; i < r->columns; i++) {
        if (held == r->k && !goes_before(r, x[i], values[held - 1])) continue;
        int64_t at = held < r->k ? held++ : held - 1;
        for (; at > 0 && goes_before(r, x[i], values[at - 1]); at--) {
            values[at] = values[at - 1];
            places[at] = places[at - 1];
        }
        values[at] = x[i];
        places[at] = i;
    }
}

static void rank_range(void *context, int64_t begin, int64_t end, int thread)
{
    const ranking *r = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++)
        rank_row(r, r->x + i * r->columns, r->values + i * r->k, r->places + i * r->k);
}

okng_status okng_program_run_top_k(const okng_program_job *job, okng_error *error)
{
    const okng_program_type *x = &job->types[0];
    ranking r = {job->inputs[0], job->result, job->places, x->dims[x->rank - 1], job->node->k, job->node->largest};
    (void)error;
    okng_parallel_for(job->threads, okng_program_elements(x) / r.columns, 1, rank_range, &r);
    return OKNG_OK;
}
