#include "subspace/sums.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "patch/moments.h"

#define LARGEST 0x1p62 /* of one picture's sums */

int64_t okng_sums_length(int64_t dim)
{
    return dim + dim * (dim + 1) / 2;
}

okng_status okng_sums_new(okng_sums *sums, int64_t dim, okng_error *error)
{
    *sums = (okng_sums){.dim = dim};
    if (dim < 1 || dim > OKNG_SUMS_MAX_DIM)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "patch vectors of %lld dimensions: a subspace takes 1 to %d; use fewer or smaller layers",
                         (long long)dim, OKNG_SUMS_MAX_DIM);
    size_t length = (size_t)okng_sums_length(dim);
    sums->values = okng_alloc_zero(length, sizeof *sums->values);
    return sums->values ? OKNG_OK : okng_fail_memory(error, length * sizeof *sums->values);
}

void okng_sums_free(okng_sums *sums)
{
    free(sums->values);
    *sums = (okng_sums){0};
}

void okng_sums_clear(okng_sums *sums)
{
    sums->count = 0;
    memset(sums->values, 0, (size_t)okng_sums_length(sums->dim) * sizeof *sums->values);
}

/* ---- one picture ---------------------------------------------------------------------------- */

static bool to_fixed(double value, okng_fixed *out)
{
    if (!(fabs(value) < LARGEST)) return false;
    *out = (okng_fixed)nearbyint(ldexp(value, OKNG_FIXED_BITS));
    return true;
}

okng_status okng_sums_of_rows(okng_sums *sums, const float *rows, int64_t count, double *work, okng_error *error)
{
    okng_products products = okng_products_of(rows, count, sums->dim, work);
    bool fine = true;
    okng_fixed *product = sums->values + products.dim;
    for (size_t i = 0; i < products.dim; i++) {
        const double *row = products.values + i * products.stride;
        fine = to_fixed(row[products.dim], &sums->values[i]) && fine;
        for (size_t j = i; j < products.dim; j++) fine = to_fixed(row[j], product++) && fine;
    }
    sums->count = count;
    if (fine) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "its patch vectors are not finite or far too large; check the options and the weights");
}

/* ---- several pictures ----------------------------------------------------------------------- */

static okng_status check_dims(const okng_sums *sums, const okng_sums *other, okng_error *error)
{
    if (sums->dim == other->dim) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH, "sums of patch vectors of %lld and of %lld dimensions do not add up",
                     (long long)sums->dim, (long long)other->dim);
}

static okng_status refuse_overflow(okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_LIMIT, "the sums of all patch vectors are beyond 2^63: too many, or too large");
}

okng_status okng_sums_add(okng_sums *sums, const okng_sums *other, okng_error *error)
{
    OKNG_TRY(check_dims(sums, other, error));
    bool over = __builtin_add_overflow(sums->count, other->count, &sums->count);
    for (int64_t i = 0; i < okng_sums_length(sums->dim); i++)
        over |= __builtin_add_overflow(sums->values[i], other->values[i], &sums->values[i]);
    return over ? refuse_overflow(error) : OKNG_OK;
}

okng_status okng_sums_subtract(okng_sums *sums, const okng_sums *other, okng_error *error)
{
    OKNG_TRY(check_dims(sums, other, error));
    bool over = __builtin_sub_overflow(sums->count, other->count, &sums->count) || sums->count < 0;
    for (int64_t i = 0; i < okng_sums_length(sums->dim); i++)
        over |= __builtin_sub_overflow(sums->values[i], other->values[i], &sums->values[i]);
    return over ? refuse_overflow(error) : OKNG_OK;
}

void okng_sums_moments(const okng_sums *sums, double *mean, double *covariance)
{
    int64_t dim = sums->dim;
    double count = (double)sums->count;
    for (int64_t i = 0; i < dim; i++) mean[i] = ldexp((double)sums->values[i], -OKNG_FIXED_BITS) / count;
    const okng_fixed *product = sums->values + dim;
    for (int64_t i = 0; i < dim; i++)
        for (int64_t j = i; j < dim; j++) {
            double sum = ldexp((double)*product++, -OKNG_FIXED_BITS);
            covariance[i * dim + j] = covariance[j * dim + i] = (sum - count * mean[i] * mean[j]) / (count - 1);
        }
}
