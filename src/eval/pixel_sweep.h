/* The way from the highest score of all maps down to the lowest, over which all pixel figures are gathered. */
#ifndef OKNG_EVAL_PIXEL_SWEEP_H
#define OKNG_EVAL_PIXEL_SWEEP_H

#include "eval/pixel_metrics.h"

/* A region that is found whole, in the whole numbers that overlap is summed in: their sums are the same in any order. A
 * pixel is that over the region's area; what the division leaves is less than one part in 2^31. */
#define OKNG_REGION_WHOLE ((uint64_t)1 << 63)

/* How far the way has come: what scores at least as high. */
typedef struct okng_level {
    uint64_t good, bad;
    uint64_t normal;    /* of the good ones those in good pictures */
    okng_count overlap; /* over all regions */
} okng_level;

/* Thresholds of equal distance; a score is found when it is above. */
enum { OKNG_PRO_STEPS_COUNT = 200, OKNG_PRO_STEPS_MAX = OKNG_PRO_STEPS_COUNT + 2 };
typedef struct okng_pro_steps {
    size_t count;
    uint32_t keys[OKNG_PRO_STEPS_MAX]; /* ascending */
    okng_level levels[OKNG_PRO_STEPS_MAX];
} okng_pro_steps;

/* From the lowest score up to below the highest, in steps of 1/200 of the range, as numpy.arange makes them in float64,
 * each then rounded to float32. None where the range is empty or not finite. */
void okng_pro_steps_make(okng_pro_steps *steps, float lowest, float highest);
/* Trapezoids over the rates below `limit`, divided by the largest of them; NaN where there are fewer than two. */
double okng_pro_steps_area(const okng_pro_steps *steps, uint64_t good, uint64_t regions, double limit);

/* AUPIMO integrates over the logarithm of the false-positive rate of good pictures up to this. */
extern const double okng_pimo_high;
/* What a bad pixel adds to that integral, 0..OKNG_PIMO_WHOLE: at its score `before` to `after` pixels of good pictures,
 * which are `all`, are false alarms. */
#define OKNG_PIMO_WHOLE ((uint32_t)1 << 31)
uint32_t okng_pimo_weight(uint64_t before, uint64_t after, uint64_t all);
/* Mean over the bad pictures of what was found in them. */
okng_status okng_pimo_mean(const okng_pixel_metrics *pixels, double *mean, okng_error *error);

/* A trapezoid between two numbers of false alarms, cut where the limit is. */
static inline void okng_area_add(okng_sum *area, double limit, double x0, double y0, double x1, double y1)
{
    if (x0 >= limit) return;
    if (x1 > limit) {
        y1 = y0 + (y1 - y0) * (limit - x0) / (x1 - x0);
        x1 = limit;
    }
    okng_sum_add(area, (x1 - x0) * (y0 + y1) / 2);
}

/* Mean over the regions. */
static inline double okng_overlap(okng_count overlap, uint64_t regions)
{
    return (double)overlap / ((double)OKNG_REGION_WHOLE * (double)regions);
}

#endif
