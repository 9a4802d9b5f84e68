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

/* The number, from 1, ascending, of the score that is the threshold: above score k at most count - k OK scores are as
 * high, so p <= (1 + count - k) / (1 + count). Under 1: none is; above count: none is high enough. */
static double rank_of(size_t count, double rate)
{
    return ceil((1 - rate) * (double)(count + 1) - 1e-9);
}

float okng_conformal_threshold(const float *scores, size_t count, double rate)
{
    if (count == 0) return NAN;
    double k = rank_of(count, rate);
    if (k < 1) return -FLT_MAX;
    return scores[k < (double)count ? (size_t)k - 1 : count - 1];
}

double okng_conformal_promise(size_t count, double rate)
{
    if (count == 0) return (double)NAN;
    double k = rank_of(count, rate), most = (double)count;
    return (1 + most - fmin(fmax(k, 0), most)) / (1 + most);
}
