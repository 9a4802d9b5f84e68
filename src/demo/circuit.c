/* A corner of a circuit board: a driver, chip resistors and capacitors, tracks under green solder mask. */
#include <math.h>

#include "demo/demo.h"

enum { MISSING, SHIFTED, BRIDGE, SCRATCH, RESIDUE };

typedef struct chip {
    double x, y;
    int upright;
    const char *mark; /* NULL: a capacitor */
    const char *name;
} chip;

static const chip chips[] = {
    {-80, -88, 0, "103", "R1"}, {-80, -53, 0, "472", "R2"}, {-80, -18, 0, "103", "R3"}, {74, -76, 1, NULL, "C1"},
    {98, -76, 1, NULL, "C2"},   {-78, 52, 1, "220", "R4"},  {-54, 52, 1, "220", "R5"},  {66, 72, 0, NULL, "C3"},
};
enum { CHIPS = sizeof chips / sizeof *chips, LEADS = 8 };

static const double tracks[][4] = {
    {-63, -88, -44, -88}, {-44, -88, -22, -66}, {-22, -66, -22, -38}, {-63, -53, -42, -53},    {-42, -53, -34, -45},
    {-63, -18, -52, -18}, {-52, -18, -10, 24},  {-10, 24, -10, 32},   {74, -60, 74, -40},      {74, -40, 62, -28},
    {62, -28, 62, 20},    {62, 20, 44, 38},     {98, -60, 98, 40},    {98, 40, 82, 72},        {50, 72, 26, 72},
    {26, 72, 26, 38},     {-78, 36, -78, 10},   {-78, 10, -100, -12}, {-100, -12, -100, -90},  {-54, 36, -34, 36},
    {-78, 68, -60, 92},   {-60, 92, 40, 92},    {40, 92, 50, 102},    {-100, -90, -128, -118}, {2, -38, 2, -70},
    {2, -70, 20, -88},    {20, -88, 58, -92},   {58, -92, 74, -92},   {14, 32, 14, 60},        {14, 60, -20, 78},
    {98, -92, 128, -122}, {26, -38, 40, -60},   {40, -60, 40, -128},  {-54, 68, -40, 80},      {82, 72, 128, 72},
};
static const double vias[][2] = {{-20, 78},   {-40, 80},  {2, -60},  {62, 2},    {98, 10},
                                 {-100, -40}, {40, -104}, {50, 102}, {-112, 60}, {110, 100}};

typedef struct circuit {
    okng_place place;
    okng_colour mask, tin, silk;
    uint32_t seed;
    double shine;
    int defect, victim;
    double strength;
} circuit;

static void shade_board(const void *context, double x, double y, okng_colour *colour)
{
    const circuit *c = context;
    double u, v;
    okng_to_part(&c->place, x, y, &u, &v);
    double glass = 0.05 * okng_noise(u * 0.45, v * 0.08, c->seed) + 0.05 * okng_noise(u * 0.08, v * 0.45, c->seed + 1);
    double fine = 0.05 * okng_fractal(u * 0.8, v * 0.8, 2, c->seed + 2);
    double sheen = c->shine * okng_smooth(150, 0, fabs(u * 0.8 + v * 0.6 + 40));
    *colour = okng_scale(c->mask, 1 + glass + fine);
    colour->r += sheen;
    colour->g += sheen;
    colour->b += sheen;
}

