#include "bank/typical.h"

#include <math.h>
#include <stdbool.h>
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

static void drop_extreme(okng_typical *t)
{
    const size_t row = (size_t)t->dim * sizeof *t->rows;
    int64_t kept = 0;
    for (int64_t i = 0; i < t->count; i++) {
        if (!is_moderate(t->rows + i * t->dim, t->dim)) continue;
        memmove(t->rows + kept++ * t->dim, t->rows + i * t->dim, row);
    }
    t->count = kept;
}

static void centre(okng_typical *t, double *sums)
{
    double squares = 0;
    for (int64_t i = 0; i < t->count; i++)
        for (int64_t d = 0; d < t->dim; d++) sums[d] += (double)t->rows[i * t->dim + d];
    for (int64_t d = 0; d < t->dim; d++) t->mean[d] = t->count > 0 ? (float)(sums[d] / (double)t->count) : 0.0f;
    for (int64_t i = 0; i < t->count; i++) {
        float sum = 0; /* of moderate precision: for scale */
        for (int64_t d = 0; d < t->dim; d++) t->rows[i * t->dim + d] -= t->mean[d];
        for (int64_t d = 0; d < t->dim; d++) sum += t->rows[i * t->dim + d] * t->rows[i * t->dim + d];
        squares += (double)sum;
    }
    t->rms = t->count > 0 ? sqrt(squares / (double)t->count) : 0;
}

okng_status okng_typical_find(okng_typical *out, float *samples, int64_t count, int64_t dim, okng_error *error)
{
    *out = (okng_typical){.rows = samples, .count = count, .dim = dim};
    out->mean = okng_alloc((size_t)dim, sizeof *out->mean);
    double *sums = okng_alloc_zero((size_t)dim, sizeof *sums);
    const bool room = out->mean && sums;
    if (room) {
        drop_extreme(out);
        centre(out, sums);
    } else {
        okng_typical_free(out);
    }
    free(sums);
    return room ? OKNG_OK : okng_fail_memory(error, (size_t)dim * sizeof *sums);
}

void okng_typical_free(okng_typical *typical)
{
    free(typical->rows);
    free(typical->mean);
    *typical = (okng_typical){0};
}
