/* Where numbers are: elements of any size are copied. */
#include <string.h>

#include "base/parallel.h"
#include "program/job.h"
#include "program/walk.h"

/* ---- elements of 1, 2, 4, 8 bytes ---- */

#define COPY(TYPE) \
    for (int64_t i = 0; i < count; i++) ((TYPE *)(void *)to)[i] = ((const TYPE *)(const void *)from)[i * step]
static void copy_row(char *to, const char *from, int64_t count, int64_t step, size_t size)
{
    if (step == 1) {
        memcpy(to, from, (size_t)count * size);
        return;
    }
    switch (size) {
    case 1:
        COPY(uint8_t);
        break;
    case 2:
        COPY(uint16_t);
        break;
    case 4:
        COPY(uint32_t);
        break;
    default:
        COPY(uint64_t);
    }
}
#undef COPY

typedef struct copying {
    const char *operands[OKNG_WALK_OPERANDS];
    char *to;
    size_t size;
} copying;

/* ---- select ---- */

static void select_row(void *context, int64_t at, int64_t count, const int64_t from[OKNG_WALK_OPERANDS],
                       const int64_t step[OKNG_WALK_OPERANDS])
{
    const copying *c = context;
    const uint8_t *condition = (const uint8_t *)c->operands[0] + from[0];
    const size_t size = c->size;
    for (int64_t i = 0; i < count; i++) {
        const int k = condition[i * step[0]] ? 1 : 2;
        memcpy(c->to + (size_t)(at + i) * size, c->operands[k] + (size_t)(from[k] + i * step[k]) * size, size);
    }
}

static okng_walk walk_of(const okng_program_job *job)
{
    okng_walk walk = {.rank = job->type->rank};
    memcpy(walk.dims, job->type->dims, sizeof walk.dims);
    return walk;
}

okng_status okng_program_run_select(const okng_program_job *job, okng_error *error)
{
    copying c = {.to = job->result, .size = okng_dtype_size(job->type->dtype)};
    okng_walk walk = walk_of(job);
    (void)error;
    for (int32_t k = 0; k < 3; k++) {
        c.operands[k] = job->inputs[k];
        okng_walk_repeat(&walk, k, &job->types[k]);
    }
    okng_walk_run(&walk, job->threads, select_row, &c);
    return OKNG_OK;
}

/* ---- slice, transpose, expand ---- */

static void view_row(void *context, int64_t at, int64_t count, const int64_t from[OKNG_WALK_OPERANDS],
                     const int64_t step[OKNG_WALK_OPERANDS])
{
    const copying *c = context;
    copy_row(c->to + (size_t)at * c->size, c->operands[0] + from[0] * (int64_t)c->size, count, step[0], c->size);
}

okng_status okng_program_run_view(const okng_program_job *job, okng_error *error)
{
    const okng_program_node *node = job->node;
    copying c = {.operands = {job->inputs[0]}, .to = job->result, .size = okng_dtype_size(job->type->dtype)};
    okng_walk walk = walk_of(job), natural = {.rank = job->types[0].rank};
    (void)error;
    okng_walk_repeat(&walk, 0, &job->types[0]); /* where nothing is turned */
    okng_walk_repeat(&natural, 0, &job->types[0]);
    if (node->op == OKNG_PROGRAM_TRANSPOSE)
        for (int32_t i = 0; i < walk.rank; i++) walk.steps[0][i] = natural.steps[0][node->order[i]];
    if (node->op == OKNG_PROGRAM_SLICE) {
        walk.first[0] = node->begin * natural.steps[0][node->axis];
        walk.steps[0][node->axis] = node->step * natural.steps[0][node->axis];
    }
    okng_walk_run(&walk, job->threads, view_row, &c);
    return OKNG_OK;
}

/* ---- gather ---- */

static okng_status check_indices(const okng_program_job *job, int64_t extent, okng_error *error)
{
    const int64_t *indices = job->inputs[1], count = okng_program_elements(&job->types[1]);
    for (int64_t i = 0; i < count; i++)
        if (indices[i] < 0 || indices[i] >= extent)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "index %lld, expected 0 to %lld", (long long)indices[i],
                             (long long)extent - 1);
    return OKNG_OK;
}

/* Elements in all axes behind one. */
static int64_t behind(const okng_program_type *type, int32_t axis)
{
    int64_t product = 1;
    for (int32_t i = axis + 1; i < type->rank; i++) product *= type->dims[i];
    return product;
}

