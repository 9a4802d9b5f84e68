/* Painting of the demo's parts: a canvas in floating point, two samples per pixel in each direction. Coordinates are in
 * pixels of the finished picture with the origin in its middle, x to the right and y down. */
#ifndef OKNG_DEMO_PAINT_H
#define OKNG_DEMO_PAINT_H

#include <stdint.h>

#include "base/rng.h"

#define OKNG_DEMO_SIDE 256
#define OKNG_DEMO_SAMPLES 2 /* per pixel and direction */

typedef struct okng_canvas {
    int side;   /* OKNG_DEMO_SIDE * OKNG_DEMO_SAMPLES */
    float *rgb; /* [side, side, 3], 0 black, 1 white */
} okng_canvas;

typedef struct okng_colour {
    double r, g, b;
} okng_colour;

/* Where a part lies: turned by an angle (its cosine and sine) and shifted. */
typedef struct okng_place {
    double x, y, c, s;
} okng_place;

/* A rounded box in the frame of a part; a disc when half_width, half_height and radius are the same. */
typedef struct okng_box {
    double x, y, half_width, half_height, radius;
    double angle; /* turns the box about its middle, radians */
    okng_colour colour;
    double alpha; /* 0 leaves what is there */
    double soft;  /* half the width of the edge; 0 takes half a pixel */
    double bevel; /* strength of the light on a rounded edge of width bevel_width */
    double bevel_width;
    double grain; /* contrast of a fine texture */
    uint32_t seed;
} okng_box;

/* ---- numbers ---- */
double okng_clamp01(double x);
double okng_smooth(double low, double high, double x); /* 0 at low, 1 at high, no kinks; low may be above high */
double okng_between(okng_rng *rng, double low, double high);
okng_colour okng_mix(okng_colour a, okng_colour b, double t);
okng_colour okng_scale(okng_colour a, double k);
okng_place okng_place_new(double x, double y, double angle);
void okng_to_part(const okng_place *place, double x, double y, double *u, double *v);

/* ---- noise: smooth, in -1..1, one feature per unit ---- */
double okng_noise(double x, double y, uint32_t seed);
double okng_fractal(double x, double y, int octaves, uint32_t seed);
uint32_t okng_hash(int32_t x, int32_t y, uint32_t seed);
double okng_hash_unit(int32_t x, int32_t y, uint32_t seed); /* -1..1 */

/* ---- painting ---- */
/* Calls `shade` for every sample with its place and colour, which it may change. */
typedef void (*okng_shade_fn)(const void *context, double x, double y, okng_colour *colour);
void okng_paint_all(okng_canvas *canvas, okng_shade_fn shade, const void *context);
void okng_paint_box(okng_canvas *canvas, const okng_place *place, const okng_box *box);
void okng_paint_line(okng_canvas *canvas, const okng_place *place, const double ends[4], double width,
                     okng_colour colour, double alpha);
/* Letters A-Z, digits and " -.:/" in cells of 6 x 8 dots, `dot` pixels each; x, y is the upper left corner. `wear` from
 * 0 to 1 takes ink away in patches. */
typedef struct okng_print {
    double x, y, dot;
    okng_colour colour;
    double alpha, wear;
    uint32_t seed;
} okng_print;
void okng_paint_text(okng_canvas *canvas, const okng_place *place, const okng_print *print, const char *text);

/* ---- defects that several parts share ---- */
/* An irregular patch with a soft edge. */
typedef struct okng_blob {
    double x, y, radius, ragged, soft;
    okng_colour colour;
    double alpha;
    uint32_t seed;
} okng_blob;
void okng_paint_blob(okng_canvas *canvas, const okng_place *place, const okng_blob *blob);
/* A bent stroke that comes and goes; `bend` 0 is straight. A hair, a fibre, a scratch. */
typedef struct okng_stroke {
    double x, y, angle, length, bend, width;
    okng_colour colour;
    double alpha, fade; /* fade 0..1: how much it comes and goes */
} okng_stroke;
void okng_paint_stroke(okng_canvas *canvas, const okng_place *place, const okng_stroke *stroke, okng_rng *rng);

#endif
