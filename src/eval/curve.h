/* A curve from (0, 0) to (1, 1) that rises in both directions, thinned to what a chart can show. */
#ifndef OKNG_EVAL_CURVE_H
#define OKNG_EVAL_CURVE_H

#include "base/error.h"

enum { OKNG_CURVE_POINTS = 500 };

typedef struct okng_curve {
    size_t count;
    struct okng_curve_point {
        double x, y; /* 0..1 */
    } points[OKNG_CURVE_POINTS];
} okng_curve;

#endif
