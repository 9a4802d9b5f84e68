/* The kernels of winograd.h over vectors of LANES floats. A variant says what its vectors are: VECTOR, LANES, LOAD,
 * STORE, SET, FMA(a, b, c) = a * b + c, ADD, SUBTRACT; MAX, the second operand where either is NaN; LINEAR, the
 * products that go with them, TABLE, what declares the table, and WINOGRAD_NAME in it.
 *
 * With the points 0, +-a, +-b and infinity, the transforms fall apart into even and odd halves:
 *   pixels to points   B^T: for p and -p: (d4 - q d2) +- p (d3 - q d1), q the other point's square
 *   points to pixels   A^T: row k holds p^k; infinity goes to the last row alone
 * Each step is done once and rounded once in all variants, so all give the same bits. */
#ifndef OKNG_KERNELS_WINOGRAD_VECTOR_H
#define OKNG_KERNELS_WINOGRAD_VECTOR_H

#include "kernels/winograd.h"

#define INLINE static inline __attribute__((always_inline))

enum { SIDE = OKNG_WINOGRAD_SIDE, TILE = OKNG_WINOGRAD_TILE, TAPS = 3 };

#define A 0.625f
#define B 1.5f
#define A2 (A * A)
#define B2 (B * B)

/* ---- pixels to points ---- */

INLINE void to_points(const VECTOR d[SIDE], VECTOR out[SIDE])
{
    const VECTOR sum = SET(-(A2 + B2)), product = SET(A2 * B2);
    const VECTOR a_even = FMA(SET(-B2), d[2], d[4]), a_odd = FMA(SET(-B2), d[1], d[3]);
    const VECTOR b_even = FMA(SET(-A2), d[2], d[4]), b_odd = FMA(SET(-A2), d[1], d[3]);
    out[0] = FMA(product, d[0], FMA(sum, d[2], d[4]));
    out[1] = FMA(SET(A), a_odd, a_even);
    out[2] = FMA(SET(-A), a_odd, a_even);
    out[3] = FMA(SET(B), b_odd, b_even);
    out[4] = FMA(SET(-B), b_odd, b_even);
    out[5] = FMA(product, d[1], FMA(sum, d[3], d[5]));
}

static void transform(const okng_winograd_window *w)
{
    for (size_t c = 0; c < w->channels; c += LANES) {
        VECTOR half[SIDE][SIDE]; /* [point of the rows][column] */
        for (size_t x = 0; x < SIDE; x++) {
            VECTOR d[SIDE], points[SIDE];
            for (size_t y = 0; y < SIDE; y++) d[y] = LOAD(w->pixels[y * SIDE + x] + c);
            to_points(d, points);
            for (size_t y = 0; y < SIDE; y++) half[y][x] = points[y];
        }
        float *to = w->points + c;
        for (size_t y = 0; y < SIDE; y++, to += SIDE * w->stride) {
            VECTOR points[SIDE];
            to_points(half[y], points);
            for (size_t x = 0; x < SIDE; x++) STORE(to + x * w->stride, points[x]);
        }
    }
}

/* ---- points to pixels ---- */

INLINE void to_pixels(const VECTOR m[SIDE], VECTOR out[TILE])
{
    const VECTOR a_even = ADD(m[1], m[2]), a_odd = SUBTRACT(m[1], m[2]);
    const VECTOR b_even = ADD(m[3], m[4]), b_odd = SUBTRACT(m[3], m[4]);
    out[0] = ADD(m[0], ADD(a_even, b_even));
    out[1] = FMA(SET(B), b_odd, MULTIPLY(SET(A), a_odd));
    out[2] = FMA(SET(B2), b_even, MULTIPLY(SET(A2), a_even));
    out[3] = FMA(SET(B2 * B), b_odd, FMA(SET(A2 * A), a_odd, m[5]));
}

/* RELU that leaves no sum that is not finite unseen: 0 times it is NaN, which MAX keeps. */
INLINE VECTOR relu(VECTOR x)
{
    return MAX(SET(0.0f), FMA(SET(0.0f), x, x));
}

INLINE void finish_row(const okng_winograd_finish *f, size_t y, size_t c, const VECTOR row[TILE], VECTOR bias)
{
    const size_t at = y * f->line + c;
    for (size_t x = 0; x < f->columns; x++) {
        VECTOR sum = ADD(row[x], bias);
        if (f->added) sum = ADD(sum, LOAD(f->added + at + x * f->pixel));
        if (f->relu) sum = relu(sum);
        STORE(f->out + at + x * f->pixel, sum);
    }
}

static void finish(const okng_winograd_finish *f)
{
    for (size_t c = 0; c < f->channels; c += LANES) {
        VECTOR half[TILE][SIDE];
        const float *from = f->points + c;
        for (size_t x = 0; x < SIDE; x++, from += f->stride) {
            VECTOR m[SIDE], pixels[TILE];
            for (size_t y = 0; y < SIDE; y++) m[y] = LOAD(from + y * SIDE * f->stride);
            to_pixels(m, pixels);
            for (size_t y = 0; y < TILE; y++) half[y][x] = pixels[y];
        }
        const VECTOR bias = LOAD(f->bias + c);
        for (size_t y = 0; y < f->rows; y++) {
            VECTOR row[TILE];
            to_pixels(half[y], row);
            finish_row(f, y, c, row, bias);
        }
    }
}

/* ---- weights ---- */

/* Row p of G holds the powers 1, p, p^2, divided by the product of p's differences to the other finite points. */
#define EACH_A (1.0 / (2.0 * A2 * (A2 - B2)))
#define EACH_B (1.0 / (2.0 * B2 * (B2 - A2)))
static const double powers[SIDE][TAPS] = {{1.0 / (A2 * B2), 0.0, 0.0},      {EACH_A, A *EACH_A, A2 *EACH_A},
                                          {EACH_A, -A *EACH_A, A2 *EACH_A}, {EACH_B, B *EACH_B, B2 *EACH_B},
                                          {EACH_B, -B *EACH_B, B2 *EACH_B}, {0.0, 0.0, 1.0}};

static void weights(const float *taps, float *out, size_t stride)
{
    enum { COUNT = OKNG_WINOGRAD_UNIT };
    for (size_t y = 0; y < SIDE; y++) {
        const double *g = powers[y];
        double half[TAPS][COUNT];
        for (size_t x = 0; x < TAPS; x++) {
            const float *t = taps + x * COUNT;
            for (size_t i = 0; i < COUNT; i++)
                half[x][i] =
                    g[0] * (double)t[i] + g[1] * (double)t[TAPS * COUNT + i] + g[2] * (double)t[2 * TAPS * COUNT + i];
        }
        for (size_t x = 0; x < SIDE; x++) {
            float *to = out + (y * SIDE + x) * stride;
            for (size_t i = 0; i < COUNT; i++)
                to[i] = (float)(powers[x][0] * half[0][i] + powers[x][1] * half[1][i] + powers[x][2] * half[2][i]);
        }
    }
}

TABLE = {WINOGRAD_NAME, LINEAR, transform, finish, weights};

#endif
