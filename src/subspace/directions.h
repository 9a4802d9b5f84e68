/* The subspace that good patch vectors lie in, and how far a vector lies outside it. */
#ifndef OKNG_SUBSPACE_DIRECTIONS_H
#define OKNG_SUBSPACE_DIRECTIONS_H

#include "subspace/sums.h"

typedef struct okng_directions {
    int64_t dim;
    int64_t kept;   /* the first directions that reach the asked-for part of the variance; 1 .. dim - 1 */
    double *mean;   /* [dim] */
    double *values; /* [dim] variance along each direction, falling, not negative */
    float *rows;    /* [dim, dim] the directions, orthonormal, one per row */
} okng_directions;

/* From sums of at least two vectors. variance: of 0 < v < 1; `kept` is the least number of directions whose variances
 * reach that part of all variance, at least one. Errors: ARGUMENT when only all directions reach it,
 * so that nothing would be left to score, or for fewer than two vectors; UNSUPPORTED without LAPACK; MEMORY. */
okng_status okng_directions_find(okng_directions *directions, const okng_sums *sums, double variance,
                                 okng_error *error);
uint64_t okng_directions_bytes(int64_t dim);            /* while they are found, LAPACK's own among them */
void okng_directions_free(okng_directions *directions); /* zeroed is fine; zeroes it */

/* What scoring needs of directions, in float32. */
typedef struct okng_residual {
    int64_t dim, left, stride; /* left = dim - kept directions that were left out; stride: left in whole vectors */
    double *mean;              /* [dim] */
    float *matrix;             /* [dim, stride]: the left-out directions as columns, then 0 */
} okng_residual;

okng_status okng_residual_new(okng_residual *residual, const okng_directions *directions, okng_error *error);
void okng_residual_free(okng_residual *residual); /* zeroed is fine; zeroes it */

/* scores [count]: the squared length of what the subspace leaves of (row - mean), of each row of float32 [count, dim].
 * Taken as the sum of squares along the directions that were left out, so nothing cancels. The bits do not depend on
 * `threads`. Errors: MEMORY. */
okng_status okng_residual_score(const okng_residual *residual, const float *rows, int64_t count, int threads,
                                float *scores, okng_error *error);

#endif
