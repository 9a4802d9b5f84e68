#include "method/image_rule.h"

#include "bank/quantile.h"

#define ONE_SIGMA 0.8413447460685429 /* part of a normal distribution that lies below one standard deviation */
#define SIGMAS 1.5
#define FEW 4.0

static float robust(const float *scores, size_t count)
{
    double median = (double)okng_quantile_sorted(scores, count, 0.5);
    double above = (double)okng_quantile_sorted(scores, count, ONE_SIGMA) - median;
    return (float)(median + SIGMAS * (1 + FEW / (double)count) * above);
}

float okng_image_threshold(okng_image_rule rule, double pct, const float *scores, size_t count)
{
    return rule == OKNG_IMAGE_RULE_QUANTILE ? okng_quantile_sorted(scores, count, pct) : robust(scores, count);
}
