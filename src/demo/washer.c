/* A turned steel washer on a matte ground. */
#include <math.h>

#include "demo/demo.h"

enum { SCRATCH, DENT, STAIN, NICK, SCUFF };

typedef struct washer {
    okng_place place;
    double outer, inner, light_c, light_s, tint;
    uint32_t grooves, ground;
    double gleam;
    int defect;
    okng_place flaw; /* where the defect is, and its direction */
    double size, strength;
} washer;

static void shade_ground(const washer *w, double x, double y, double u, double v, okng_colour *colour)
{
    double grain =
        0.05 * okng_fractal(x * 0.75, y * 0.75, 3, w->ground) + 0.02 * okng_noise(x * 0.03, y * 0.03, w->ground);
    double r = sqrt((u - 4) * (u - 4) + (v - 5) * (v - 5));
    double shadow = okng_smooth(w->outer + 9, w->outer - 7, r) * okng_smooth(w->inner - 12, w->inner + 3, r);
    double light = (1 + 4 * grain) * (1 - 0.68 * shadow);
    *colour = okng_scale((okng_colour){0.205, 0.225, 0.255}, light);
}

/* Slope of the surface that a dent adds, along and across the light. */
static double dent_slope(const washer *w, double u, double v)
{
    double a, b;
    okng_to_part(&w->flaw, u, v, &a, &b);
    double q = (a * a + b * b * 1.7) / (w->size * w->size);
    if (q >= 1) return 0;
    double fall = (1 - q) * (1 - q);
    return 2.2 * w->strength * fall * (a * w->light_c + b * w->light_s) / w->size;
}

static double scuff(const washer *w, double u, double v)
{
    double a, b;
    okng_to_part(&w->flaw, u, v, &a, &b);
    double edge = okng_smooth(1, 0.5, fabs(a) / (w->size * 1.6)) * okng_smooth(1, 0.4, fabs(b) / (w->size * 0.7));
    return edge * w->strength * okng_noise(b * 2.1, a * 0.05, w->grooves + 5);
}

static void shade_metal(const washer *w, double u, double v, double r, okng_colour *colour)
{
    double c = u / r, s = v / r;
    double wobble = 0.6 * okng_noise(c * 2, s * 2, w->grooves + 3);
    double fine =
        okng_noise(r * 2.3, wobble + c * 1.5, w->grooves) + 0.8 * okng_noise(r * 1.1, s * 1.2, w->grooves + 1);
    double coarse = okng_noise(r * 0.24, c * 0.4, w->grooves + 2);
    double tilt = 0.10 * fine + 0.05 * coarse;
    if (w->defect == DENT) tilt += dent_slope(w, u, v);
    double along = fabs(c * w->light_c + s * w->light_s) + tilt;
    along = okng_clamp01(along);
    double gleam = along * along * along * along;
    gleam = gleam * gleam * 0.7 + gleam * 0.3;
    double across = 1 - along;
    double level = 0.40 + w->gleam * gleam + 0.10 * across * across * across + 0.045 * fine + 0.025 * coarse;
    if (w->defect == DENT) level += 0.5 * dent_slope(w, u, v);
    if (w->defect == SCUFF) level += 0.24 * scuff(w, u, v);
    double rim = okng_smooth(w->outer - 4.5, w->outer - 1, r), lip = okng_smooth(w->inner + 4.5, w->inner + 1, r);
    double facing = -(0.55 * c + 0.83 * s);
    level = level * (1 - 0.75 * (rim + lip)) + rim * (0.42 + 0.36 * facing) + lip * (0.36 - 0.34 * facing);
    level -= 0.10 * okng_smooth(1.2, 0, fabs(r - w->outer + 5)) + 0.10 * okng_smooth(1.2, 0, fabs(r - w->inner - 5));
    *colour = (okng_colour){level * (1.0 + w->tint), level, level * (1.03 - w->tint)};
}

