/* A twill of indigo warp and pale weft. */
#include <math.h>

#include "demo/demo.h"

enum { MISSING_THREAD, STAIN, FIBRE, SNAG };

typedef struct fabric {
    okng_place place;
    double pitch_u, pitch_v;
    okng_colour warp, weft;
    uint32_t seed;
    int defect;
    okng_place flaw;
    double size, strength;
    int thread; /* warp thread that is missing from break_from to break_to */
    double break_from, break_to;
} fabric;

typedef struct yarn {
    double across, along; /* place on the thread, -0.5..0.5 across, in floats of it along (-1..1) */
    double thick;
    int index;
    uint32_t seed;
    double run; /* along the whole thread, for its fibres */
} yarn;

/* Light on one thread: round across, dipping where it goes under, twisted fibres. Below 0: beside the thread. */
static double yarn_light(const yarn *y)
{
    double across = y->across / (0.5 * y->thick);
    if (fabs(across) >= 1) return -1;
    double round = sqrt(1 - across * across), dip = 1 - 0.42 * y->along * y->along;
    double twist = okng_noise(y->run * 1.3 + across * 1.6, across * 2.2 + y->index * 3.1, y->seed);
    double shade =
        okng_hash_unit(y->index, 77, y->seed) * 0.05 + okng_noise(y->run * 0.04, y->index * 1.7, y->seed + 1) * 0.07;
    return (0.34 + 0.66 * round) * dip * (1 + 0.20 * twist + shade) * (1 - 0.14 * across);
}

static void move(const fabric *f, double *u, double *v)
{
    double x = *u, y = *v;
    *u += 1.5 * okng_noise(x * 0.012, y * 0.016, f->seed + 11) + 0.35 * okng_noise(x * 0.02, y * 0.13, f->seed + 12);
    *v += 1.5 * okng_noise(x * 0.016, y * 0.012, f->seed + 13) + 0.35 * okng_noise(x * 0.13, y * 0.02, f->seed + 14);
    if (f->defect != SNAG) return;
    double a, b;
    okng_to_part(&f->flaw, x, y, &a, &b);
    double reach = f->size * 1.9, q = a * a / (reach * reach * 2.2) + b * b / (reach * reach * 0.5);
    if (q >= 1) return;
    double pull = 9 * (0.4 + 0.6 * f->strength) * (1 - q) * (1 - q) * (b > 0 ? 1 : -1) * okng_smooth(0, 5, fabs(b));
    *u += -f->flaw.s * pull;
    *v += f->flaw.c * pull;
}

static void shade(const void *context, double x, double y, okng_colour *colour)
{
    const fabric *f = context;
    double u, v;
    okng_to_part(&f->place, x, y, &u, &v);
    move(f, &u, &v);
    double tu = u / f->pitch_u, tv = v / f->pitch_v;
    int iu = (int)floor(tu), iv = (int)floor(tv);
    double fu = tu - iu - 0.5, fv = tv - iv - 0.5;
    int phase = ((iu + iv) % 4 + 4) % 4; /* 0, 1, 2: the warp is on top for three, then the weft */
    int warp_up = phase != 3;
    int gone = f->defect == MISSING_THREAD && iu == f->thread &&
               tv + 0.8 * okng_noise(fu * 4, tv, f->seed + 21) > f->break_from &&
               tv + 0.8 * okng_noise(fu * 5, tv, f->seed + 22) < f->break_to;
    yarn warp = {.across = fu, .along = (phase + fv - 1.0) / 1.7, .index = iu, .seed = f->seed, .run = tv};
    yarn weft = {.across = fv, .along = (warp_up ? 1.25 : 0.9) * fu, .index = iv, .seed = f->seed + 50, .run = tu};
    warp.thick = 0.95 + 0.06 * okng_noise(tv * 0.11, iu * 2.3, f->seed + 31);
    weft.thick = 0.92 + 0.08 * okng_noise(tu * 0.11, iv * 2.3, f->seed + 32);
    double over = gone ? -1 : yarn_light(&warp), under = yarn_light(&weft);
    int top_is_warp = warp_up && over >= 0;
    double light = top_is_warp ? over : under;
    if (light < 0) light = 0.16;
    if (!top_is_warp && warp_up) light *= gone ? 0.88 : 0.45; /* lies deep */
    *colour = okng_scale(top_is_warp ? f->warp : f->weft, light);
}

static void paint_mark(okng_canvas *canvas, const fabric *f, double angle, okng_rng *flaw)
{
    if (f->defect == STAIN) {
        okng_blob blob = {.x = f->flaw.x,
                          .y = f->flaw.y,
                          .radius = f->size * 1.25,
                          .ragged = 0.6,
                          .soft = 0.45,
                          .colour = {0.17, 0.12, 0.09},
                          .alpha = 0.3 + 0.35 * f->strength,
                          .seed = okng_rng_u32(flaw)};
        okng_paint_blob(canvas, &f->place, &blob);
    } else if (f->defect == FIBRE) {
        static const okng_colour colours[] = {{0.72, 0.24, 0.2}, {0.86, 0.85, 0.8}, {0.1, 0.1, 0.11}};
        okng_stroke hair = {.x = f->flaw.x,
                            .y = f->flaw.y,
                            .angle = angle,
                            .length = f->size * 3.6,
                            .bend = 3.2,
                            .width = okng_between(flaw, 1.7, 2.8),
                            .colour = colours[okng_rng_below(flaw, 3)],
                            .alpha = 0.65 + 0.3 * f->strength,
                            .fade = 0.15};
        okng_paint_stroke(canvas, &f->place, &hair, flaw);
    }
}

static void draw(okng_canvas *canvas, okng_rng *part, okng_rng *flaw, int defect)
{
    double x = okng_between(part, -12, 12), y = okng_between(part, -12, 12);
    fabric f = {.place = okng_place_new(x, y, okng_between(part, -0.05, 0.05)), .defect = defect};
    f.pitch_u = okng_between(part, 5.5, 5.7);
    f.pitch_v = okng_between(part, 6.1, 6.3);
    double fade = okng_between(part, 0.93, 1.07);
    f.warp = okng_scale((okng_colour){0.27, 0.36, 0.56}, fade);
    f.weft = okng_scale((okng_colour){0.74, 0.74, 0.70}, okng_between(part, 0.96, 1.04));
    f.seed = okng_rng_u32(part);
    double angle = okng_between(flaw, 0, 6.2831853);
    f.flaw = okng_place_new(okng_between(flaw, -80, 80), okng_between(flaw, -80, 80), angle);
    f.size = okng_between(flaw, 9, 17);
    f.strength = okng_between(flaw, 0.25, 1);
    f.thread = (int)(f.flaw.x / f.pitch_u);
    f.break_from = f.flaw.y / f.pitch_v;
    f.break_to = f.break_from + okng_between(flaw, 6, 16);
    okng_paint_all(canvas, shade, &f);
    paint_mark(canvas, &f, angle, flaw);
}

const okng_demo_category okng_demo_fabric = {
    .name = "fabric", .defects = {"missing_thread", "stain", "fibre", "snag"}, .draw = draw};
