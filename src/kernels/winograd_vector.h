/* The kernels of winograd.h over vectors of LANES floats. A variant says what its vectors are: VECTOR, LANES, LOAD,
 * STORE, SET, FMA(a, b, c) = a * b + c, ADD, SUBTRACT, MULTIPLY; MAX, the second operand where either is NaN; LINEAR,
 * the products that go with them, TABLE, what declares the table, and WINOGRAD_NAME in it. Each step is done once and
 * rounded once in all variants, so all give the same bits. */
#ifndef OKNG_KERNELS_WINOGRAD_VECTOR_H
#define OKNG_KERNELS_WINOGRAD_VECTOR_H

#include "kernels/winograd.h"

#define INLINE static inline __attribute__((always_inline))

#include "kernels/winograd_axis.h"

enum { SIDE = OKNG_WINOGRAD_SIDE, TILE = OKNG_WINOGRAD_TILE };

/* What kind a tile is: constants where its loops are made. */
typedef struct kind {
    bool strided, short_rows, short_columns;
} kind;

/* A way through `call` for each kind. */
#define FOR_KIND(call, x)                                                              \
    switch (((x)->strided ? 4 : 0) | ((x)->short_rows ? 2 : 0) | (x)->short_columns) { \
    case 0:                                                                            \
        call((x), (kind){false, false, false});                                        \
        break;                                                                         \
    case 1:                                                                            \
        call((x), (kind){false, false, true});                                         \
        break;                                                                         \
    case 2:                                                                            \
        call((x), (kind){false, true, false});                                         \
        break;                                                                         \
    case 3:                                                                            \
        call((x), (kind){false, true, true});                                          \
        break;                                                                         \
    case 4:                                                                            \
        call((x), (kind){true, false, false});                                         \
        break;                                                                         \
    case 5:                                                                            \
        call((x), (kind){true, false, true});                                          \
        break;                                                                         \
    case 6:                                                                            \
        call((x), (kind){true, true, false});                                          \
        break;                                                                         \
    default:                                                                           \
        call((x), (kind){true, true, true});                                           \
    }

/* ---- pixels to points ---- */

INLINE void to_points(const VECTOR *d, VECTOR *out, bool strided, bool is_short)
{
    if (strided)
        strided_points(d, out, is_short);
    else
        dense_points(d, out, is_short);
}

INLINE void transform_kind(const okng_winograd_window *w, kind k)
{
    const size_t side = okng_winograd_side(k.strided, false), begun = okng_winograd_side(k.strided, true);
    const size_t rows = k.short_rows ? begun : side, columns = k.short_columns ? begun : side;
    for (size_t c = 0; c < w->channels; c += LANES) {
        VECTOR half[SIDE][SIDE]; /* [point of the rows][column] */
        for (size_t x = 0; x < columns; x++) {
            VECTOR d[SIDE], points[SIDE];
            for (size_t y = 0; y < rows; y++) d[y] = LOAD(w->pixels[y * SIDE + x] + c);
            to_points(d, points, k.strided, k.short_rows);
            for (size_t y = 0; y < rows; y++) half[y][x] = points[y];
        }
        for (size_t y = 0; y < rows; y++) {
            float *const *to = w->points[y >= begun];
            const size_t at = y * side * w->stride + c;
            VECTOR points[SIDE];
            to_points(half[y], points, k.strided, k.short_columns);
            for (size_t x = 0; x < columns; x++) STORE(to[x >= begun] + at + x * w->stride, points[x]);
        }
    }
}

static void transform(const okng_winograd_window *w){FOR_KIND(transform_kind, w)}

/* ---- points to pixels ---- */

INLINE void to_pixels(const VECTOR *m, VECTOR *out, bool strided, bool is_short)
{
    if (strided)
        strided_pixels(m, out, is_short);
    else
        dense_pixels(m, out, is_short);
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

INLINE void finish_kind(const okng_winograd_finish *f, kind k)
{
    const size_t side = okng_winograd_side(k.strided, false), begun = okng_winograd_side(k.strided, true);
    const size_t rows = k.short_rows ? begun : side, columns = k.short_columns ? begun : side;
    const size_t pixels = k.short_rows ? OKNG_WINOGRAD_SHORT_TILE : TILE;
    for (size_t c = 0; c < f->channels; c += LANES) {
        VECTOR half[TILE][SIDE];
        for (size_t x = 0; x < columns; x++) {
            VECTOR m[SIDE], made[TILE];
            for (size_t y = 0; y < rows; y++)
                m[y] = LOAD(f->points[y >= begun][x >= begun] + (y * side + x) * f->stride + c);
            to_pixels(m, made, k.strided, k.short_rows);
            for (size_t y = 0; y < pixels; y++) half[y][x] = made[y];
        }
        const VECTOR bias = LOAD(f->bias + c);
        for (size_t y = 0; y < f->rows; y++) {
            VECTOR row[TILE];
            to_pixels(half[y], row, k.strided, k.short_columns);
            finish_row(f, y, c, row, bias);
        }
    }
}

static void finish(const okng_winograd_finish *f)
{
    FOR_KIND(finish_kind, f)
}

/* ---- weights ---- */

static void weights(const float *taps, bool strided, float *out, size_t stride)
{
    enum { COUNT = OKNG_WINOGRAD_UNIT, EACH = OKNG_WINOGRAD_WEIGHTS };
    for (size_t y = 0; y < EACH; y++) {
        const double *g = powers[strided][y];
        double half[TAPS][COUNT];
        for (size_t x = 0; x < TAPS; x++) {
            const float *t = taps + x * COUNT;
            for (size_t i = 0; i < COUNT; i++)
                half[x][i] =
                    g[0] * (double)t[i] + g[1] * (double)t[TAPS * COUNT + i] + g[2] * (double)t[2 * TAPS * COUNT + i];
        }
        for (size_t x = 0; x < EACH; x++) {
            const double *h = powers[strided][x];
            float *to = out + (y * EACH + x) * stride;
            for (size_t i = 0; i < COUNT; i++)
                to[i] = (float)(h[0] * half[0][i] + h[1] * half[1][i] + h[2] * half[2][i]);
        }
    }
}

TABLE = {WINOGRAD_NAME, LINEAR, transform, finish, weights};

#endif
