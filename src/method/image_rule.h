/* The image threshold from the scores of good pictures. */
#ifndef OKNG_METHOD_IMAGE_RULE_H
#define OKNG_METHOD_IMAGE_RULE_H

#include <stddef.h>

#include "options/options.h"

/* Of scores [count], ascending, count >= 1:
 *   QUANTILE: their quantile `pct`.
 *   ROBUST: median + 1.5 (1 + 4 / count) s, s the distance from the median up to the 84.13th percentile, which is one
 *     standard deviation where scores are normal. Nothing above that percentile moves it, so up to one picture in six
 *     may be bad; nothing below the median does, for how good the best parts are says nothing about where bad ones
 *     begin. The factor was chosen by experiment (docs/thresholds.md); 1 + 4 / count is what keeps the rate of false
 *     alarms the same for few pictures, of which s is not well known, where scores are normal. */
float okng_image_threshold(okng_image_rule rule, double pct, const float *scores, size_t count);

#endif
