/* The kernels of winograd.h over vectors of LANES floats. A variant says what its vectors are: VECTOR, LANES, LOAD,
 * STORE, SET, FMA(a, b, c) = a * b + c, ADD, SUBTRACT, MULTIPLY; MAX, the second operand where either is NaN; LINEAR,
 * the products that go with them, TABLE, what declares the table, and WINOGRAD_NAME in it.
 *
 * With the points 0, a, -a, infinity, b, -b the transforms fall apart into even and odd halves:
 *   pixels to points   B^T: for p and -p: (d4 - q d2) +- p (d3 - q d1), q the other point's square
 *   points to pixels   A^T: row k holds p^k; infinity goes to the last row alone
 * A short side has the first four points. Its B^T is that of F(2, 3) times what the weights lack there: -b^2 at 0,
 * a^2 - b^2 at +-a. Each step is done once and rounded once in all variants, so all give the same bits. */
#ifndef OKNG_KERNELS_WINOGRAD_VECTOR_H
#define OKNG_KERNELS_WINOGRAD_VECTOR_H

#include "kernels/winograd.h"

#define INLINE static inline __attribute__((always_inline))

enum { SIDE = OKNG_WINOGRAD_SIDE, TILE = OKNG_WINOGRAD_TILE, TAPS = 3 };

#define A 0.625f
#define B 1.5f
#define A2 (A * A)
#define B2 (B * B)

/* Points and what they are made of, along a whole side and a short one. */
INLINE size_t side_of(bool is_short)
{
    return is_short ? OKNG_WINOGRAD_SHORT_SIDE : SIDE;
}

INLINE size_t pixels_of(bool is_short)
{
    return is_short ? OKNG_WINOGRAD_SHORT_TILE : TILE;
}

/* ---- pixels to points ---- */

INLINE void to_short_points(const VECTOR d[SIDE], VECTOR out[SIDE])
{
    const VECTOR even = MULTIPLY(SET(A2 - B2), d[2]), odd = MULTIPLY(SET(A2 - B2), d[1]);
    out[0] = FMA(SET(-B2), d[2], MULTIPLY(SET(A2 * B2), d[0]));
    out[1] = FMA(SET(A), odd, even);
    out[2] = FMA(SET(-A), odd, even);
    out[3] = FMA(SET(-A2), d[1], d[3]);
}

INLINE void to_points(const VECTOR d[SIDE], VECTOR out[SIDE], bool is_short)
{
    if (is_short) {
        to_short_points(d, out);
        return;
    }
    const VECTOR sum = SET(-(A2 + B2)), product = SET(A2 * B2);
    const VECTOR a_even = FMA(SET(-B2), d[2], d[4]), a_odd = FMA(SET(-B2), d[1], d[3]);
    const VECTOR b_even = FMA(SET(-A2), d[2], d[4]), b_odd = FMA(SET(-A2), d[1], d[3]);
    out[0] = FMA(product, d[0], FMA(sum, d[2], d[4]));
    out[1] = FMA(SET(A), a_odd, a_even);
    out[2] = FMA(SET(-A), a_odd, a_even);
    out[3] = FMA(product, d[1], FMA(sum, d[3], d[5]));
    out[4] = FMA(SET(B), b_odd, b_even);
    out[5] = FMA(SET(-B), b_odd, b_even);
}

INLINE void transform_sides(const okng_winograd_window *w, bool short_rows, bool short_columns)
{
    const size_t rows = side_of(short_rows), columns = side_of(short_columns);
    for (size_t c = 0; c < w->channels; c += LANES) {
        VECTOR half[SIDE][SIDE]; /* [point of the rows][column] */
        for (size_t x = 0; x < columns; x++) {
            VECTOR d[SIDE], points[SIDE];
            for (size_t y = 0; y < rows; y++) d[y] = LOAD(w->pixels[y * SIDE + x] + c);
            to_points(d, points, short_rows);
            for (size_t y = 0; y < rows; y++) half[y][x] = points[y];
        }
        for (size_t y = 0; y < rows; y++) {
            float *const *to = w->points[y >= OKNG_WINOGRAD_SHORT_SIDE];
            const size_t at = y * SIDE * w->stride + c;
            VECTOR points[SIDE];
            to_points(half[y], points, short_columns);
            for (size_t x = 0; x < columns; x++)
                STORE(to[x >= OKNG_WINOGRAD_SHORT_SIDE] + at + x * w->stride, points[x]);
        }
    }
}

