#include "demo/made_defect.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"

enum { LEAST_SIDE = 16, HALF = 128, SCRATCH_STEPS = 512, MARGIN_PERCENT = 5, SPOT_WAVES = 3 };

static const double pi = 3.14159265358979323846;

/* What is painted on. */
typedef struct canvas {
    okng_image *picture, *mask;
    double shift[3]; /* added to the colours where the defect is whole */
} canvas;

static double between(okng_rng *rng, double low, double high)
{
    return low + (high - low) * okng_rng_uniform(rng);
}

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

static uint8_t *pixel(const okng_image *image, int32_t x, int32_t y)
{
    return image->pixels + ((size_t)y * (size_t)image->width + (size_t)x) * (size_t)image->channels;
}

static bool inside(const okng_image *image, int32_t x, int32_t y)
{
    return x >= 0 && y >= 0 && x < image->width && y < image->height;
}

static void mark(const canvas *c, int32_t x, int32_t y, double share)
{
    if (share > 0.25) *pixel(c->mask, x, y) = 255;
}

/* Mixes a new colour in by `share` 0..1. */
static void mix(const canvas *c, int32_t x, int32_t y, const double colour[3], double share)
{
    uint8_t *p = pixel(c->picture, x, y);
    for (int i = 0; i < 3; i++) p[i] = (uint8_t)clamp(p[i] + (colour[i] - p[i]) * share + 0.5, 0, 255);
    mark(c, x, y, share);
}

/* ---- colours and places -------------------------------------------------------------------------------------- */

typedef struct place {
    double x, y;
} place;

/* Anywhere but at the border. */
static place draw_place(const okng_image *image, okng_rng *rng)
{
    const double margin = MARGIN_PERCENT / 100.0;
    double x = between(rng, margin, 1 - margin) * image->width, y = between(rng, margin, 1 - margin) * image->height;
    return (place){x, y};
}

/* Away from what is there, to where there is room. */
static void draw_shift(canvas *c, place at, okng_rng *rng)
{
    double strength = between(rng, 25, 60), tint[3];
    for (int i = 0; i < 3; i++) tint[i] = between(rng, 0.8, 1.2);
    const uint8_t *p = pixel(c->picture, (int32_t)at.x, (int32_t)at.y);
    double sign = p[0] + p[1] + p[2] > 3 * HALF ? -1 : 1;
    for (int i = 0; i < 3; i++) c->shift[i] = sign * strength * tint[i];
}

static void shift(const canvas *c, int32_t x, int32_t y, const okng_image *good, double share)
{
    const uint8_t *p = pixel(good, x, y);
    double colour[3];
    for (int i = 0; i < 3; i++) colour[i] = clamp(p[i] + c->shift[i] * share, 0, 255);
    uint8_t *to = pixel(c->picture, x, y);
    for (int i = 0; i < 3; i++) { /* where strokes meet, the stronger */
        double drawn = fabs(colour[i] - p[i]), there = fabs((double)to[i] - p[i]);
        if (drawn > there) to[i] = (uint8_t)(colour[i] + 0.5);
    }
    mark(c, x, y, share);
}

/* ---- kinds --------------------------------------------------------------------------------------------------- */

/* A disc of soft edge: whole up to `radius` - 0.5, nothing from `radius` + 0.5 on. */
static void paint_dot(const canvas *c, const okng_image *good, place at, double radius, double share)
{
    int32_t reach = (int32_t)ceil(radius) + 1;
    for (int32_t y = (int32_t)at.y - reach; y <= (int32_t)at.y + reach; y++)
        for (int32_t x = (int32_t)at.x - reach; x <= (int32_t)at.x + reach; x++) {
            double away = hypot(x + 0.5 - at.x, y + 0.5 - at.y), covered = clamp(radius + 0.5 - away, 0, 1);
            if (covered > 0 && inside(good, x, y)) shift(c, x, y, good, covered * share);
        }
}

static void paint_scratch(canvas *c, const okng_image *good, double scale, okng_rng *rng)
{
    place at = draw_place(good, rng);
    draw_shift(c, at, rng);
    double length = between(rng, 0.05, 0.20) * scale, radius = fmax(between(rng, 0.003, 0.008) * scale, 1) / 2;
    double angle = between(rng, 0, 2 * pi), bend = between(rng, -1, 1) / length, phase = between(rng, 0, 2 * pi);
    double step = length / SCRATCH_STEPS < 0.5 ? 0.5 : length / SCRATCH_STEPS;
    for (double gone = 0; gone < length; gone += step) {
        double share = 0.75 + 0.25 * sin(phase + 12 * gone / length);
        paint_dot(c, good, at, radius, share);
        at = (place){at.x + step * cos(angle), at.y + step * sin(angle)};
        angle += bend * step;
    }
}