static void paint_tracks(okng_canvas *canvas, const circuit *c)
{
    okng_colour dark = okng_scale(c->mask, 0.6), copper = {c->mask.r * 1.6 + 0.05, c->mask.g * 1.62, c->mask.b * 1.3};
    for (size_t i = 0; i < sizeof tracks / sizeof *tracks; i++) {
        double shadow[4] = {tracks[i][0] + 0.7, tracks[i][1] + 0.9, tracks[i][2] + 0.7, tracks[i][3] + 0.9};
        okng_paint_line(canvas, &c->place, shadow, i % 5 == 1 ? 6.2 : 4.2, dark, 0.5);
    }
    for (size_t i = 0; i < sizeof tracks / sizeof *tracks; i++)
        okng_paint_line(canvas, &c->place, tracks[i], i % 5 == 1 ? 5.5 : 3.5, copper, 0.85);
    for (size_t i = 0; i < sizeof vias / sizeof *vias; i++) {
        okng_box ring = {.x = vias[i][0],
                         .y = vias[i][1],
                         .half_width = 4.6,
                         .half_height = 4.6,
                         .radius = 4.6,
                         .colour = c->tin,
                         .alpha = 1,
                         .bevel = 0.25,
                         .bevel_width = 2};
        okng_paint_box(canvas, &c->place, &ring);
        ring.half_width = ring.half_height = ring.radius = 2.1;
        ring.colour = (okng_colour){0.05, 0.06, 0.05};
        ring.bevel = 0;
        okng_paint_box(canvas, &c->place, &ring);
    }
}

/* A pad with the solder on it; `wet` from 0 (bare) to 1 (a fillet). */
static void paint_pad(okng_canvas *canvas, const circuit *c, double x, double y, double w, double h, double wet,
                      uint32_t seed)
{
    okng_box pad = {.x = x,
                    .y = y,
                    .half_width = w,
                    .half_height = h,
                    .radius = 1.5,
                    .colour = c->tin,
                    .alpha = 1,
                    .bevel = 0.25 + 0.35 * wet,
                    .bevel_width = 3.5,
                    .grain = 0.22,
                    .seed = seed};
    okng_paint_box(canvas, &c->place, &pad);
}

static void paint_shadow(okng_canvas *canvas, const circuit *c, const okng_box *body, double height)
{
    okng_box shadow = *body;
    shadow.x += height * 0.6;
    shadow.y += height * 0.8;
    shadow.colour = (okng_colour){0.02, 0.03, 0.02};
    shadow.alpha = 0.55;
    shadow.soft = height * 0.7;
    shadow.bevel = shadow.grain = 0;
    okng_paint_box(canvas, &c->place, &shadow);
}

/* The body of a chip about its own middle, turned and shifted by how it was placed. */
static void paint_body(okng_canvas *canvas, const circuit *c, const chip *which, double dx, double dy, double turn,
                       uint32_t seed)
{
    double angle = turn + (which->upright ? 1.5707963 : 0);
    double x = c->place.x + c->place.c * (which->x + dx) - c->place.s * (which->y + dy);
    double y = c->place.y + c->place.s * (which->x + dx) + c->place.c * (which->y + dy);
    circuit own = *c;
    own.place = (okng_place){x, y, c->place.c * cos(angle) - c->place.s * sin(angle),
                             c->place.s * cos(angle) + c->place.c * sin(angle)};
    okng_box ends = {.half_width = 15,
                     .half_height = 8.5,
                     .radius = 1.2,
                     .colour = okng_scale(c->tin, 0.97),
                     .alpha = 1,
                     .bevel = 0.3,
                     .bevel_width = 2,
                     .grain = 0.12,
                     .seed = seed};
    okng_box body = {.half_width = 10.3,
                     .half_height = 8.7,
                     .radius = 0.6,
                     .alpha = 1,
                     .bevel = 0.35,
                     .bevel_width = 1.6,
                     .grain = 0.12,
                     .seed = seed + 1};
    body.colour = which->mark ? (okng_colour){0.085, 0.085, 0.095} : (okng_colour){0.60, 0.46, 0.31};
    paint_shadow(canvas, &own, &ends, 3);
    okng_paint_box(canvas, &own.place, &ends);
    okng_paint_box(canvas, &own.place, &body);
    if (!which->mark) return;
    okng_print print = {.x = -8.5, .y = -3.6, .dot = 1.03, .colour = {0.84, 0.84, 0.82}, .alpha = 0.9, .seed = seed};
    okng_paint_text(canvas, &own.place, &print, which->mark);
}

