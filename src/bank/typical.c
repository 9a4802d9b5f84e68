#include "bank/typical.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define MODERATE 1e15f /* the largest number of a row that counts as typical */

static bool is_moderate(const float *row, int64_t dim)
{
    float largest = 0;
    for (int64_t d = 0; d < dim; d++) largest = fabsf(row[d]) <= largest ? largest : fabsf(row[d]);
    return largest < MODERATE; /* nor is NaN */
}

static void centre(okng_typical *s, double *sums)
{
    double squares = 0;
    for (int64_t i = 0; i < s->count; i++)
        for (int64_t d = 0; d < s->dim; d++) sums[d] += (double)s->rows[i * s->dim + d];
    for (int64_t d = 0; d < s->dim; d++) s->mean[d] = s->count > 0 ? (float)(sums[d] / (double)s->count) : 0.0f;
    for (int64_t i = 0; i < s->count; i++) {
        float sum = 0; /* of moderate precision: for scale */
        for (int64_t d = 0; d < s->dim; d++) s->rows[i * s->dim + d] -= s->mean[d];
        for (int64_t d = 0; d < s->dim; d++) sum += s->rows[i * s->dim + d] * s->rows[i * s->dim + d];
        squares += (double)sum;
    }
    s->rms = s->count > 0 ? sqrt(squares / (double)s->count) : 0;
}

okng_status okng_typical_find(okng_typical *out, const float *rows, int64_t n, int64_t dim, int64_t most,
                              okng_error *error)
{
    int64_t wanted = n < most ? n : most;
    size_t row = (size_t)dim * sizeof *rows;
    *out = (okng_typical){.dim = dim};
    out->rows = okng_alloc((size_t)wanted, row);
    out->mean = okng_alloc((size_t)dim, sizeof *out->mean);
    double *sums = okng_alloc_zero((size_t)dim, sizeof *sums);
    okng_status status = OKNG_OK;
    if (out->rows && out->mean && sums) {
        for (int64_t i = 0; i < wanted; i++) {
            const float *from = rows + i * n / wanted * dim;
            if (is_moderate(from, dim)) memcpy(out->rows + out->count++ * dim, from, row);
        }
        centre(out, sums);
    } else {
        okng_typical_free(out);
        status = okng_fail_memory(error, (size_t)wanted * row);
    }
    free(sums);
    return status;
}

void okng_typical_free(okng_typical *samples)
{
    free(samples->rows);
    free(samples->mean);
    *samples = (okng_typical){0};
}
