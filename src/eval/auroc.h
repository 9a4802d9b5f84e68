/* How well scores tell bad from good: the area under the ROC curve, exact, and the curve itself. */
#ifndef OKNG_EVAL_AUROC_H
#define OKNG_EVAL_AUROC_H

#include <stddef.h>

#include "base/error.h"

/* The probability that a bad one scores higher than a good one, a tie counting half (midranks): exact, as the counts
 * are integers. NaN when either is empty. Sorts both arrays. A score must not be NaN. Errors: MEMORY, LIMIT. */
okng_status okng_auroc(float *good, size_t good_count, float *bad, size_t bad_count, double *auroc, okng_error *error);

/* One threshold's rates: what scores at least as high as it. */
typedef struct okng_roc_point {
    double false_alarms, detections; /* 0..1, of the good and of the bad */
} okng_roc_point;

/* The curve from (0, 0) to (1, 1) with a point for every score that occurs: `points` has room for
 * good_count + bad_count + 1. Returns how many there are; both arrays are sorted ascending and neither is empty. */
size_t okng_roc_curve(const float *good, size_t good_count, const float *bad, size_t bad_count, okng_roc_point *points);

#endif