static void paint_chip(okng_canvas *canvas, const circuit *c, int i, const double jitter[3], okng_rng *flaw)
{
    const chip *which = &chips[i];
    double dx = jitter[0], dy = jitter[1], turn = jitter[2], wet = 1;
    int missing = c->defect == MISSING && c->victim == i;
    if (missing) wet = 0.2;
    if (c->defect == SHIFTED && c->victim == i) {
        double side = okng_rng_u32(flaw) & 1 ? 1 : -1, other = okng_rng_u32(flaw) & 1 ? 1 : -1;
        turn += side * okng_between(flaw, 0.08, 0.3);
        dx += other * okng_between(flaw, 1.5, 4);
        dy += side * okng_between(flaw, 1.5, 4);
    }
    uint32_t seed = c->seed + 100 + (uint32_t)i * 10;
    double ox = which->upright ? 0 : 14.5, oy = which->upright ? 14.5 : 0;
    double w = which->upright ? 9.5 : 6.5, h = which->upright ? 6.5 : 9.5;
    paint_pad(canvas, c, which->x - ox, which->y - oy, w, h, wet, seed);
    paint_pad(canvas, c, which->x + ox, which->y + oy, w, h, wet, seed + 1);
    okng_print name = {.x = which->x - 6,
                       .y = which->upright ? which->y - 32 : which->y - 19,
                       .dot = 1,
                       .colour = c->silk,
                       .alpha = 0.85,
                       .seed = seed};
    okng_paint_text(canvas, &c->place, &name, which->name);
    if (!missing) paint_body(canvas, c, which, dx, dy, turn, seed + 2);
}

static void paint_driver(okng_canvas *canvas, const circuit *c, double dx, double dy)
{
    okng_box silk = {
        .x = 2, .y = 0, .half_width = 47, .half_height = 23.5, .radius = 1, .colour = c->silk, .alpha = 0.8};
    okng_paint_box(canvas, &c->place, &silk);
    silk.half_width -= 1.2;
    silk.half_height -= 1.2;
    silk.colour = c->mask;
    silk.alpha = 1;
    okng_paint_box(canvas, &c->place, &silk);
    for (int i = 0; i < LEADS; i++) {
        double x = -40 + 12 * i;
        for (int side = -1; side <= 1; side += 2) {
            uint32_t seed = c->seed + 300 + (uint32_t)(i * 2 + side);
            paint_pad(canvas, c, x, side * 36, 3.6, 7, 0.9, seed);
            okng_box lead = {.x = x + dx,
                             .y = side * 28 + dy,
                             .half_width = 2.3,
                             .half_height = 9,
                             .radius = 0.8,
                             .colour = okng_scale(c->tin, 1.12),
                             .alpha = 1,
                             .bevel = 0.35,
                             .bevel_width = 1.5};
            paint_shadow(canvas, c, &lead, 1.5);
            okng_paint_box(canvas, &c->place, &lead);
        }
    }
    okng_box body = {.x = 2 + dx,
                     .y = dy,
                     .half_width = 48,
                     .half_height = 22,
                     .radius = 1.5,
                     .colour = {0.105, 0.105, 0.115},
                     .alpha = 1,
                     .bevel = 0.55,
                     .bevel_width = 3,
                     .grain = 0.28,
                     .seed = c->seed + 400};
    paint_shadow(canvas, c, &body, 4);
    okng_paint_box(canvas, &c->place, &body);
    okng_box dot = {.x = -38 + dx,
                    .y = 13 + dy,
                    .half_width = 3.4,
                    .half_height = 3.4,
                    .radius = 3.4,
                    .colour = {0.07, 0.07, 0.075},
                    .alpha = 1,
                    .bevel = -0.7,
                    .bevel_width = 1.5};
    okng_paint_box(canvas, &c->place, &dot);
    okng_print print = {
        .x = -30 + dx, .y = -14 + dy, .dot = 1.55, .colour = {0.62, 0.62, 0.6}, .alpha = 0.8, .seed = c->seed};
    okng_paint_text(canvas, &c->place, &print, "OK74X08");
    print.y = 3 + dy;
    print.dot = 1.2;
    okng_paint_text(canvas, &c->place, &print, "2631 KR");
}