typedef struct gathering {
    const char *from;
    char *to;
    const int64_t *indices;
    int64_t count, extent, inner, size; /* count: of indices; inner: elements behind the axis; size: bytes of one */
} gathering;

static void gather_range(void *context, int64_t begin, int64_t end, int thread)
{
    const gathering *g = context;
    const int64_t bytes = g->inner * g->size;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const int64_t outer = i / g->count;
        memcpy(g->to + i * bytes, g->from + (outer * g->extent + g->indices[i % g->count]) * bytes, (size_t)bytes);
    }
}

okng_status okng_program_run_gather(const okng_program_job *job, okng_error *error)
{
    const okng_program_type *x = &job->types[0];
    const int32_t axis = job->node->axis;
    gathering g = {.from = job->inputs[0],
                   .to = job->result,
                   .indices = job->inputs[1],
                   .count = okng_program_elements(&job->types[1]),
                   .extent = x->dims[axis],
                   .inner = behind(x, axis),
                   .size = (int64_t)okng_dtype_size(x->dtype)};
    OKNG_TRY(check_indices(job, g.extent, error));
    const int64_t rows = okng_program_elements(job->type) / g.inner;
    okng_parallel_for(job->threads, rows, g.inner > 4096 ? 1 : 4096 / g.inner, gather_range, &g);
    return OKNG_OK;
}

static void gather_elements_range(void *context, int64_t begin, int64_t end, int thread)
{
    const gathering *g = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const int64_t inner = i % g->inner, outer = i / g->inner / g->count;
        const int64_t from = (outer * g->extent + g->indices[i]) * g->inner + inner;
        memcpy(g->to + i * g->size, g->from + from * g->size, (size_t)g->size);
    }
}

okng_status okng_program_run_gather_elements(const okng_program_job *job, okng_error *error)
{
    const okng_program_type *x = &job->types[0];
    const int32_t axis = job->node->axis;
    gathering g = {.from = job->inputs[0],
                   .to = job->result,
                   .indices = job->inputs[1],
                   .count = job->type->dims[axis],
                   .extent = x->dims[axis],
                   .inner = behind(x, axis),
                   .size = (int64_t)okng_dtype_size(x->dtype)};
    OKNG_TRY(check_indices(job, g.extent, error));
    okng_parallel_for(job->threads, okng_program_elements(job->type), 4096, gather_elements_range, &g);
    return OKNG_OK;
}

/* ---- concat, pad ---- */

okng_status okng_program_run_concat(const okng_program_job *job, okng_error *error)
{
    const int32_t axis = job->node->axis;
    const int64_t inner = behind(job->type, axis) * (int64_t)okng_dtype_size(job->type->dtype);
    const int64_t whole = job->type->dims[axis] * inner, elements = okng_program_elements(job->type);
    const int64_t outer = elements / job->type->dims[axis] / behind(job->type, axis);
    char *to = job->result;
    (void)error;
    for (int32_t k = 0; k < job->node->input_count; k++) {
        const int64_t part = job->types[k].dims[axis] * inner;
        const char *from = job->inputs[k];
        for (int64_t i = 0; i < outer; i++) memcpy(to + i * whole, from + i * part, (size_t)part);
        to += part;
    }
    return OKNG_OK;
}

okng_status okng_program_run_pad(const okng_program_job *job, okng_error *error)
{
    const okng_program_type *x = &job->types[0], *type = job->type;
    float *to = job->result;
    const float *from = job->inputs[0];
    (void)error;
    for (int64_t i = 0; i < okng_program_elements(type); i++) to[i] = job->node->value;
    if (x->rank == 0) {
        to[0] = from[0];
        return OKNG_OK;
    }
    const int64_t width = x->dims[x->rank - 1], rows = okng_program_elements(x) / width;
    for (int64_t row = 0; row < rows; row++) {
        int64_t rest = row, step = type->dims[x->rank - 1], at = job->node->dims[x->rank - 1];
        for (int32_t i = x->rank - 2; i >= 0; i--) {
            at += (rest % x->dims[i] + job->node->dims[i]) * step;
            rest /= x->dims[i];
            step *= type->dims[i];
        }
        memcpy(to + at, from + row * width, (size_t)width * sizeof *to);
    }
    return OKNG_OK;
}
