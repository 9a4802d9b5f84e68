#include "eval/latency.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t count, double q)
{
    double place = q * (double)(count - 1), below = floor(place);
    size_t i = (size_t)below;
    if (i + 1 >= count) return sorted[count - 1];
    return sorted[i] + (place - below) * (sorted[i + 1] - sorted[i]);
}

okng_latency okng_latency_summary(double *values, size_t count)
{
    if (count == 0) return (okng_latency){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0};
    qsort(values, count, sizeof *values, ascending);
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += values[i];
    double half = quantile(values, count, 0.5);
    double middle = quantile(values, count, 0.75) - quantile(values, count, 0.25);
    return (okng_latency){
        .min = values[0],
        .median = half,
        .mean = sum / (double)count,
        .p50 = half,
        .p95 = quantile(values, count, 0.95),
        .p99 = quantile(values, count, 0.99),
        .max = values[count - 1],
        .spread = half > 0 ? middle / half : 0,
        .count = count,
    };
}
