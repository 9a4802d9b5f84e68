#include "data/outlines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

okng_status okng_outlines_new(okng_outlines **out, const char *file, int32_t width, int32_t height, okng_error *error)
{
    okng_outlines *outlines = *out = calloc(1, sizeof **out);
    if (!outlines) return okng_fail_memory(error, sizeof *outlines);
    outlines->file = strdup(file);
    outlines->width = width;
    outlines->height = height;
    if (outlines->file) return OKNG_OK;
    okng_outlines_free(outlines);
    *out = NULL;
    return okng_fail_memory(error, strlen(file));
}

void okng_outlines_free(okng_outlines *outlines)
{
    if (!outlines) return;
    free(outlines->file);
    free(outlines->numbers);
    free(outlines->items);
    free(outlines);
}

/* ---- making --------------------------------------------------------------------------------- */

okng_status okng_outline_begin(okng_outlines *outlines, okng_outline_kind kind, okng_error *error)
{
    void *items = outlines->items;
    if (!okng_grow(&items, &outlines->room, outlines->count + 1, sizeof *outlines->items))
        return okng_fail_memory(error, (outlines->count + 1) * sizeof *outlines->items);
    outlines->items = items;
    outlines->items[outlines->count++] = (okng_outline){.kind = kind, .first = outlines->number_count};
    return OKNG_OK;
}

okng_status okng_outline_number(okng_outlines *outlines, double number, okng_error *error)
{
    void *numbers = outlines->numbers;
    if (outlines->number_count == OKNG_OUTLINE_NUMBERS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: the outlines of a picture have more than %d numbers",
                         outlines->file, (int)OKNG_OUTLINE_NUMBERS);
    if (!okng_grow(&numbers, &outlines->number_room, outlines->number_count + 1, sizeof *outlines->numbers))
        return okng_fail_memory(error, (outlines->number_count + 1) * sizeof *outlines->numbers);
    outlines->numbers = numbers;
    outlines->numbers[outlines->number_count++] = number;
    outlines->items[outlines->count - 1].count++;
    return OKNG_OK;
}

/* Points of a picture of this size; a pixel beyond its border is the hand that drew. */
static okng_status check_points(const okng_outlines *outlines, const okng_outline *item, const char *what, double width,
                                double height, okng_error *error)
{
    const double beyond = outlines->shares ? 0.001 : 1;
    const double *numbers = outlines->numbers + item->first;
    for (size_t i = 0; i + 1 < item->count; i += 2) {
        const double x = numbers[i], y = numbers[i + 1];
        if (x >= -beyond && x <= width + beyond && y >= -beyond && y <= height + beyond) continue;
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: %s: point %zu is (%.9g, %.9g), outside of the picture, which ends at (%.9g, %.9g)",
                         outlines->file, what, i / 2 + 1, x, y, width, height);
    }
    return OKNG_OK;
}

static okng_status check_runs(const okng_outlines *outlines, const okng_outline *item, const char *what,
                              okng_error *error)
{
    double sum = 0;
    for (size_t i = 0; i < item->count; i++) {
        const double run = outlines->numbers[item->first + i];
        if (!(run >= 0) || run != floor(run) || run > UINT32_MAX)
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s: run %zu is %.9g, expected a number of pixels",
                             outlines->file, what, i + 1, run);
        sum += run;
    }
    const double all = (double)outlines->width * (double)outlines->height;
    if (sum == all) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s: its runs have %.9g pixels, expected %.9g of %dx%d",
                     outlines->file, what, sum, all, outlines->width, outlines->height);
}

okng_status okng_outline_end(okng_outlines *outlines, const char *what, okng_error *error)
{
    const okng_outline *item = &outlines->items[outlines->count - 1];
    const size_t least = item->kind == OKNG_OUTLINE_POLYGON ? 3 : 2;
    if (item->kind == OKNG_OUTLINE_RUNS) return check_runs(outlines, item, what, error);
    if (item->count % 2 != 0 || item->count / 2 < least || (least == 2 && item->count != 4))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s: has %zu coordinates, expected %s", outlines->file, what,
                         item->count, least == 3 ? "pairs of three points or more" : "two points");
    double width = outlines->shares ? 1 : outlines->width, height = outlines->shares ? 1 : outlines->height;
    if (width == 0) width = height = INT32_MAX; /* what is not known is checked when it is drawn */
    return check_points(outlines, item, what, width, height, error);
}

/* ---- drawing -------------------------------------------------------------------------------- */

typedef struct canvas {
    uint8_t *mask;
    int32_t width, height;
    double scale_x, scale_y; /* of coordinates that are shares */
    double *crossings;       /* [points of the largest polygon] */
} canvas;

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The first pixel whose centre is not left of x. */
static int32_t first_from(double x, int32_t width)
{
    const double pixel = ceil(x - 0.5);
    return pixel <= 0 ? 0 : pixel >= width ? width : (int32_t)pixel;
}