static void paint_flaw(okng_canvas *canvas, const circuit *c, okng_rng *flaw)
{
    if (c->defect == BRIDGE) {
        double x = -34 + 12.0 * (double)okng_rng_below(flaw, LEADS - 1), side = okng_rng_u32(flaw) & 1 ? 1 : -1;
        okng_box bridge = {.x = x,
                           .y = side * okng_between(flaw, 33, 41),
                           .half_width = 6.5,
                           .half_height = okng_between(flaw, 3.5, 6.5),
                           .radius = 3,
                           .colour = c->tin,
                           .alpha = 1,
                           .bevel = 0.5,
                           .bevel_width = 2.5,
                           .grain = 0.2,
                           .seed = okng_rng_u32(flaw)};
        bridge.angle = okng_between(flaw, -0.2, 0.2);
        okng_paint_box(canvas, &c->place, &bridge);
        return;
    }
    double x = okng_between(flaw, -95, 95), y = okng_between(flaw, -98, 98);
    if (c->defect == SCRATCH) {
        okng_stroke stroke = {.x = x,
                              .y = y,
                              .angle = okng_between(flaw, 0, 6.28),
                              .length = okng_between(flaw, 22, 52),
                              .bend = 0.4,
                              .width = okng_between(flaw, 1.4, 2.2),
                              .colour = {0.66, 0.60, 0.40},
                              .alpha = 0.55 + 0.35 * c->strength,
                              .fade = 0.6};
        okng_paint_stroke(canvas, &c->place, &stroke, flaw);
    } else if (c->defect == RESIDUE) {
        okng_blob blob = {.x = x,
                          .y = y,
                          .radius = okng_between(flaw, 10, 18),
                          .ragged = 0.7,
                          .soft = 0.35,
                          .colour = {0.66, 0.63, 0.48},
                          .alpha = 0.19 + 0.2 * c->strength,
                          .seed = okng_rng_u32(flaw)};
        okng_paint_blob(canvas, &c->place, &blob);
    }
}

static void draw(okng_canvas *canvas, okng_rng *part, okng_rng *flaw, int defect)
{
    double x = okng_between(part, -3.5, 3.5), y = okng_between(part, -3.5, 3.5);
    circuit c = {.place = okng_place_new(x, y, okng_between(part, -0.03, 0.03)), .defect = defect};
    c.mask = okng_scale((okng_colour){0.045, 0.27, 0.145}, okng_between(part, 0.92, 1.08));
    c.tin = okng_scale((okng_colour){0.66, 0.67, 0.68}, okng_between(part, 0.95, 1.05));
    c.silk = (okng_colour){0.83, 0.85, 0.82};
    c.seed = okng_rng_u32(part);
    c.shine = okng_between(part, 0.01, 0.05);
    c.victim = (int)okng_rng_below(flaw, CHIPS);
    c.strength = okng_between(flaw, 0.2, 1);
    okng_paint_all(canvas, shade_board, &c);
    paint_tracks(canvas, &c);
    paint_driver(canvas, &c, okng_between(part, -0.7, 0.7), okng_between(part, -0.7, 0.7));
    for (int i = 0; i < CHIPS; i++) {
        double jitter[3] = {okng_between(part, -0.7, 0.7), okng_between(part, -0.7, 0.7),
                            okng_between(part, -0.025, 0.025)};
        paint_chip(canvas, &c, i, jitter, flaw);
    }
    if (defect >= 0) paint_flaw(canvas, &c, flaw);
}

const okng_demo_category okng_demo_circuit = {
    .name = "circuit", .defects = {"missing", "shifted", "bridge", "scratch", "residue"}, .draw = draw};
