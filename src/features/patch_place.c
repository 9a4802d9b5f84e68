#include "features/patch_place.h"

/* One of the two directions. */
typedef struct axis {
    int64_t original, resized, crop, seen, cells;
} axis;

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* Whole numbers all the way: the edges are crop + cell * seen / cells in the resized picture. */
static void span(axis a, int64_t cell, int32_t *start, int32_t *length)
{
    int64_t down = a.resized * a.cells;
    int64_t from = (a.crop * a.cells + cell * a.seen) * a.original / down;
    int64_t to = ((a.crop * a.cells + (cell + 1) * a.seen) * a.original + down - 1) / down;
    from = clamp(from, 0, a.original - 1);
    to = clamp(to, from + 1, a.original);
    *start = (int32_t)from;
    *length = (int32_t)(to - from);
}

static int32_t cell_of(axis a, int64_t pixel)
{
    int64_t in = (2 * pixel + 1) * a.resized - 2 * a.original * a.crop; /* twice the place, times `original` */
    if (in < 0) return 0;
    return (int32_t)clamp(in / (2 * a.original) * a.cells / a.seen, 0, a.cells - 1);
}

static axis across(const okng_placement *p, int32_t cells)
{
    return (axis){p->original_width, p->resized_width, p->crop_x, p->width, cells};
}

static axis down(const okng_placement *p, int32_t cells)
{
    return (axis){p->original_height, p->resized_height, p->crop_y, p->height, cells};
}

okng_box okng_patch_box(const okng_placement *placement, int32_t grid_height, int32_t grid_width, int32_t row,
                        int32_t column)
{
    okng_box box;
    span(across(placement, grid_width), column, &box.x, &box.width);
    span(down(placement, grid_height), row, &box.y, &box.height);
    return box;
}

void okng_patch_at(const okng_placement *placement, int32_t grid_height, int32_t grid_width, int32_t x, int32_t y,
                   int32_t *row, int32_t *column)
{
    *row = cell_of(down(placement, grid_height), y);
    *column = cell_of(across(placement, grid_width), x);
}
