/* A printed paper label on a green bottle. */
#include <math.h>

#include "demo/demo.h"

enum { MISPRINT, SMEAR, WRINKLE, SPOT, TORN };

typedef struct label {
    okng_place bottle, paper;
    uint32_t seed;
    double shine_x;
    int defect;
    okng_place flaw;
    double size, strength;
    int line; /* of the print that is misprinted */
} label;

static double glass_light(double u)
{
    double t = u / 150;
    return t < -1 || t > 1 ? 0.1 : sqrt(1 - t * t);
}

static void shade_glass(const void *context, double x, double y, okng_colour *colour)
{
    const label *l = context;
    double u, v;
    okng_to_part(&l->bottle, x, y, &u, &v);
    double light = glass_light(u), streak = okng_noise(u * 0.05, v * 0.006, l->seed);
    *colour = okng_scale((okng_colour){0.07, 0.22, 0.12}, 0.35 + 0.75 * light + 0.08 * streak);
    double shine =
        okng_smooth(9, 2, fabs(u - l->shine_x + 1.2 * streak)) * (0.48 + 0.1 * okng_noise(3, v * 0.03, l->seed + 1));
    shine += 0.14 * okng_smooth(26, 0, fabs(u + l->shine_x + 18));
    *colour = okng_mix(*colour, (okng_colour){0.86, 0.95, 0.9}, shine);
}

static void shade_paper(const void *context, double x, double y, okng_colour *colour)
{
    const label *l = context;
    double u, v, w, d;
    okng_to_part(&l->paper, x, y, &u, &v);
    double fibre = okng_fractal(u * 0.35, v * 0.7, 3, l->seed + 3);
    double qx = fabs(u) - 84, qy = fabs(v) - 100, ox = qx > 0 ? qx : 0, oy = qy > 0 ? qy : 0;
    double edge = sqrt(ox * ox + oy * oy) - 8;
    if (l->defect == TORN) {
        okng_to_part(&l->flaw, u, v, &w, &d);
        double tear = w + 3.5 * okng_fractal(v * 0.12, u * 0.12, 3, l->seed + 5) + l->size;
        edge = tear > edge ? tear : edge;
    }
    double shadow = 0.45 * okng_smooth(5, -1, edge);
    *colour = okng_scale(*colour, 1 - shadow);
    double cover = okng_smooth(0.5, -0.5, edge);
    if (cover <= 0) return;
    double light = 1 + 0.035 * fibre - 0.10 * okng_smooth(1.5, 0, fabs(edge + 1));
    *colour = okng_mix(*colour, okng_scale((okng_colour){0.90, 0.885, 0.84}, light), cover);
}

/* The cylinder's shading and, where it is the defect, a wrinkle: after the print, because it lies on both. */
static void shade_light(const void *context, double x, double y, okng_colour *colour)
{
    const label *l = context;
    double u, v, w, d, light;
    okng_to_part(&l->paper, x, y, &u, &v);
    if (fabs(u) > 93 || fabs(v) > 109) return;
    light = 0.42 + 0.6 * glass_light(u + 0.12 * l->shine_x) + 0.02 * okng_fractal(u * 0.9, v * 0.9, 2, l->seed + 6);
    if (l->defect == WRINKLE) {
        okng_to_part(&l->flaw, u, v, &w, &d);
        d += 3 * okng_noise(w * 0.06, 0.5, l->seed + 7);
        double ends = okng_smooth(1, 0.5, fabs(w) / (l->size * 2.6));
        double fold =
            okng_smooth(0, 1.2, d) * okng_smooth(4.5, 1.2, d) - okng_smooth(0, -1.2, d) * okng_smooth(-4.5, -1.2, d);
        light += (0.11 + 0.18 * l->strength) * ends * fold;
    }
    *colour = okng_scale(*colour, light);
}

typedef struct line {
    double x, y, dot;
    const char *text;
    int ink; /* 0 black, 1 red, 2 paper */
} line;

static const line lines[] = {
    {-69, -84, 3.8, "OKNG", 2},
    {29, -83, 1.3, "NR 12", 2},
    {29, -69, 1.3, "1 L", 2},
    {-76, -42, 1.9, "SPRING TONIC", 0},
    {-76, -22, 1.15, "WATER 92.4", 0},
    {-76, -10, 1.15, "QUININE 0.1", 0},
    {-76, 2, 1.15, "CITRIC ACID", 0},
    {-76, 14, 1.15, "SUGAR 7.5", 0},
    {-76, 58, 1.35, "LOT 4711-B", 0},
    {-76, 74, 1.35, "EXP 11/2027", 0},
    {-76, 90, 0.95, "KEEP COOL  MADE IN BUSAN", 0},
};
enum { LINES = sizeof lines / sizeof *lines };

static okng_colour ink_of(int ink)
{
    static const okng_colour inks[] = {{0.10, 0.10, 0.12}, {0.66, 0.13, 0.12}, {0.91, 0.895, 0.85}};
    return inks[ink];
}

static void paint_bars(okng_canvas *canvas, const okng_place *place, double wear, uint32_t seed)
{
    double x = 19;
    for (int i = 0; x < 75; i++) {
        double width = 1 + (double)(okng_hash(i, 3, 12345) % 3);
        okng_box bar = {.x = x + width / 2,
                        .y = 66,
                        .half_width = width / 2,
                        .half_height = 14,
                        .colour = ink_of(0),
                        .alpha = i % 2 ? 0 : 0.94 - wear * (0.5 + 0.5 * okng_noise(i * 0.4, 0.5, seed)),
                        .soft = 0.35};
        okng_paint_box(canvas, place, &bar);
        x += width + 0.4;
    }
}

