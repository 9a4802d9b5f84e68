/* The original with what was found drawn over it: tint and outline on mask pixels, a hatch where nothing was seen. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/report.h"

enum {
    TINT = 72,            /* of 256 parts the colour; the rest stays the picture, so that its texture shows */
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

static void tint(uint8_t *out, const uint8_t *in, const uint8_t colour[3])
{
    for (int c = 0; c < 3; c++) out[c] = (uint8_t)((in[c] * (256 - TINT) + colour[c] * TINT + 128) >> 8);
}

static void hatch(uint8_t *out, const uint8_t *in, bool on_line)
{
    for (int c = 0; c < 3; c++) out[c] = (uint8_t)(((in[c] * DIM + 128) >> 8) + (on_line ? HATCH : 0));
}

/* One picture on its way. */
typedef struct drawing {
    const okng_image *rgb, *mask;
    const float *map; /* NULL: all was seen */
    const uint8_t *colour;
    okng_overlay look;
    outline line;
} drawing;

/* Whether nothing is drawn over a row, as is so of most. */
static bool is_bare(const drawing *d, int64_t row)
{
    const int64_t width = d->rgb->width;
    const uint8_t *mask = d->mask->pixels + row;
    unsigned marked = 0, unseen = 0;
    for (int64_t x = 0; x < width; x++) marked |= mask[x];
    for (int64_t x = 0; x < width && d->map; x++) unseen |= d->map[row + x] != d->map[row + x];
    return !(marked | unseen);
}

static void draw_row(const drawing *d, int32_t y, uint8_t *out)
{
    int64_t width = d->rgb->width, row = y * width;
    const uint8_t *in = d->rgb->pixels + 3 * row, *mask = d->mask->pixels + row;
    if (is_bare(d, row)) {
        memcpy(out, in, 3 * (size_t)width);
        return;
    }
    erode_row(&d->line, d->mask, y);
    int32_t period = HATCH_PERIOD * d->line.width;
    for (int32_t x = 0; x < width; x++, in += 3, out += 3) {
        if (mask[x] != 0 && !d->line.inside[x] && d->look != OKNG_OVERLAY_FILL)
            memcpy(out, d->colour, 3);
        else if (mask[x] != 0 && d->look != OKNG_OVERLAY_OUTLINE)
            tint(out, in, d->colour);
        else if (d->map && isnan(d->map[row + x]))
            hatch(out, in, (x + y) % period < d->line.width);
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

static okng_status draw(drawing *d, okng_image *out, okng_error *error)
{
    OKNG_TRY(check_pictures(d->rgb, d->mask, error));
    int32_t shorter = d->rgb->width < d->rgb->height ? d->rgb->width : d->rgb->height;
    d->line.width = 1 + shorter / SIDE_PER_PIXEL;
    if (d->line.width > MAX_OUTLINE) d->line.width = MAX_OUTLINE;
    d->line.inside = okng_alloc((size_t)d->rgb->width, 1);
    if (!d->line.inside) return okng_fail_memory(error, (size_t)d->rgb->width);
    okng_status status = okng_image_new(out, d->rgb->width, d->rgb->height, 3, error);
    if (status == OKNG_OK)
        for (int32_t y = 0; y < d->rgb->height; y++) draw_row(d, y, out->pixels + 3 * (int64_t)y * d->rgb->width);
    free(d->line.inside);
    return status;
}

const uint8_t *okng_report_verdict_colour(okng_verdict verdict)
{
    static const uint8_t ok[3] = {0, 140, 255}, ng[3] = {255, 0, 0}, review[3] = {255, 170, 0};
    return verdict == OKNG_VERDICT_OK ? ok : verdict == OKNG_VERDICT_NG ? ng : review;
}

okng_status okng_report_overlay(const okng_image *rgb, const okng_image *mask, const float *map, okng_overlay look,
                                const uint8_t colour[3], okng_image *out, okng_error *error)
{
    drawing d = {.rgb = rgb, .mask = mask, .map = map, .colour = colour, .look = look};
    return draw(&d, out, error);
}

okng_status okng_report_truth(const okng_image *rgb, const okng_image *truth, okng_image *out, okng_error *error)
{
    static const uint8_t green[3] = {0, 220, 90};
    drawing d = {.rgb = rgb, .mask = truth, .colour = green, .look = OKNG_OVERLAY_OUTLINE};
    return draw(&d, out, error);
}
