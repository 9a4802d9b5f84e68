/* Whether the scores of good parts are still what they were: the two-sample test of Kolmogorov and Smirnov.
 *
 * A bank's first OKNG_DRIFT_REFERENCE scores of pictures that came out OK are its reference; from then on every
 * OKNG_DRIFT_BLOCK are a block, which is held against it once, when it is complete. Below OKNG_DRIFT_LEVEL is a
 * warning, and stays one until a block is above it again. Where nothing changes that is one false warning in 1 / LEVEL
 * blocks: the p-value is exact, and counts that the reference is a sample too. A bank that changes begins anew. */
#ifndef OKNG_HISTORY_DRIFT_H
#define OKNG_HISTORY_DRIFT_H

#include <stddef.h>

enum { OKNG_DRIFT_REFERENCE = 500, OKNG_DRIFT_BLOCK = 100 };
#define OKNG_DRIFT_LEVEL 1e-4

/* The largest difference of the two samples' distribution functions, 0..1; both ascending, of at least one. */
double okng_ks_distance(const double *a, size_t a_count, const double *b, size_t b_count);
/* P(distance >= d) of two samples of one continuous distribution, exact (Hodges, Ark. Mat. 3, 1958: random lattice
 * paths that leave a strip). Where values are equal it is an upper bound. `row` has room for b_count + 1 numbers. */
double okng_ks_p_value(size_t a_count, size_t b_count, double d, double *row);

#endif