static void paint_emblem(okng_canvas *canvas, const okng_place *place)
{
    okng_box disc = {.x = 46,
                     .y = 7,
                     .half_width = 28,
                     .half_height = 28,
                     .radius = 28,
                     .colour = {0.12, 0.36, 0.50},
                     .alpha = 0.95};
    okng_paint_box(canvas, place, &disc);
    disc.half_width = disc.half_height = disc.radius = 24.5;
    disc.colour = ink_of(2);
    okng_paint_box(canvas, place, &disc);
    for (int i = 0; i < 3; i++) { /* a leaf of three drops */
        double angle = -1.5707963 + 0.75 * (i - 1);
        okng_box drop = {.x = 46 + 9 * cos(angle),
                         .y = 15 + 12 * sin(angle),
                         .half_width = 13,
                         .half_height = 5,
                         .radius = 5,
                         .angle = angle,
                         .colour = {0.22, 0.47, 0.23},
                         .alpha = 0.92};
        okng_paint_box(canvas, place, &drop);
    }
    double wave[4] = {28, 22, 64, 22};
    okng_paint_line(canvas, place, wave, 2.2, (okng_colour){0.12, 0.36, 0.50}, 0.9);
}

static void paint_print(okng_canvas *canvas, const label *l, double dx, double dy)
{
    okng_place place = l->paper;
    place.x += dx;
    place.y += dy;
    okng_box band = {.y = -72,
                     .half_width = 84.5,
                     .half_height = 20,
                     .radius = 2,
                     .colour = ink_of(1),
                     .alpha = 0.95,
                     .grain = 0.06,
                     .seed = l->seed + 8};
    okng_paint_box(canvas, &place, &band);
    double rule[4] = {-78, 45, 78, 45};
    okng_paint_line(canvas, &place, rule, 1.2, ink_of(0), 0.85);
    paint_emblem(canvas, &place);
    int bad = l->defect == MISPRINT ? l->line : -1;
    for (int i = 0; i < LINES; i++) {
        okng_print print = {.x = lines[i].x,
                            .y = lines[i].y,
                            .dot = lines[i].dot,
                            .colour = ink_of(lines[i].ink),
                            .alpha = 0.92,
                            .seed = l->seed + 40};
        if (i == bad && l->size < 12)
            print.wear = 0.5 + 0.4 * l->strength;
        else if (i == bad) {
            print.x += 3 + 4 * l->strength;
            print.y += 2.5 + 3 * l->strength;
        }
        okng_paint_text(canvas, &place, &print, lines[i].text);
    }
    paint_bars(canvas, &place, bad == LINES ? 0.5 + 0.4 * l->strength : 0, l->seed + 9);
}

static void paint_flaw(okng_canvas *canvas, const label *l, double angle, okng_rng *flaw)
{
    if (l->defect == SMEAR) {
        for (int i = 0; i < 5; i++) {
            okng_stroke stroke = {.x = l->flaw.x + okng_between(flaw, -4, 4),
                                  .y = l->flaw.y + i * 1.6,
                                  .angle = 0.1 * sin(angle),
                                  .length = l->size * okng_between(flaw, 1.6, 3),
                                  .bend = 0.15,
                                  .width = 2.4,
                                  .colour = ink_of(0),
                                  .alpha = (0.18 + 0.22 * l->strength),
                                  .fade = 0.7};
            okng_paint_stroke(canvas, &l->paper, &stroke, flaw);
        }
    } else if (l->defect == SPOT) {
        okng_blob blob = {.x = l->flaw.x,
                          .y = l->flaw.y,
                          .radius = l->size * 0.8,
                          .ragged = 0.6,
                          .soft = 0.5,
                          .colour = {0.52, 0.40, 0.22},
                          .alpha = 0.16 + 0.3 * l->strength,
                          .seed = okng_rng_u32(flaw)};
        okng_paint_blob(canvas, &l->paper, &blob);
    }
}

static void draw(okng_canvas *canvas, okng_rng *part, okng_rng *flaw, int defect)
{
    double x = okng_between(part, -3, 3), dx = okng_between(part, -1.5, 1.5), dy = okng_between(part, -4, 4);
    label l = {.bottle = {x, 0, 1, 0}, .defect = defect};
    l.paper = okng_place_new(x + dx, dy, okng_between(part, -0.025, 0.025));
    l.seed = okng_rng_u32(part);
    l.shine_x = okng_between(part, -112, -106);
    double angle = okng_between(flaw, 0, 6.2831853);
    l.flaw = okng_place_new(okng_between(flaw, -70, 70), okng_between(flaw, -85, 85), angle);
    l.size = okng_between(flaw, 8, 16);
    l.strength = okng_between(flaw, 0.15, 1);
    l.line = 3 + (int)okng_rng_below(flaw, LINES - 2);
    if (defect == TORN) {
        double side_x = okng_rng_u32(flaw) & 1 ? 1 : -1, side_y = okng_rng_u32(flaw) & 1 ? 1 : -1;
        l.flaw = (okng_place){side_x * 90, side_y * 106, side_x * 0.6, side_y * 0.8};
    }
    okng_paint_all(canvas, shade_glass, &l);
    okng_paint_all(canvas, shade_paper, &l);
    double shift_x = okng_between(part, -0.6, 0.6), shift_y = okng_between(part, -0.6, 0.6);
    paint_print(canvas, &l, shift_x, shift_y);
    paint_flaw(canvas, &l, angle, flaw);
    okng_paint_all(canvas, shade_light, &l);
}

const okng_demo_category okng_demo_label = {
    .name = "label", .defects = {"misprint", "smear", "wrinkle", "spot", "torn"}, .draw = draw};