static void shade(const void *context, double x, double y, okng_colour *colour)
{
    const washer *w = context;
    double u, v, a = 1e9, b = 0;
    okng_to_part(&w->place, x, y, &u, &v);
    double r = sqrt(u * u + v * v) + 1e-6;
    double edge = 0.35 * okng_noise(u * 0.2, v * 0.2, w->grooves + 9);
    double cover =
        okng_smooth(w->outer + 0.4, w->outer - 0.4, r + edge) * okng_smooth(w->inner - 0.4, w->inner + 0.4, r + edge);
    if (w->defect == NICK) {
        okng_to_part(&w->flaw, u, v, &a, &b);
        double d = sqrt(a * a * 0.8 + b * b) / w->size + 0.22 * okng_noise(u * 0.22, v * 0.22, w->grooves + 8);
        cover *= okng_smooth(0.9, 1.05, d);
    }
    shade_ground(w, x, y, u, v, colour);
    if (cover <= 0) return;
    okng_colour metal;
    shade_metal(w, u, v, r, &metal);
    *colour = okng_mix(*colour, metal, cover);
}

static void paint_mark(okng_canvas *canvas, const washer *w, double angle, okng_rng *flaw)
{
    if (w->defect == SCRATCH) {
        okng_stroke dark = {.x = w->flaw.x,
                            .y = w->flaw.y,
                            .angle = angle,
                            .length = w->size * 3.4,
                            .bend = 0.5,
                            .width = 1.1,
                            .colour = {0.2, 0.2, 0.21},
                            .alpha = 0.5 * w->strength,
                            .fade = 0.6};
        okng_stroke bright = dark;
        bright.x += 0.8;
        bright.y += 0.9;
        bright.colour = (okng_colour){0.95, 0.95, 0.93};
        bright.alpha = 0.65 * w->strength;
        okng_rng same = *flaw;
        okng_paint_stroke(canvas, &w->place, &dark, &same);
        okng_paint_stroke(canvas, &w->place, &bright, flaw);
    } else if (w->defect == STAIN) {
        okng_blob blob = {.x = w->flaw.x,
                          .y = w->flaw.y,
                          .radius = w->size,
                          .ragged = 0.7,
                          .soft = 0.4,
                          .colour = {0.36, 0.25, 0.14},
                          .alpha = 0.5 * w->strength,
                          .seed = okng_rng_u32(flaw)};
        okng_paint_blob(canvas, &w->place, &blob);
    }
}

static void draw(okng_canvas *canvas, okng_rng *part, okng_rng *flaw, int defect)
{
    double light = okng_between(part, 0.75, 1.05), x = okng_between(part, -7, 7), y = okng_between(part, -7, 7);
    washer w = {.place = {x, y, 1, 0}, .light_c = cos(light), .light_s = sin(light), .defect = defect};
    w.outer = okng_between(part, 95.2, 96.8);
    w.inner = okng_between(part, 42.5, 43.5);
    w.tint = okng_between(part, -0.01, 0.02);
    w.gleam = okng_between(part, 0.40, 0.50);
    w.grooves = okng_rng_u32(part);
    w.ground = okng_rng_u32(part);
    double at = okng_between(flaw, 0, 6.2831853), angle = okng_between(flaw, 0, 6.2831853);
    double r = defect == NICK ? w.outer + 1 : okng_between(flaw, 57, 83);
    w.flaw = okng_place_new(r * cos(at), r * sin(at), angle);
    w.size = defect == NICK ? okng_between(flaw, 4, 9) : okng_between(flaw, 8, 15);
    w.strength = okng_between(flaw, 0.4, 1);
    okng_paint_all(canvas, shade, &w);
    /* Scratches that follow the grooves would not be seen. */
    paint_mark(canvas, &w, at + okng_between(flaw, -0.8, 0.8), flaw);
}

const okng_demo_category okng_demo_washer = {
    .name = "washer", .defects = {"scratch", "dent", "stain", "nick", "scuff"}, .draw = draw};
