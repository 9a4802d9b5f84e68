/* Running sums of patch vectors: how many there are, their sum and the sum of their outer products. Their size depends
 * on the dimensions alone, not on the number of pictures.
 *
 * What one picture adds is summed in float64 in the order of its patches, then rounded once to a whole number of 2^-64.
 * Pictures are added as whole numbers of 128 bits, which no order changes: the sums are the same bits for any number of
 * threads, those of two halves of the pictures add up to those of the whole, and a picture that is taken out again
 * leaves what the others alone would have given. */
#ifndef OKNG_SUBSPACE_SUMS_H
#define OKNG_SUBSPACE_SUMS_H

#include "base/error.h"

/* A whole number of 2^-64, in two's complement. */
typedef __int128 okng_fixed;

enum { OKNG_FIXED_BITS = 64, OKNG_SUMS_MAX_DIM = 8192 };

typedef struct okng_sums {
    int64_t dim, count; /* of patch vectors */
    okng_fixed *values; /* [okng_sums_length(dim)]: sum [dim], then the rows of the upper triangle of the products */
} okng_sums;

/* dim + dim * (dim + 1) / 2 */
int64_t okng_sums_length(int64_t dim);

/* Nothing yet. dim: 1..OKNG_SUMS_MAX_DIM. Errors: LIMIT, MEMORY. */
okng_status okng_sums_new(okng_sums *sums, int64_t dim, okng_error *error);
void okng_sums_free(okng_sums *sums); /* zeroed is fine; zeroes it */
void okng_sums_clear(okng_sums *sums);

/* Sums of one picture, `rows` float32 [count, dim], in place of what was there. `work`: okng_products_bytes, which one
 * call at a time uses. Errors: MISMATCH for a sum that is not finite or beyond +-2^62. */
okng_status okng_sums_of_rows(okng_sums *sums, const float *rows, int64_t count, double *work, okng_error *error);

/* Adds `other` to `sums`, or takes it out. Errors: MISMATCH for other dimensions, LIMIT when a sum or the count
 * overflows (sums is then of no use). */
okng_status okng_sums_add(okng_sums *sums, const okng_sums *other, okng_error *error);
okng_status okng_sums_subtract(okng_sums *sums, const okng_sums *other, okng_error *error);

/* mean [dim] and covariance [dim, dim] (both triangles; divided by count - 1), in float64. count >= 2. */
void okng_sums_moments(const okng_sums *sums, double *mean, double *covariance);

#endif
