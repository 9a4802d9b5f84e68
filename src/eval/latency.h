/* What is said about repeated timings of one thing. */
#ifndef OKNG_EVAL_LATENCY_H
#define OKNG_EVAL_LATENCY_H

#include <stddef.h>

typedef struct okng_latency {
    double min, median, mean, p50, p95, p99, max; /* in the unit of the values */
    double spread;                                /* (p75 - p25) / median, of no unit */
    size_t count;
} okng_latency;

/* Sorts `values` [count] in place. Quantiles are linear between order statistics, as NumPy's default; the median is
 * p50. All NaN where there are no values. */
okng_latency okng_latency_summary(double *values, size_t count);

#endif
