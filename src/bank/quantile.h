/* Quantiles over more values than memory should hold. */
#ifndef OKNG_BANK_QUANTILE_H
#define OKNG_BANK_QUANTILE_H

#include "base/ranks.h"

typedef struct okng_quantile okng_quantile;

/* For `total` values in all, quantile `q` in 0..1 as numpy.quantile's default (linear between order statistics). Keeps
 * only the values on the nearer side of it: about 2 * min(q, 1 - q) * total floats. The order of the values does not
 * matter. */
okng_status okng_quantile_new(okng_quantile **out, double q, uint64_t total, okng_error *error);
okng_status okng_quantile_add(okng_quantile *quantile, const float *values, size_t count, okng_error *error);
/* Every rank: over the values that came on all ranks together. ARGUMENT when those are fewer or more than `total`. NaN
 * values are an ARGUMENT error at add. */
okng_status okng_quantile_value(okng_quantile *quantile, const okng_ranks *ranks, float *value, okng_error *error);
void okng_quantile_free(okng_quantile **quantile);

/* The same for sorted values in memory; count >= 1. */
float okng_quantile_sorted(const float *sorted, size_t count, double q);

#endif
