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
    while (kept < dim && reached < variance * whole) reached += values[kept++];
    return kept;
}

static okng_status find(okng_directions *d, const okng_sums *sums, double variance, okng_error *error)
{
    size_t dim = (size_t)sums->dim;
    d->mean = okng_alloc(dim, sizeof(double));
    d->values = okng_alloc(dim, sizeof(double));
    d->rows = okng_alloc(dim, dim * sizeof(double));
    if (!d->mean || !d->values || !d->rows) return okng_fail_memory(error, (dim + 2) * dim * sizeof(double));
    okng_sums_moments(sums, d->mean, d->rows);
    OKNG_TRY(okng_eigen_symmetric(d->rows, d->dim, d->values, error));
    for (size_t i = 0; i < dim; i++) d->values[i] = fmax(d->values[i], 0); /* rounding */
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
    okng_status status = find(directions, sums, variance, error);
    if (status != OKNG_OK) okng_directions_free(directions);
    return status;
}

uint64_t okng_directions_bytes(int64_t dim)
{
    uint64_t n = (uint64_t)dim;
    return (n * n + 2 * n + (1 + 6 * n + 2 * n * n)) * sizeof(double); /* the last: dsyevd's work */
}

void okng_directions_free(okng_directions *directions)
{
    free(directions->mean);
    free(directions->values);
    free(directions->rows);
    *directions = (okng_directions){0};
}
