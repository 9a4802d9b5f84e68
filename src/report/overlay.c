/* The original with what was found drawn over it: red tint and outline on mask pixels, a hatch where nothing was seen.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/report.h"

enum {
    TINT = 72,            /* of 256 parts red; the rest stays the picture, so that its texture shows */
    DIM = 112,            /* of 256 parts the picture, where it was never seen */
    HATCH = 40,           /* added to the lines of the hatch */
    HATCH_PERIOD = 8,     /* in outline widths */
    SIDE_PER_PIXEL = 600, /* the outline grows by a pixel with every so many of the shorter side */
    MAX_OUTLINE = 3
};

/* What of the mask is drawn as outline: pixels nearer than `width` to one outside the mask or the picture. */
typedef struct outline {
    int32_t width;
    uint8_t *inside; /* [picture width]: 1 where a row's pixel is farther than that */
} outline;

/* Erosion of row y by a disk, one shifted row after the other. */
static void erode_row(const outline *line, const okng_image *mask, int32_t y)
{
    int32_t r = line->width;
    int64_t width = mask->width, end = width - r;
    memset(line->inside, 0, (size_t)width);
    if (y < r || y >= mask->height - r || end <= r) return;
    memset(line->inside + r, 1, (size_t)(end - r));
    for (int32_t dy = -r; dy <= r; dy++)
        for (int32_t dx = -r; dx <= r; dx++) {
            if (dx * dx + dy * dy > r * r) continue;
            const uint8_t *row = mask->pixels + (y + dy) * width + dx;
            for (int64_t x = r; x < end; x++) line->inside[x] &= row[x] != 0;
        }
}

static void tint(uint8_t *out, const uint8_t *in)
{
    out[0] = (uint8_t)((in[0] * (256 - TINT) + 255 * TINT + 128) >> 8);
    out[1] = (uint8_t)((in[1] * (256 - TINT) + 128) >> 8);
    out[2] = (uint8_t)((in[2] * (256 - TINT) + 128) >> 8);
}

static void hatch(uint8_t *out, const uint8_t *in, bool on_line)
{
    for (int c = 0; c < 3; c++) out[c] = (uint8_t)(((in[c] * DIM + 128) >> 8) + (on_line ? HATCH : 0));
}

static void draw_row(const outline *line, const uint8_t *in, const uint8_t *mask, const float *map, int32_t y,
                     int32_t width, uint8_t *out)
{
    static const uint8_t red[3] = {255, 0, 0};
    int32_t period = HATCH_PERIOD * line->width;
    for (int32_t x = 0; x < width; x++, in += 3, out += 3) {
        if (mask[x] != 0 && !line->inside[x])
            memcpy(out, red, 3);
        else if (mask[x] != 0)
            tint(out, in);
        else if (isnan(map[x]))
            hatch(out, in, (x + y) % period < line->width);
        else
            memcpy(out, in, 3);
    }
}

static okng_status check_pictures(const okng_image *rgb, const okng_image *mask, okng_error *error)
{
    if (rgb->channels == 3 && mask->channels == 1 && rgb->width == mask->width && rgb->height == mask->height)
        return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "overlay of a picture of %dx%d with %d channels and a mask of %dx%d with %d: expected one size, 3 "
                     "channels and 1",
                     rgb->width, rgb->height, rgb->channels, mask->width, mask->height, mask->channels);
}

okng_status okng_report_overlay(const okng_image *rgb, const okng_image *mask, const float *map, okng_image *out,
                                okng_error *error)
{
    OKNG_TRY(check_pictures(rgb, mask, error));
    int32_t shorter = rgb->width < rgb->height ? rgb->width : rgb->height;
    outline line = {.width = 1 + shorter / SIDE_PER_PIXEL};
    if (line.width > MAX_OUTLINE) line.width = MAX_OUTLINE;
    line.inside = okng_alloc((size_t)rgb->width, 1);
    if (!line.inside) return okng_fail_memory(error, (size_t)rgb->width);
    okng_status status = okng_image_new(out, rgb->width, rgb->height, 3, error);
    if (status == OKNG_OK)
        for (int32_t y = 0; y < rgb->height; y++) {
            int64_t row = (int64_t)y * rgb->width;
            erode_row(&line, mask, y);
            draw_row(&line, rgb->pixels + 3 * row, mask->pixels + row, map + row, y, rgb->width, out->pixels + 3 * row);
        }
    free(line.inside);
    return status;
}
