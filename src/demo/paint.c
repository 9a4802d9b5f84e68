#include "demo/paint.h"

#include <math.h>
#include <stddef.h>

double okng_clamp01(double x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

double okng_smooth(double low, double high, double x)
{
    double t = okng_clamp01((x - low) / (high - low));
    return t * t * (3 - 2 * t);
}

double okng_between(okng_rng *rng, double low, double high)
{
    return low + (high - low) * okng_rng_uniform(rng);
}

okng_colour okng_mix(okng_colour a, okng_colour b, double t)
{
    return (okng_colour){a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
}

okng_colour okng_scale(okng_colour a, double k)
{
    return (okng_colour){a.r * k, a.g * k, a.b * k};
}

okng_place okng_place_new(double x, double y, double angle)
{
    return (okng_place){x, y, cos(angle), sin(angle)};
}

void okng_to_part(const okng_place *place, double x, double y, double *u, double *v)
{
    double dx = x - place->x, dy = y - place->y;
    *u = place->c * dx + place->s * dy;
    *v = -place->s * dx + place->c * dy;
}

/* ---- noise ---- */

uint32_t okng_hash(int32_t x, int32_t y, uint32_t seed)
{
    uint32_t h = (uint32_t)x * 0x8da6b343u ^ (uint32_t)y * 0xd8163841u ^ seed * 0xcb1ab31fu;
    h = (h ^ h >> 15) * 0x2c1b3c6du;
    h = (h ^ h >> 12) * 0x297a2d39u;
    return h ^ h >> 15;
}

double okng_hash_unit(int32_t x, int32_t y, uint32_t seed)
{
    return (double)okng_hash(x, y, seed) * 0x1p-31 - 1;
}

/* Without the library call that floor() is where the CPU's own instruction may not be used. */
static int32_t floor_of(double x)
{
    int32_t whole = (int32_t)x;
    return whole - (x < whole);
}

double okng_noise(double x, double y, uint32_t seed)
{
    int32_t ix = floor_of(x), iy = floor_of(y);
    double tx = x - ix, ty = y - iy;
    tx = tx * tx * (3 - 2 * tx);
    ty = ty * ty * (3 - 2 * ty);
    double a = okng_hash_unit(ix, iy, seed), b = okng_hash_unit(ix + 1, iy, seed);
    double c = okng_hash_unit(ix, iy + 1, seed), d = okng_hash_unit(ix + 1, iy + 1, seed);
    double top = a + (b - a) * tx, bottom = c + (d - c) * tx;
    return top + (bottom - top) * ty;
}

double okng_fractal(double x, double y, int octaves, uint32_t seed)
{
    double sum = 0, weight = 0.5;
    for (int i = 0; i < octaves; i++, weight *= 0.5) {
        sum += weight * okng_noise(x, y, seed + (uint32_t)i * 7919u);
        x = x * 2 + 17.3;
        y = y * 2 + 5.1;
    }
    return sum;
}

/* ---- painting ---- */

static double sample_at(int index)
{
    return (index + 0.5) / OKNG_DEMO_SAMPLES - OKNG_DEMO_SIDE / 2.0;
}

static int index_of(const okng_canvas *canvas, double at)
{
    double index = (at + OKNG_DEMO_SIDE / 2.0) * OKNG_DEMO_SAMPLES;
    return index < 0 ? 0 : index > canvas->side ? canvas->side : (int)index;
}

static void paint_window(okng_canvas *canvas, const int window[4], okng_shade_fn shade, const void *context)
{
    for (int iy = window[1]; iy < window[3]; iy++) {
        float *at = canvas->rgb + ((size_t)iy * (size_t)canvas->side + (size_t)window[0]) * 3;
        for (int ix = window[0]; ix < window[2]; ix++, at += 3) {
            okng_colour colour = {(double)at[0], (double)at[1], (double)at[2]};
            shade(context, sample_at(ix), sample_at(iy), &colour);
            at[0] = (float)colour.r;
            at[1] = (float)colour.g;
            at[2] = (float)colour.b;
        }
    }
}

void okng_paint_all(okng_canvas *canvas, okng_shade_fn shade, const void *context)
{
    const int window[4] = {0, 0, canvas->side, canvas->side};
    paint_window(canvas, window, shade, context);
}

/* okng_paint_all within `reach` of a point of a part. */
static void paint_near(okng_canvas *canvas, const okng_place *place, double u, double v, double reach,
                       okng_shade_fn shade, const void *context)
{
    double x = place->x + place->c * u - place->s * v, y = place->y + place->s * u + place->c * v;
    const int window[4] = {index_of(canvas, x - reach), index_of(canvas, y - reach), index_of(canvas, x + reach + 1),
                           index_of(canvas, y + reach + 1)};
    paint_window(canvas, window, shade, context);
}

typedef struct placed_box {
    const okng_place *place;
    const okng_box *box;
    double c, s;
} placed_box;

/* Light on the edge: from the upper left, stronger the nearer to the border. `d` is negative inside. */
static double bevel_light(const placed_box *placed, double u, double v, double qx, double qy, double d)
{
    const okng_box *box = placed->box;
    double nx = 0, ny = 0;
    if (qx > 0 && qy > 0) {
        double length = sqrt(qx * qx + qy * qy) + 1e-9;
        nx = qx / length;
        ny = qy / length;
    } else if (qx > qy) {
        nx = 1;
    } else {
        ny = 1;
    }
    nx = u < 0 ? -nx : nx;
    ny = v < 0 ? -ny : ny;
    double px = placed->c * nx - placed->s * ny, py = placed->s * nx + placed->c * ny;
    return -box->bevel * (0.55 * px + 0.83 * py) * okng_clamp01(1 + d / box->bevel_width);
}

static void shade_box(const void *context, double x, double y, okng_colour *colour)
{
    const placed_box *placed = context;
    const okng_box *box = placed->box;
    double u, v;
    okng_to_part(placed->place, x, y, &u, &v);
    u -= box->x;
    v -= box->y;
    double w = placed->c * u + placed->s * v;
    v = -placed->s * u + placed->c * v;
    u = w;
    double qx = fabs(u) - box->half_width + box->radius, qy = fabs(v) - box->half_height + box->radius;
    double ox = qx > 0 ? qx : 0, oy = qy > 0 ? qy : 0;
    double inside = qx > qy ? qx : qy;
    double d = sqrt(ox * ox + oy * oy) + (inside < 0 ? inside : 0) - box->radius;
    double soft = box->soft > 0 ? box->soft : 0.5;
    double alpha = box->alpha * okng_smooth(soft, -soft, d);
    if (alpha <= 0) return;
    double light = 1;
    if (box->bevel != 0) light += bevel_light(placed, u, v, qx, qy, d);
    if (box->grain > 0) light += box->grain * okng_fractal(u * 0.9, v * 0.9, 2, box->seed);
    *colour = okng_mix(*colour, okng_scale(box->colour, light), alpha);
}

void okng_paint_box(okng_canvas *canvas, const okng_place *place, const okng_box *box)
{
    placed_box placed = {place, box, cos(box->angle), sin(box->angle)};
    double reach = sqrt(box->half_width * box->half_width + box->half_height * box->half_height) + box->soft + 1;
    paint_near(canvas, place, box->x, box->y, reach, shade_box, &placed);
}

void okng_paint_line(okng_canvas *canvas, const okng_place *place, const double ends[4], double width,
                     okng_colour colour, double alpha)
{
    double dx = ends[2] - ends[0], dy = ends[3] - ends[1];
    double half = sqrt(dx * dx + dy * dy) / 2;
    okng_box box = {.x = (ends[0] + ends[2]) / 2,
                    .y = (ends[1] + ends[3]) / 2,
                    .half_width = half + width / 2,
                    .half_height = width / 2,
                    .radius = width / 2,
                    .angle = atan2(dy, dx),
                    .colour = colour,
                    .alpha = alpha};
    okng_paint_box(canvas, place, &box);
}

typedef struct placed_blob {
    const okng_place *place;
    const okng_blob *blob;
} placed_blob;

static void shade_blob(const void *context, double x, double y, okng_colour *colour)
{
    const placed_blob *placed = context;
    const okng_blob *blob = placed->blob;
    double u, v;
    okng_to_part(placed->place, x, y, &u, &v);
    double du = u - blob->x, dv = v - blob->y, scale = 2.2 / blob->radius;
    double d =
        sqrt(du * du + dv * dv) / blob->radius + blob->ragged * okng_fractal(u * scale, v * scale, 3, blob->seed);
    double alpha = blob->alpha * okng_smooth(1, 1 - blob->soft, d);
    *colour = okng_mix(*colour, blob->colour, alpha);
}

void okng_paint_blob(okng_canvas *canvas, const okng_place *place, const okng_blob *blob)
{
    placed_blob placed = {place, blob};
    paint_near(canvas, place, blob->x, blob->y, blob->radius * (1 + blob->ragged), shade_blob, &placed);
}

void okng_paint_stroke(okng_canvas *canvas, const okng_place *place, const okng_stroke *stroke, okng_rng *rng)
{
    enum { STEPS = 24 };
    double step = stroke->length / STEPS, angle = stroke->angle, turn = okng_between(rng, -1, 1) * stroke->bend / STEPS;
    uint32_t seed = okng_rng_u32(rng);
    double u = stroke->x - cos(angle) * stroke->length / 2, v = stroke->y - sin(angle) * stroke->length / 2;
    for (int i = 0; i < STEPS; i++) {
        angle += turn + stroke->bend * 0.12 * okng_noise(i * 0.3, 0.5, seed);
        double ends[4] = {u, v, u + cos(angle) * step, v + sin(angle) * step};
        double pressure = 1 - stroke->fade * okng_clamp01(0.5 + okng_noise(i * 0.35, 9.5, seed));
        double taper = okng_smooth(-0.5, 3, i) * okng_smooth(STEPS - 0.5, STEPS - 4, i);
        okng_paint_line(canvas, place, ends, stroke->width * (0.5 + 0.5 * taper), stroke->colour,
                        stroke->alpha * pressure * (0.3 + 0.7 * taper));
        u = ends[2];
        v = ends[3];
    }
}
