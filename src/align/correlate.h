/* Normalised cross-correlation of a template with windows of a picture, both at one level of their pyramids: Pearson's
 * coefficient of their pixels, -1..1, so that brightness and contrast of the picture do not matter. Sums are whole
 * numbers, exact, and their differences are taken in double: with sums in float32 a bright, even background correlates
 * 0.5 with noise, and even without noise. A window (or template) without any contrast correlates 0 with everything. */
#ifndef OKNG_ALIGN_CORRELATE_H
#define OKNG_ALIGN_CORRELATE_H

#include "align/pyramid.h"

/* What is summed over the pixels of a window. */
typedef struct okng_moments {
    double count, sum, squares;
} okng_moments;
okng_moments okng_level_moments(const okng_level *level);
/* count^2 times the variance, 0 where that is no more than what rounding leaves. */
double okng_moments_spread(okng_moments m);

/* The coefficient of two windows of `count` pixels with these moments, whose products sum to `products`. */
double okng_correlation(okng_moments a, okng_moments b, double products);

/* Of the window whose upper left corner is (x, y), which lies inside. */
double okng_correlate_at(const okng_level *picture, const okng_level *part, okng_moments part_moments, int32_t x,
                         int32_t y);

/* All windows: scores [picture.height - part.height + 1, picture.width - part.width + 1]. The part is not larger than
 * the picture. Scores do not depend on `threads`. Errors: MEMORY. */
okng_status okng_correlate_all(const okng_level *picture, const okng_level *part, int threads, float *scores,
                               okng_error *error);

#endif
