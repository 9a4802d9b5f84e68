#include <math.h>

#include "eval/pixel_sweep.h"
#include "eval/score_bins.h"

void okng_pro_steps_make(okng_pro_steps *steps, float lowest, float highest)
{
    steps->count = 0;
    double start = (double)lowest, range = (double)(highest - lowest), step = range / OKNG_PRO_STEPS_COUNT;
    if (!isfinite(step) || step <= 0) return;
    double count = ceil(range / step), second = start + step;
    step = second - start; /* what is left of it after rounding */
    for (size_t i = 0; i < OKNG_PRO_STEPS_MAX && (double)i < count; i++)
        steps->keys[steps->count++] = okng_score_key((float)(start + (double)i * step));
}

double okng_pro_steps_area(const okng_pro_steps *steps, uint64_t good, uint64_t regions, double limit)
{
    double area = 0, x0 = 0, y0 = 0;
    size_t points = 0;
    for (size_t i = steps->count; i-- > 0;) { /* from the highest threshold: the rates grow */
        double x = (double)steps->levels[i].good / (double)good;
        double y = okng_overlap(steps->levels[i].overlap, regions);
        if (x >= limit) break;
        if (points > 0) area += (x - x0) * (y + y0) / 2;
        points++;
        x0 = x;
        y0 = y;
    }
    return points < 2 || x0 <= 0 ? (double)NAN : area / x0;
}
