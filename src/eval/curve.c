#include "eval/curve.h"

void okng_curve_finish(const okng_curve_grid *grid, okng_curve *curve)
{
    curve->points[0] = (okng_curve_point){0, 0};
    curve->count = 1;
    for (size_t i = 0; i < OKNG_CURVE_CELLS; i++)
        if (grid->kept[i]) curve->points[curve->count++] = grid->points[i];
    const okng_curve_point *last = &curve->points[curve->count - 1];
    if (last->x < 1 || last->y < 1) curve->points[curve->count++] = (okng_curve_point){1, 1};
}
