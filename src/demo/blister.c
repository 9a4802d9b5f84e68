/* A blister of twelve tablets on embossed foil. */
#include <math.h>

#include "demo/demo.h"

enum { MISSING, BROKEN, COLOUR, POWDER, CRUSHED, TABLETS = 12 };

typedef struct blister {
    okng_place place;
    uint32_t seed;
    okng_colour tablet;
    double turn[TABLETS], dx[TABLETS], dy[TABLETS];
    int defect, victim;
    okng_place flaw; /* in the frame of the tablet or of the pack */
    double size, strength;
} blister;

#define PITCH_X 58.0
#define PITCH_Y 74.0

/* The tablet that (u, v) belongs to and the place in its frame. */
static int cell_of(double *u, double *v)
{
    double column = floor(*u / PITCH_X + 2), row = floor(*v / PITCH_Y + 1.5);
    column = column < 0 ? 0 : column > 3 ? 3 : column;
    row = row < 0 ? 0 : row > 2 ? 2 : row;
    *u -= (column - 1.5) * PITCH_X;
    *v -= (row - 1) * PITCH_Y;
    return (int)row * 4 + (int)column;
}

static double foil_light(const blister *b, double u, double v)
{
    double p = (u + v) * 0.16, q = (u - v) * 0.16;
    double fp = p - floor(p) - 0.5, fq = q - floor(q) - 0.5;
    double ridge = okng_smooth(0.5, 0.32, fabs(fp)) * okng_smooth(0.5, 0.32, fabs(fq));
    double tilt = (fp * 0.30 + fq * 0.10) * ridge - 0.13 * (1 - ridge);
    double sheet =
        0.06 * okng_noise(u * 0.011, v * 0.011, b->seed) + 0.02 * okng_noise(u * 0.07, v * 0.07, b->seed + 1);
    double fine = 0.05 * okng_noise(u * 0.25, v * 1.6, b->seed + 2);
    if (b->defect == CRUSHED) {
        double x, y;
        okng_to_part(&b->flaw, u, v, &x, &y);
        double reach = okng_smooth(1, 0.3, sqrt(x * x * 0.4 + y * y) / (b->size * 1.5));
        sheet += (0.25 + 0.45 * b->strength) * reach * okng_noise(x * 0.12, y * 0.28, b->seed + 3);
    }
    return 0.63 + tilt + sheet + fine;
}

/* Coverage and light of the tablet at (u, v) about its middle; chipped when it is the broken one. */
static double tablet_at(const blister *b, int i, double u, double v, double *light)
{
    double r = sqrt(u * u + v * v), radius = 19;
    double cover = okng_smooth(radius + 0.6, radius - 0.6, r);
    if (cover <= 0 || (b->defect == MISSING && b->victim == i)) return 0;
    double facing = -(0.55 * u + 0.83 * v) / (r + 1e-6), a, n;
    okng_to_part(&(okng_place){0, 0, cos(b->turn[i]), sin(b->turn[i])}, u, v, &a, &n);
    uint32_t seed = b->seed + 20 + (uint32_t)i;
    *light = 1 + 0.05 * okng_fractal(u * 0.6, v * 0.6, 3, seed) + 0.25 * facing * okng_smooth(radius - 7, radius, r);
    *light += okng_smooth(2.2, 0.6, fabs(n)) * okng_smooth(17, 15, r) * (n > 0 ? 0.10 : -0.24);
    if (b->defect == BROKEN && b->victim == i) {
        okng_to_part(&b->flaw, u, v, &a, &n);
        double edge = a + 3 * okng_fractal(n * 0.18, 0.5, 3, seed + 50);
        cover *= okng_smooth(0.6, -0.6, edge);
        *light -= 0.22 * okng_smooth(-3, -0.5, edge);
    }
    return cover;
}

