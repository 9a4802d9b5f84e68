#include "subspace/directions.h"

#include <math.h>
#include <stdlib.h>

#include "base/eigen.h"
#include "base/memory.h"

/* The least number of directions that reach `variance` of the whole. */
static int64_t count_kept(const double *values, int64_t dim, double variance)
{
    double whole = 0, reached = 0;
    int64_t kept = 0;
    for (int64_t i = 0; i < dim; i++) whole += values[i];
    do reached += values[kept++];
    while (kept < dim && reached < variance * whole);
    return kept;
}

static okng_status find(okng_directions *d, const okng_sums *sums, double variance, double *vectors, okng_error *error)
{
    okng_sums_moments(sums, d->mean, vectors);
    OKNG_TRY(okng_eigen_symmetric(vectors, d->dim, d->values, error));
    for (int64_t i = 0; i < d->dim; i++) d->values[i] = fmax(d->values[i], 0); /* rounding */
    for (int64_t i = 0; i < d->dim * d->dim; i++) d->rows[i] = (float)vectors[i];
    d->kept = count_kept(d->values, d->dim, variance);
    if (d->kept < d->dim) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "all %lld directions are needed for a variance of %g, so nothing is left to score; ask for less",
                     (long long)d->dim, variance);
}

okng_status okng_directions_find(okng_directions *directions, const okng_sums *sums, double variance, okng_error *error)
{
    *directions = (okng_directions){.dim = sums->dim};
    if (sums->count < 2)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%lld patch vectors: a subspace needs at least 2",
                         (long long)sums->count);
    size_t dim = (size_t)sums->dim;
    double *vectors = okng_alloc(dim, dim * sizeof *vectors);
    directions->mean = okng_alloc(dim, sizeof(double));
    directions->values = okng_alloc(dim, sizeof(double));
    directions->rows = okng_alloc(dim, dim * sizeof(float));
    okng_status status = vectors && directions->mean && directions->values && directions->rows
                             ? find(directions, sums, variance, vectors, error)
                             : okng_fail_memory(error, (dim + 2) * dim * sizeof(double));
    free(vectors);
    if (status != OKNG_OK) okng_directions_free(directions);
    return status;
}

uint64_t okng_directions_bytes(int64_t dim)
{
    uint64_t n = (uint64_t)dim;
    return (n * n + 2 * n + (1 + 6 * n + 2 * n * n)) * sizeof(double) + n * n * sizeof(float); /* dsyevd's work */
}

void okng_directions_free(okng_directions *directions)
{
    free(directions->mean);
    free(directions->values);
    free(directions->rows);
    *directions = (okng_directions){0};
}
