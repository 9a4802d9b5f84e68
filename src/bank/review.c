#include "bank/review.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

okng_status okng_review_width(const float *scores, size_t count, float threshold, double rate, float *width,
                              okng_error *error)
{
    float *distances = okng_alloc(count + 1, sizeof *distances);
    if (!distances) return okng_fail_memory(error, (count + 1) * sizeof *distances);
    distances[0] = 0;
    for (size_t i = 0; i < count; i++) distances[i + 1] = fabsf(scores[i] - threshold);
    qsort(distances + 1, count, sizeof *distances, by_value);
    double number = rate * (double)(count + 1);
    size_t below = number < (double)count ? (size_t)number : count, above = below < count ? below + 1 : below;
    double part = above > below ? number - (double)below : 0;
    *width = (float)((double)distances[below] + part * ((double)distances[above] - (double)distances[below]));
    free(distances);
    return OKNG_OK;
}
