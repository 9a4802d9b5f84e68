/* A curve from (0, 0) to (1, 1) that rises in both directions, thinned to what a chart can show. */
#ifndef OKNG_EVAL_CURVE_H
#define OKNG_EVAL_CURVE_H

#include <stdbool.h>

#include "base/error.h"

enum {
    OKNG_CURVE_POINTS = 500,
    OKNG_CURVE_NEAR = 160, /* columns up to the knee */
    OKNG_CURVE_FAR = 80,   /* and beyond it */
    OKNG_CURVE_ROWS = 240,
    OKNG_CURVE_CELLS = OKNG_CURVE_NEAR + OKNG_CURVE_FAR + OKNG_CURVE_ROWS + 1
};

#define OKNG_CURVE_EVEN (2.0 / 3)

typedef struct okng_curve_point {
    double x, y; /* 0..1 */
} okng_curve_point;

typedef struct okng_curve {
    size_t count;
    okng_curve_point points[OKNG_CURVE_POINTS];
} okng_curve;

/* Of many points the first in each cell of a grid is kept. As the curve rises, column plus row tells the cells that it
 * goes through apart: each has a place of its own, and several threads may each put in a stretch of the curve. */
typedef struct okng_curve_grid {
    double knee; /* 0..1: left of it are twice as many columns as right; OKNG_CURVE_EVEN: all as wide */
    bool kept[OKNG_CURVE_CELLS];
    okng_curve_point points[OKNG_CURVE_CELLS];
} okng_curve_grid;

static inline size_t okng_curve_cell(double x, double y, double knee)
{
    double column = x <= knee ? x / knee * OKNG_CURVE_NEAR : OKNG_CURVE_NEAR + (x - knee) / (1 - knee) * OKNG_CURVE_FAR;
    return (size_t)column + (size_t)(y * OKNG_CURVE_ROWS);
}

/* The next point; `cell` is that of the one before, and becomes that of this one. */
static inline void okng_curve_put(okng_curve_grid *grid, size_t *cell, double x, double y)
{
    size_t here = okng_curve_cell(x, y, grid->knee);
    if (here == *cell) return;
    *cell = here;
    grid->kept[here] = true;
    grid->points[here] = (okng_curve_point){x, y};
}

/* From (0, 0) over the kept points to (1, 1). */
void okng_curve_finish(const okng_curve_grid *grid, okng_curve *curve);

#endif
