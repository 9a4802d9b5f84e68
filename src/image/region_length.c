#include "image/region_length.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* The two pixels of a region that are farthest from each other are corners of its convex hull, and those are ends of
 * runs. */
typedef struct point {
    int32_t x, y;
} point;

/* Twice the area of the triangle; positive where c lies to the left of the way from a to b. */
static int64_t turn(point a, point b, point c)
{
    return (int64_t)(b.x - a.x) * (c.y - a.y) - (int64_t)(b.y - a.y) * (c.x - a.x);
}

/* One side of the hull of points [count], which go on by (y, x) or back, by Andrew's monotone chain. */
static size_t chain(const point *points, size_t count, bool back, point *hull)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const point next = points[back ? count - 1 - i : i];
        while (kept >= 2 && turn(hull[kept - 2], hull[kept - 1], next) >= 0) kept--;
        hull[kept++] = next;
    }
    return kept;
}

/* Of points [count] in the order of (y, x); hull has room for twice as many. */
static double longest(const point *points, size_t count, point *hull)
{
    int64_t most = 0;
    size_t corners = chain(points, count, false, hull);
    corners += chain(points, count, true, hull + corners);
    for (size_t a = 0; a < corners; a++)
        for (size_t b = a + 1; b < corners; b++) {
            const int64_t dx = hull[b].x - hull[a].x, dy = hull[b].y - hull[a].y;
            if (dx * dx + dy * dy > most) most = dx * dx + dy * dy;
        }
    return sqrt((double)most) + 1;
}

/* order [count] := the numbers of the runs, those of a region together and in their order; first [regions + 1] := where
 * each begins. */
static void sort_by_region(const okng_runs *runs, size_t *first, size_t *order)
{
    memset(first, 0, (runs->regions + 1) * sizeof *first);
    for (size_t i = 0; i < runs->count; i++) first[runs->items[i].region + 1]++;
    for (size_t r = 0; r < runs->regions; r++) first[r + 1] += first[r];
    for (size_t i = 0; i < runs->count; i++) order[first[runs->items[i].region]++] = i;
    for (size_t r = runs->regions; r > 0; r--) first[r] = first[r - 1]; /* each had moved on to the next one's */
    first[0] = 0;
}

/* The outer ends of each row of a region: at most two points for each of its runs, in the order of (y, x). */
static size_t ends_of(const okng_runs *runs, const size_t *order, size_t count, point *points)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const okng_run *run = &runs->items[order[i]];
        const bool begins = found == 0 || points[found - 1].y != run->y;
        if (begins) points[found++] = (point){run->begin, run->y};
        if (begins) found++;
        points[found - 1] = (point){run->end - 1, run->y};
    }
    return found;
}

okng_status okng_region_lengths(const okng_runs *runs, okng_region *regions, okng_error *error)
{
    size_t *first = okng_alloc(runs->regions + 1, sizeof *first), *order = okng_alloc(runs->count, sizeof *order);
    point *points = okng_alloc(runs->count, 2 * sizeof *points), *hull = okng_alloc(runs->count, 4 * sizeof *hull);
    okng_status status = first && order && points && hull ? OKNG_OK : okng_fail_memory(error, runs->count * 56);
    if (status == OKNG_OK) sort_by_region(runs, first, order);
    for (size_t r = 0; r < runs->regions && status == OKNG_OK; r++) {
        const size_t ends = ends_of(runs, order + first[r], first[r + 1] - first[r], points);
        regions[r].length = longest(points, ends, hull);
    }
    free(first);
    free(order);
    free(points);
    free(hull);
    return status;
}
