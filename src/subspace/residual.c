#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "kernels/kernels.h"
#include "subspace/directions.h"

enum { LANES = OKNG_KERNELS_LANES, GRAIN = 24 };

okng_status okng_residual_new(okng_residual *residual, const okng_directions *directions, okng_error *error)
{
    int64_t dim = directions->dim, left = dim - directions->kept;
    *residual = (okng_residual){.dim = dim, .left = left, .stride = (left + LANES - 1) / LANES * LANES};
    residual->mean = okng_alloc((size_t)dim, sizeof *residual->mean);
    residual->matrix = okng_alloc_zero((size_t)dim, (size_t)residual->stride * sizeof *residual->matrix);
    if (!residual->mean || !residual->matrix) {
        okng_residual_free(residual);
        return okng_fail_memory(error, (size_t)dim * (size_t)(left + LANES) * sizeof(float));
    }
    memcpy(residual->mean, directions->mean, (size_t)dim * sizeof *residual->mean);
    const float *rows = directions->rows + directions->kept * dim;
    for (int64_t c = 0; c < left; c++)
        for (int64_t d = 0; d < dim; d++) residual->matrix[d * residual->stride + c] = rows[c * dim + d];
    return OKNG_OK;
}

void okng_residual_free(okng_residual *residual)
{
    free(residual->mean);
    free(residual->matrix);
    *residual = (okng_residual){0};
}

typedef struct scoring {
    const okng_residual *residual;
    const float *rows;
    float *centred;   /* [count, dim] */
    float *projected; /* [count, left] */
    float *scores;
} scoring;

static void score_some(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const scoring *s = context;
    const okng_residual *residual = s->residual;
    int64_t dim = residual->dim, left = residual->left;
    for (int64_t r = begin; r < end; r++)
        for (int64_t d = 0; d < dim; d++)
            s->centred[r * dim + d] = (float)((double)s->rows[r * dim + d] - residual->mean[d]);
    okng_kernels_get()->project(s->centred + begin * dim, (size_t)(end - begin), (size_t)dim, residual->matrix,
                                (size_t)residual->stride, (size_t)left, s->projected + begin * left);
    for (int64_t r = begin; r < end; r++) {
        double sum = 0;
        for (int64_t c = 0; c < left; c++)
            sum += (double)s->projected[r * left + c] * (double)s->projected[r * left + c];
        s->scores[r] = (float)sum;
    }
}

okng_status okng_residual_score(const okng_residual *residual, const float *rows, int64_t count, int threads,
                                float *scores, okng_error *error)
{
    scoring s = {.residual = residual, .rows = rows, .scores = scores};
    size_t floats = (size_t)count * (size_t)residual->dim;
    s.centred = okng_alloc(floats, sizeof(float));
    s.projected = okng_alloc((size_t)count * (size_t)residual->left, sizeof(float));
    okng_status status = OKNG_OK;
    if (s.centred && s.projected)
        okng_parallel_for(threads, count, GRAIN, score_some, &s);
    else
        status = okng_fail_memory(error, 2 * floats * sizeof(float));
    free(s.centred);
    free(s.projected);
    return status;
}
