/* A basis of the directions in which rows differ most: principal components without their order, by subspace
 * iteration (Halko, Martinsson, Tropp, "Finding Structure with Randomness", SIAM Review 2011, algorithm 4.4). */
#ifndef OKNG_BANK_PRINCIPAL_H
#define OKNG_BANK_PRINCIPAL_H

#include "base/error.h"

typedef struct okng_principal {
    float *matrix; /* [dim, columns]; nearly orthonormal, or 0 where there are no more directions; the last is 0 */
    int64_t dim, columns;
    double skew;  /* bound of the spectral norm of (matrix^T matrix - 1), columns of 0 left out */
    double share; /* of the samples' variance that the columns take in, 0..1 */
} okng_principal;

/* samples [count, dim]: centred, finite, of moderate size. columns: a multiple of OKNG_KERNELS_LANES, the last of which
 * is left free. A share below `hopeless` is not worked on any further. Errors: MEMORY. */
okng_status okng_principal_find(okng_principal *out, const float *samples, int64_t count, int64_t dim, int64_t columns,
                                double hopeless, int threads, okng_error *error);
void okng_principal_free(okng_principal *principal); /* zeroed is fine */

#endif
