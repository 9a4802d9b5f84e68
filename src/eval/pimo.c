/* AUPIMO: J. Bertoldo et al., "AUPIMO: Redefining Visual Anomaly Detection Benchmarks with High Speed and Low
 * Tolerance" (BMVC 2024). The share of a picture's bad pixels that is found is a sum over its pixels, and so is its
 * integral: each adds the part of the range in which the threshold is at most its score. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "eval/pixel_store.h"
#include "eval/pixel_sweep.h"

const double okng_pimo_high = 1e-4;
static const double pimo_low = 1e-5;

/* Share of the range, in logarithms, that lies above a rate. */
static double range_above(double rate)
{
    if (rate >= okng_pimo_high) return 0;
    if (rate <= pimo_low) return 1;
    return log(okng_pimo_high / rate) / log(okng_pimo_high / pimo_low);
}

/* Straight in the logarithm where the rate rises at the score itself: half of what lies between counts, of a segment
 * that is cut by an end of the range what a line through it has there. */
uint32_t okng_pimo_weight(uint64_t before, uint64_t after, uint64_t all)
{
    if ((double)before >= okng_pimo_high * (double)all) return 0;
    double low = (double)before / (double)all, high = (double)after / (double)all, weight = range_above(high);
    if (high > low && low > 0 && low < okng_pimo_high && high > pimo_low) {
        double left = log(fmax(low, pimo_low)), right = log(fmin(high, okng_pimo_high));
        double middle = ((left + right) / 2 - log(low)) / log(high / low); /* of the rising line */
        weight += middle * (right - left) / log(okng_pimo_high / pimo_low);
    }
    return (uint32_t)lround(fmin(weight, 1) * OKNG_PIMO_WHOLE);
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

okng_status okng_pimo_mean(const okng_pixel_metrics *pixels, double *mean, okng_error *error)
{
    *mean = (double)NAN;
    if (pixels->normal_differ || (double)pixels->normal_count * pimo_low < 1) return OKNG_OK;
    double *shares = okng_alloc(pixels->picture_count, sizeof *shares);
    if (!shares) return okng_fail_memory(error, pixels->picture_count * sizeof *shares);
    size_t count = 0;
    for (size_t i = 0; i < pixels->picture_count; i++) {
        const okng_bad_picture *picture = &pixels->pictures[i];
        if (picture->area > 0)
            shares[count++] = (double)atomic_load(&picture->found_weight) / OKNG_PIMO_WHOLE / (double)picture->area;
    }
    qsort(shares, count, sizeof *shares, ascending); /* their sum does not depend on the order of the pictures then */
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += shares[i];
    *mean = sum / (double)count;
    free(shares);
    return OKNG_OK;
}
