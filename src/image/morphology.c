/* Opening and closing with a disk in a time that does not depend on its radius. */
#include "image/morphology.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A pixel is in the dilation when one of value `from` lies within `radius` of it. Per column the distance to the
 * nearest such pixel above or below is known; in each row a pixel at distance g then reaches sqrt(radius^2 - g^2)
 * to either side, and the reaches of a row are added up by where they begin and end. */
typedef struct dilation {
    int32_t width, height, radius;
    int32_t *distance; /* [height, width], capped at radius + 1 */
    int32_t *reach;    /* [radius + 1] */
    int32_t *edges;    /* [width + 1]: reaches that begin less those that ended here */
} dilation;

static void dilation_free(dilation *work)
{
    free(work->distance);
    free(work->reach);
    free(work->edges);
}

static okng_status dilation_new(dilation *work, const okng_image *mask, int32_t radius, okng_error *error)
{
    /* a disk that covers the whole picture from any pixel of it is as good as a larger one */
    int64_t cover = (int64_t)mask->width + mask->height;
    if (radius > cover) radius = (int32_t)cover;
    *work = (dilation){.width = mask->width, .height = mask->height, .radius = radius};
    size_t pixels = (size_t)mask->width * (size_t)mask->height;
    work->distance = okng_alloc(pixels, sizeof *work->distance);
    work->reach = okng_alloc((size_t)radius + 1, sizeof *work->reach);
    work->edges = okng_alloc((size_t)mask->width + 1, sizeof *work->edges);
    if (!work->distance || !work->reach || !work->edges) return okng_fail_memory(error, pixels * sizeof(int32_t));
    int64_t square = (int64_t)radius * radius, reach = radius;
    for (int64_t g = 0; g <= radius; g++) {
        while (reach * reach > square - g * g) reach--;
        work->reach[g] = (int32_t)reach;
    }
    return OKNG_OK;
}

static void measure_columns(const dilation *work, const okng_image *mask, bool from)
{
    size_t width = (size_t)work->width;
    int32_t far = work->radius + 1;
    for (int32_t y = 0; y < work->height; y++) {
        const uint8_t *pixels = mask->pixels + (size_t)y * width;
        int32_t *row = work->distance + (size_t)y * width;
        for (size_t x = 0; x < width; x++) {
            int32_t above = y > 0 ? row[x - width] : far;
            row[x] = (pixels[x] != 0) == from ? 0 : above < far ? above + 1 : far;
        }
    }
    for (int32_t y = work->height - 2; y >= 0; y--) {
        int32_t *row = work->distance + (size_t)y * width;
        for (size_t x = 0; x < width; x++)
            if (row[x + width] < row[x]) row[x] = row[x + width] + 1;
    }
}

static void spread_rows(const dilation *work, okng_image *mask, bool from)
{
    int32_t width = work->width;
    uint8_t inside = from ? 255 : 0;
    for (int32_t y = 0; y < work->height; y++) {
        const int32_t *row = work->distance + (size_t)y * (size_t)width;
        uint8_t *pixels = mask->pixels + (size_t)y * (size_t)width;
        memset(work->edges, 0, ((size_t)width + 1) * sizeof *work->edges);
        for (int32_t x = 0; x < width; x++) {
            if (row[x] > work->radius) continue;
            int32_t reach = work->reach[row[x]];
            work->edges[x > reach ? x - reach : 0]++;
            work->edges[reach < width - x ? x + reach + 1 : width]--;
        }
        int32_t covered = 0;
        for (int32_t x = 0; x < width; x++) {
            covered += work->edges[x];
            pixels[x] = covered > 0 ? inside : (uint8_t)(255 - inside);
        }
    }
}

/* Grows the pixels that are set (from = true) or those that are not, and then the other kind. As only pixels inside the
 * picture are grown from, what is outside neither grows nor eats the mask. */
static okng_status grow_both(okng_image *mask, int32_t radius, bool from, okng_error *error)
{
    if (mask->channels != 1 || radius < 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "morphology of %d channels with radius %d, expected 1 channel and a radius of at least 0",
                         mask->channels, radius);
    if (radius == 0) return OKNG_OK;
    dilation work;
    okng_status status = dilation_new(&work, mask, radius, error);
    for (int pass = 0; pass < 2 && status == OKNG_OK; pass++) {
        measure_columns(&work, mask, pass == 0 ? from : !from);
        spread_rows(&work, mask, pass == 0 ? from : !from);
    }
    dilation_free(&work);
    return status;
}

okng_status okng_mask_open(okng_image *mask, int32_t radius, okng_error *error)
{
    return grow_both(mask, radius, false, error);
}

okng_status okng_mask_close(okng_image *mask, int32_t radius, okng_error *error)
{
    return grow_both(mask, radius, true, error);
}
