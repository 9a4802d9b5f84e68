#include "bank/conformal.h"

#include <float.h>
#include <math.h>

double okng_conformal_p_value(const float *scores, size_t count, float score)
{
    if (count == 0) return (double)NAN;
    size_t low = 0, high = count; /* first OK score that is not below */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (scores[middle] < score)
            low = middle + 1;
        else
            high = middle;
    }
    return (double)(1 + count - low) / (double)(1 + count);
}

float okng_conformal_threshold(const float *scores, size_t count, double rate)
{
    /* Above score number k (from 1, ascending) at most count - k OK scores are as high: p <= (1 + count - k) / (1 +
     * count). */
    if (count == 0) return NAN;
    double k = ceil((1 - rate) * (double)(count + 1) - 1e-9);
    if (k < 1) return -FLT_MAX;
    return scores[k < (double)count ? (size_t)k - 1 : count - 1];
}