/* The dome of clear plastic above: a rim, a wall and two reflections. */
static void shade_dome(double u, double v, double wobble, okng_colour *colour)
{
    double r = sqrt(u * u + v * v) + 1e-6, facing = -(0.55 * u + 0.83 * v) / r;
    double rim = okng_smooth(2.2, 0.3, fabs(r - 25.5)), wall = okng_smooth(19, 25, r) * okng_smooth(26.5, 25, r);
    okng_colour white = {1, 1, 1}, dark = {0.16, 0.17, 0.2};
    *colour = okng_mix(*colour, facing > 0 ? white : dark, fabs(facing) * (0.55 * rim + 0.25 * wall));
    double dx = u + 8.5 + wobble, dy = v + 12;
    double spot = okng_smooth(1, 0.35, (dx * dx * 0.045 + dy * dy * 0.13));
    double glint = okng_smooth(1.8, 0.4, fabs(r - 21.5)) * okng_smooth(-0.75, -0.97, facing);
    *colour = okng_mix(*colour, white, 0.62 * spot + 0.5 * glint);
}

static void shade(const void *context, double x, double y, okng_colour *colour)
{
    const blister *b = context;
    double u, v, light = 1;
    okng_to_part(&b->place, x, y, &u, &v);
    double foil = foil_light(b, u, v);
    *colour = (okng_colour){foil, foil * 1.005, foil * 1.02};
    int i = cell_of(&u, &v);
    double r = sqrt(u * u + v * v);
    if (r > 29) return;
    double hollow = okng_smooth(26, 23, r);
    *colour = okng_scale(*colour, 1 - 0.18 * hollow);
    double tu = u - b->dx[i], tv = v - b->dy[i];
    double shadow = sqrt((tu - 3) * (tu - 3) + (tv - 4) * (tv - 4));
    int there = b->defect != MISSING || b->victim != i;
    *colour = okng_scale(*colour, 1 - (there ? 0.55 : 0) * okng_smooth(22, 16, shadow) * hollow);
    double cover = tablet_at(b, i, tu, tv, &light);
    okng_colour tablet = b->tablet;
    if (b->defect == COLOUR && b->victim == i)
        tablet = okng_mix(tablet, (okng_colour){0.80, 0.62, 0.42}, 0.32 + 0.45 * b->strength);
    if (cover > 0) *colour = okng_mix(*colour, okng_scale(tablet, light), cover);
    shade_dome(u, v, b->dx[i], colour);
}

static void paint_powder(okng_canvas *canvas, const blister *b, okng_rng *flaw)
{
    int grains = 8 + (int)(14 * b->strength);
    for (int i = 0; i < grains; i++) {
        double spread = b->size * 0.9;
        okng_blob grain = {.x = b->flaw.x + spread * okng_between(flaw, -1, 1),
                           .y = b->flaw.y + spread * okng_between(flaw, -1, 1),
                           .radius = okng_between(flaw, 1.1, 3.2),
                           .ragged = 0.5,
                           .soft = 0.5,
                           .colour = {0.93, 0.83, 0.72},
                           .alpha = 0.85,
                           .seed = okng_rng_u32(flaw)};
        okng_paint_blob(canvas, &b->place, &grain);
    }
}

static void draw(okng_canvas *canvas, okng_rng *part, okng_rng *flaw, int defect)
{
    double x = okng_between(part, -5, 5), y = okng_between(part, -5, 5);
    blister b = {.place = okng_place_new(x, y, okng_between(part, -0.03, 0.03)), .defect = defect};
    b.seed = okng_rng_u32(part);
    b.tablet = okng_scale((okng_colour){0.88, 0.73, 0.66}, okng_between(part, 0.96, 1.04));
    for (int i = 0; i < TABLETS; i++) {
        b.turn[i] = okng_between(part, 0, 3.1415927);
        b.dx[i] = okng_between(part, -2.2, 2.2);
        b.dy[i] = okng_between(part, -2.2, 2.2);
    }
    b.victim = (int)okng_rng_below(flaw, TABLETS);
    double angle = okng_between(flaw, 0, 6.2831853), deep = okng_between(flaw, 8, 16);
    b.size = okng_between(flaw, 10, 18);
    b.strength = okng_between(flaw, 0.1, 1);
    if (defect == BROKEN)
        b.flaw = okng_place_new(deep * cos(angle), deep * sin(angle), angle);
    else
        b.flaw = okng_place_new(okng_between(flaw, -95, 95), okng_between(flaw, -95, 95), angle);
    okng_paint_all(canvas, shade, &b);
    if (defect == POWDER) paint_powder(canvas, &b, flaw);
}

const okng_demo_category okng_demo_blister = {
    .name = "blister", .defects = {"missing", "broken", "colour", "powder", "crushed"}, .draw = draw};