static void transform(const okng_winograd_window *w)
{
    if (w->short_rows && w->short_columns)
        transform_sides(w, true, true);
    else if (w->short_rows)
        transform_sides(w, true, false);
    else if (w->short_columns)
        transform_sides(w, false, true);
    else
        transform_sides(w, false, false);
}

/* ---- points to pixels ---- */

INLINE void to_pixels(const VECTOR m[SIDE], VECTOR out[TILE], bool is_short)
{
    const VECTOR a_even = ADD(m[1], m[2]), a_odd = SUBTRACT(m[1], m[2]);
    if (is_short) {
        out[0] = ADD(m[0], a_even);
        out[1] = FMA(SET(A), a_odd, m[3]);
        return;
    }
    const VECTOR b_even = ADD(m[4], m[5]), b_odd = SUBTRACT(m[4], m[5]);
    out[0] = ADD(m[0], ADD(a_even, b_even));
    out[1] = FMA(SET(B), b_odd, MULTIPLY(SET(A), a_odd));
    out[2] = FMA(SET(B2), b_even, MULTIPLY(SET(A2), a_even));
    out[3] = FMA(SET(B2 * B), b_odd, FMA(SET(A2 * A), a_odd, m[3]));
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

INLINE void finish_sides(const okng_winograd_finish *f, bool short_rows, bool short_columns)
{
    const size_t rows = side_of(short_rows), columns = side_of(short_columns);
    for (size_t c = 0; c < f->channels; c += LANES) {
        VECTOR half[TILE][SIDE];
        for (size_t x = 0; x < columns; x++) {
            VECTOR m[SIDE], pixels[TILE];
            for (size_t y = 0; y < rows; y++)
                m[y] = LOAD(f->points[y >= OKNG_WINOGRAD_SHORT_SIDE][x >= OKNG_WINOGRAD_SHORT_SIDE] +
                            (y * SIDE + x) * f->stride + c);
            to_pixels(m, pixels, short_rows);
            for (size_t y = 0; y < pixels_of(short_rows); y++) half[y][x] = pixels[y];
        }
        const VECTOR bias = LOAD(f->bias + c);
        for (size_t y = 0; y < f->rows; y++) {
            VECTOR row[TILE];
            to_pixels(half[y], row, short_columns);
            finish_row(f, y, c, row, bias);
        }
    }
}

static void finish(const okng_winograd_finish *f)
{
    if (f->short_rows && f->short_columns)
        finish_sides(f, true, true);
    else if (f->short_rows)
        finish_sides(f, true, false);
    else if (f->short_columns)
        finish_sides(f, false, true);
    else
        finish_sides(f, false, false);
}

/* ---- weights ---- */

/* Row p of G holds the powers 1, p, p^2, divided by the product of p's differences to the other finite points. */
#define EACH_A (1.0 / (2.0 * A2 * (A2 - B2)))
#define EACH_B (1.0 / (2.0 * B2 * (B2 - A2)))
static const double powers[SIDE][TAPS] = {
    {1.0 / (A2 * B2), 0.0, 0.0}, /* 0 */
    {EACH_A, (A) * (EACH_A), (A2) * (EACH_A)},
    {EACH_A, (-A) * (EACH_A), (A2) * (EACH_A)},
    {0.0, 0.0, 1.0}, /* infinity */
    {EACH_B, (B) * (EACH_B), (B2) * (EACH_B)},
    {EACH_B, (-B) * (EACH_B), (B2) * (EACH_B)},
};

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