static bool fill_row(const canvas *c, int32_t y, size_t crossings)
{
    bool any = false;
    qsort(c->crossings, crossings, sizeof *c->crossings, by_value);
    for (size_t i = 0; i + 1 < crossings; i += 2) {
        const int32_t from = first_from(c->crossings[i], c->width), to = first_from(c->crossings[i + 1], c->width);
        for (int32_t x = from; x < to; x++) c->mask[(size_t)y * (size_t)c->width + (size_t)x] = 1;
        any = any || to > from;
    }
    return any;
}

/* Where the row of pixel centres meets the edges: an edge has its upper end and not its lower one. */
static size_t cross(const canvas *c, const double *points, size_t count, double y)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const double *a = points + 2 * i, *b = points + 2 * (i + 1 < count ? i + 1 : 0);
        const double ax = a[0] * c->scale_x, ay = a[1] * c->scale_y, bx = b[0] * c->scale_x, by = b[1] * c->scale_y;
        if ((ay <= y) == (by <= y)) continue;
        c->crossings[used++] = ax + (y - ay) / (by - ay) * (bx - ax);
    }
    return used;
}

static void mark(const canvas *c, double x, double y)
{
    const double column = fmin(fmax(floor(x), 0), c->width - 1), row = fmin(fmax(floor(y), 0), c->height - 1);
    c->mask[(size_t)row * (size_t)c->width + (size_t)column] = 1;
}

static void draw_polygon(const canvas *c, const double *points, size_t count)
{
    double top = INFINITY, bottom = -INFINITY;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        top = fmin(top, points[2 * i + 1] * c->scale_y);
        bottom = fmax(bottom, points[2 * i + 1] * c->scale_y);
    }
    const int32_t last = first_from(bottom, c->height);
    for (int32_t y = first_from(top, c->height); y < last; y++)
        any = fill_row(c, y, cross(c, points, count, y + 0.5)) || any;
    for (size_t i = 0; i < count && !any; i++) mark(c, points[2 * i] * c->scale_x, points[2 * i + 1] * c->scale_y);
}

static void draw_circle(const canvas *c, const double *points)
{
    const double radius = hypot(points[2] - points[0], points[3] - points[1]);
    bool any = false;
    const int32_t last = first_from(points[1] + radius, c->height);
    for (int32_t y = first_from(points[1] - radius, c->height); y < last; y++) {
        const double dy = y + 0.5 - points[1], half = sqrt(fmax(radius * radius - dy * dy, 0));
        c->crossings[0] = points[0] - half;
        c->crossings[1] = points[0] + half;
        any = fill_row(c, y, 2) || any;
    }
    if (!any) mark(c, points[0], points[1]);
}

static void draw_runs(const canvas *c, const double *runs, size_t count)
{
    uint64_t at = 0;
    const uint64_t all = (uint64_t)c->width * (uint64_t)c->height, height = (uint64_t)c->height;
    for (size_t i = 0; i < count; i++) {
        const uint64_t end = at + (uint64_t)runs[i];
        for (; at < end && at < all; at++)
            if (i % 2 == 1) c->mask[at % height * (uint64_t)c->width + at / height] = 1;
    }
}

static okng_status check_size(const okng_outlines *outlines, const char *of, int32_t width, int32_t height,
                              okng_error *error)
{
    if (outlines->width == 0 || (outlines->width == width && outlines->height == height)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: is about a picture of %dx%d, %s has %dx%d; draw again on the picture as it is",
                     outlines->file, outlines->width, outlines->height, of, width, height);
}

okng_status okng_outlines_draw(const okng_outlines *outlines, const char *of, int32_t width, int32_t height,
                               uint8_t *mask, okng_error *error)
{
    size_t most = 2;
    OKNG_TRY(check_size(outlines, of, width, height, error));
    for (size_t i = 0; i < outlines->count; i++)
        if (outlines->items[i].count / 2 > most) most = outlines->items[i].count / 2;
    const canvas c = {.mask = mask,
                      .width = width,
                      .height = height,
                      .scale_x = outlines->shares ? width : 1,
                      .scale_y = outlines->shares ? height : 1,
                      .crossings = okng_alloc(most, sizeof *c.crossings)};
    if (!c.crossings) return okng_fail_memory(error, most * sizeof *c.crossings);
    memset(mask, 0, (size_t)width * (size_t)height);
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < outlines->count && status == OKNG_OK; i++) {
        const okng_outline *item = &outlines->items[i];
        const double *numbers = outlines->numbers + item->first;
        if (item->kind != OKNG_OUTLINE_RUNS && outlines->width == 0 && !outlines->shares)
            status = check_points(outlines, item, "a shape", width, height, error);
        if (status != OKNG_OK) break;
        if (item->kind == OKNG_OUTLINE_POLYGON) draw_polygon(&c, numbers, item->count / 2);
        if (item->kind == OKNG_OUTLINE_CIRCLE) draw_circle(&c, numbers);
        if (item->kind == OKNG_OUTLINE_RUNS) draw_runs(&c, numbers, item->count);
    }
    free(c.crossings);
    return status;
}