static void paint_blob(canvas *c, const okng_image *good, double scale, okng_rng *rng)
{
    place at = draw_place(good, rng);
    draw_shift(c, at, rng);
    double radius = fmax(between(rng, 0.01, 0.03) * scale, 1), soft = fmax(radius / 4, 0.5), wave[SPOT_WAVES][2];
    for (int k = 0; k < SPOT_WAVES; k++) {
        wave[k][0] = between(rng, 0, 0.2);
        wave[k][1] = between(rng, 0, 2 * pi);
    }
    int32_t reach = (int32_t)ceil(2 * radius + soft);
    for (int32_t y = (int32_t)at.y - reach; y <= (int32_t)at.y + reach; y++)
        for (int32_t x = (int32_t)at.x - reach; x <= (int32_t)at.x + reach; x++) {
            double dx = x + 0.5 - at.x, dy = y + 0.5 - at.y, angle = atan2(dy, dx), edge = radius;
            for (int k = 0; k < SPOT_WAVES; k++) edge += radius * wave[k][0] * sin((k + 2) * angle + wave[k][1]);
            double share = clamp((edge + soft - hypot(dx, dy)) / (2 * soft), 0, 1);
            if (share > 0 && inside(good, x, y)) shift(c, x, y, good, share);
        }
}

/* Turned, so that a texture that is the same everywhere shows it too. */
static void paint_moved(canvas *c, const okng_image *good, double scale, okng_rng *rng)
{
    int32_t shorter = good->width < good->height ? good->width : good->height;
    int32_t side = (int32_t)clamp(between(rng, 0.04, 0.10) * scale, 4, shorter / 2.0), blended = side / 8 + 1;
    int32_t place_x = (int32_t)okng_rng_below(rng, (uint64_t)(good->width - side) + 1);
    int32_t place_y = (int32_t)okng_rng_below(rng, (uint64_t)(good->height - side) + 1);
    int32_t from_x = (int32_t)okng_rng_below(rng, (uint64_t)(good->width - side) + 1);
    int32_t from_y = (int32_t)okng_rng_below(rng, (uint64_t)(good->height - side) + 1);
    for (int32_t y = 0; y < side; y++)
        for (int32_t x = 0; x < side; x++) {
            int32_t edge = x < y ? x : y, other = side - 1 - (x > y ? x : y);
            double share = clamp(((edge < other ? edge : other) + 1.0) / blended, 0, 1);
            const uint8_t *p = pixel(good, from_x + y, from_y + side - 1 - x);
            mix(c, place_x + x, place_y + y, (const double[3]){p[0], p[1], p[2]}, share);
        }
}

/* ---- */

static okng_status copy(const okng_image *good, okng_image *out, okng_image *mask, okng_error *error)
{
    OKNG_TRY(okng_image_new(out, good->width, good->height, 3, error));
    memcpy(out->pixels, good->pixels, (size_t)good->width * (size_t)good->height * 3);
    OKNG_TRY(okng_image_new(mask, good->width, good->height, 1, error));
    memset(mask->pixels, 0, (size_t)good->width * (size_t)good->height);
    return OKNG_OK;
}

okng_status okng_made_defect_put(const okng_image *good, okng_made_defect kind, uint64_t seed, okng_image *out,
                                 okng_image *mask, okng_error *error)
{
    static void (*const paint[OKNG_MADE_DEFECTS])(canvas *, const okng_image *, double, okng_rng *) = {
        [OKNG_MADE_SCRATCH] = paint_scratch, [OKNG_MADE_BLOB] = paint_blob, [OKNG_MADE_MOVED] = paint_moved};
    okng_image truth = {0};
    *out = (okng_image){0};
    if (mask) *mask = (okng_image){0};
    if (good->channels != 3 || good->width < LEAST_SIDE || good->height < LEAST_SIDE || kind >= OKNG_MADE_DEFECTS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "no defect can be made into a picture of %d x %d, expected at least %d x %d", (int)good->width,
                         (int)good->height, LEAST_SIDE, LEAST_SIDE);
    okng_status status = copy(good, out, &truth, error);
    if (status == OKNG_OK) {
        okng_rng rng = okng_rng_new(seed, OKNG_STREAM_MADE_DEFECT);
        canvas c = {out, &truth, {0, 0, 0}};
        paint[kind](&c, good, sqrt((double)good->width * good->height), &rng);
    } else {
        okng_image_free(out);
    }
    if (mask && status == OKNG_OK)
        *mask = truth;
    else
        okng_image_free(&truth);
    return status;
}
