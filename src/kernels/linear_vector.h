/* The kernels of linear.h over vectors of LANES floats. A variant says what its vectors are:
 *   VECTOR, LANES, ROWS (of a tile), VECTORS (of a panel); LOAD, STORE, SET, FMA(a, b, c) = a * b + c, ADD, SUBTRACT,
 *   MULTIPLY, DIVIDE; MAX and MIN, the second operand where either is NaN; SCALE(p, t) = p * 2^(bits of t); TABLE, what
 *   declares the table of them, and LINEAR_NAME in it.
 * Each step is done once and rounded once in all of them, so all give the same bits. */
#ifndef OKNG_KERNELS_LINEAR_VECTOR_H
#define OKNG_KERNELS_LINEAR_VECTOR_H

#include <math.h>
#include <string.h>

#include "kernels/linear.h"

#define INLINE static inline __attribute__((always_inline))

/* AHEAD: rows that are fetched before they are written */
enum { PANEL = LANES * VECTORS, LINE = 64, AHEAD = 4 };

/* ---- products ---- */

/* How the columns come. */
typedef enum making { AS_THEY_ARE, BY_SUM, BY_DIFFERENCE } making;

/* A vector of the columns; made ones are kept for the tiles that come. */
INLINE VECTOR take(const okng_linear_product *p, const float *panel, size_t at, making how)
{
    if (how == AS_THEY_ARE) return LOAD(panel + at);
    const VECTOR a = LOAD(p->panel + at), b = LOAD(p->other + at), both = how == BY_SUM ? ADD(a, b) : SUBTRACT(a, b);
    STORE(p->made + at, both);
    return both;
}

INLINE void put(const okng_linear_target *target, size_t at, const VECTOR sum[VECTORS])
{
    for (size_t v = 0; v < VECTORS; v++) {
        float *to = target->out + at + v * LANES;
        if (target->way == OKNG_LINEAR_SET)
            STORE(to, sum[v]);
        else
            STORE(to, target->way == OKNG_LINEAR_ADD ? ADD(LOAD(to), sum[v]) : SUBTRACT(LOAD(to), sum[v]));
    }
}

/* What comes next is fetched a line at a time beside the multiplications: many at once would wait for each other. */
typedef struct fetching {
    const char *from;
    size_t step; /* bytes for each element of inner */
} fetching;

INLINE void fetch(const fetching *next, size_t k)
{
    for (size_t i = 0; i < PANEL * sizeof(float); i += LINE) __builtin_prefetch(next->from + k * next->step + i, 0, 2);
}

/* `rows` and `how` are constants where this is called: the sums stay in registers. */
INLINE void multiply_tile(const okng_linear_product *p, const float *panel, size_t first, size_t rows, making how,
                          fetching next)
{
    const size_t stride = p->stride;
    const float *at[(ROWS + 2) / 3]; /* every third row: the others are one or two strides on */
    VECTOR sum[ROWS][VECTORS];
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < VECTORS; v++) sum[r][v] = SET(0.0f);
    for (size_t r = 0; r < rows; r += 3) at[r / 3] = p->rows + (first + r) * stride;
#pragma GCC unroll 4
    for (size_t k = 0; k < p->inner; k++) {
        VECTOR right[VECTORS];
        fetch(&next, k);
        for (size_t v = 0; v < VECTORS; v++) right[v] = take(p, panel, k * PANEL + v * LANES, how);
#pragma GCC unroll 12
        for (size_t r = 0; r < rows; r++) {
            const VECTOR left = SET(at[r / 3][r % 3 * stride + k]);
            for (size_t v = 0; v < VECTORS; v++) sum[r][v] = FMA(left, right[v], sum[r][v]);
        }
    }
    for (size_t t = 0; t < p->target_count; t++)
#pragma GCC unroll 12
        for (size_t r = 0; r < rows; r++) put(&p->targets[t], (first + r) * p->out_stride, sum[r]);
}

INLINE void multiply_rows(const okng_linear_product *p, const float *panel, size_t first, size_t rows, making how,
                          fetching next)
{
    switch (rows) {
#define CASE(rows)                                                              \
    case rows:                                                                  \
        multiply_tile(p, panel, first, rows < ROWS ? (rows) : ROWS, how, next); \
        break
        CASE(1);
        CASE(2);
        CASE(3);
        CASE(4);
        CASE(5);
#if defined(LINEAR_TILE_OF_12)
        CASE(6);
        CASE(7);
        CASE(8);
        CASE(9);
        CASE(10);
        CASE(11);
#endif
#undef CASE
    default:
        multiply_tile(p, panel, first, ROWS, how, next);
    }
}

/* The first tile makes the columns on its way: its multiplications leave time for that. */
static void multiply_first(const okng_linear_product *p, size_t rows, fetching next)
{
    if (!p->other)
        multiply_rows(p, p->panel, 0, rows, AS_THEY_ARE, next);
    else if (p->subtract)
        multiply_rows(p, NULL, 0, rows, BY_DIFFERENCE, next);
    else
        multiply_rows(p, NULL, 0, rows, BY_SUM, next);
}

/* Tiles are as even as can be: one of few rows would wait for its own sums. */
static void multiply(const okng_linear_product *p)
{
    const size_t tiles = (p->count + ROWS - 1) / ROWS;
    const float *panel = p->other ? p->made : p->panel, *from = p->next ? p->next : p->rows;
    fetching next = {(const char *)from, p->next ? (PANEL * sizeof(float) + tiles - 1) / tiles : 0};
    for (size_t tile = 0; tile < tiles; tile++, next.from += p->inner * next.step) {
        const size_t first = tile * p->count / tiles, rows = (tile + 1) * p->count / tiles - first;
        if (tile == 0)
            multiply_first(p, rows, next);
        else
            multiply_rows(p, panel, first, rows, AS_THEY_ARE, next);
    }
}

#include "kernels/linear_gathered.h"

/* ---- curves ---- */

/* e^x = 2^n e^r; n and r: x = n ln 2 + r, |r| <= ln 2 / 2. */
INLINE VECTOR exponential(VECTOR x)
{
    const VECTOR magic = SET(0x1.8p23f); /* whole numbers end at its last bit */
    x = MAX(SET(-87.0f), MIN(SET(88.0f), x));
    const VECTOR bits = FMA(x, SET(0x1.715476p+0f), magic), n = SUBTRACT(bits, magic);
    const VECTOR r = FMA(n, SET(0x1.05c610p-29f), FMA(n, SET(-0x1.62e430p-1f), x));
    VECTOR q = FMA(SET(0.0013814589474350214f), r, SET(0.008368746377527714f));
    q = FMA(q, r, SET(0.04166838899254799f));
    q = FMA(q, r, SET(0.1666651964187622f));
    q = FMA(q, r, SET(0.4999999403953552f));
    return SCALE(ADD(FMA(q, MULTIPLY(r, r), r), SET(1.0f)), bits);
}

INLINE VECTOR gelu(VECTOR x)
{
    static const float coefficients[] = {-7.152627823359126e-09f, 2.612258640510845e-07f,   -3.9743349589116406e-06f,
                                         3.159575135214254e-05f,  -0.00011883006663993001f, -0.00016092212172225118f,
                                         0.005025194957852364f,   -0.03651006519794464f,    -0.31824108958244324f,
                                         -0.797897458076477f,     -0.6931463479995728f};
    enum { COUNT = sizeof coefficients / sizeof *coefficients };
    const VECTOR t = MIN(SET(8.0f), MAX(SUBTRACT(SET(0.0f), x), x));
    VECTOR q = SET(coefficients[0]);
    for (int i = 1; i < COUNT; i++) q = FMA(q, t, SET(coefficients[i]));
    return SUBTRACT(MAX(SET(0.0f), x), MULTIPLY(t, exponential(q)));
}

INLINE VECTOR quick_gelu(VECTOR x)
{
    return DIVIDE(x, ADD(SET(1.0f), exponential(MULTIPLY(SET(-1.702f), x))));
}

/* ---- finishing ---- */

INLINE void finish_row(const float *sums, const float *bias, const float *added, float *out, size_t columns,
                       okng_linear_curve curve)
{
    for (size_t i = 0; i < columns; i += LANES) {
        VECTOR x = ADD(LOAD(sums + i), LOAD(bias + i));
        if (added) x = ADD(x, LOAD(added + i));
        if (curve == OKNG_LINEAR_GELU) x = gelu(x);
        if (curve == OKNG_LINEAR_QUICK_GELU) x = quick_gelu(x);
        STORE(out + i, x);
    }
}

/* Columns that do not fill a vector take a way round. */
static void finish_rest(const okng_linear_finish *f, size_t from)
{
    float sums[LANES] = {0}, bias[LANES] = {0}, added[LANES] = {0}, out[LANES];
    const size_t bytes = (f->columns - from) * sizeof(float);
    if (bytes == 0) return;
    memcpy(bias, f->bias + from, bytes);
    for (size_t r = 0; r < f->rows; r++) {
        memcpy(sums, f->sums + r * f->stride + from, bytes);
        if (f->added) memcpy(added, f->added + r * f->out_stride + from, bytes);
        finish_row(sums, bias, f->added ? added : NULL, out, LANES, f->curve);
        memcpy(f->out + r * f->out_stride + from, out, bytes);
    }
}

INLINE void finish_rows(const okng_linear_finish *f, size_t whole, okng_linear_curve curve)
{
    for (size_t r = 0; r < f->rows; r++) {
        __builtin_prefetch(f->out + (r + AHEAD) * f->out_stride, 1, 3);
        if (f->added) __builtin_prefetch(f->added + (r + AHEAD) * f->out_stride, 0, 3);
        finish_row(f->sums + r * f->stride, f->bias, f->added ? f->added + r * f->out_stride : NULL,
                   f->out + r * f->out_stride, whole, curve);
    }
}

static void finish(const okng_linear_finish *f)
{
    const size_t whole = f->columns / LANES * LANES;
    if (f->curve == OKNG_LINEAR_GELU)
        finish_rows(f, whole, OKNG_LINEAR_GELU);
    else if (f->curve == OKNG_LINEAR_QUICK_GELU)
        finish_rows(f, whole, OKNG_LINEAR_QUICK_GELU);
    else
        finish_rows(f, whole, OKNG_LINEAR_NONE);
    finish_rest(f, whole);
}

/* ---- Strassen's rows ---- */

#define SUMS(TYPE, GET, PUT, PLUS, MINUS)                         \
    {                                                             \
        const TYPE a = GET(upper + i), b = GET(upper + half + i); \
        const TYPE c = GET(lower + i), d = GET(lower + half + i); \
        PUT(out + i, PLUS(a, d));                                 \
        PUT(out + stride + i, PLUS(c, d));                        \
        PUT(out + 2 * stride + i, a);                             \
        PUT(out + 3 * stride + i, d);                             \
        PUT(out + 4 * stride + i, PLUS(a, b));                    \
        PUT(out + 5 * stride + i, MINUS(c, a));                   \
        PUT(out + 6 * stride + i, MINUS(b, d));                   \
    }
#define GET_ONE(from) (*(from))
#define PUT_ONE(to, x) (*(to) = (x))
#define PLUS_ONE(x, y) ((x) + (y))
#define MINUS_ONE(x, y) ((x) - (y))

static void sum_pair(const float *upper, const float *lower, size_t half, size_t count, float *out, size_t stride)
{
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) SUMS(VECTOR, LOAD, STORE, ADD, SUBTRACT)
    for (; i < count; i++) SUMS(float, GET_ONE, PUT_ONE, PLUS_ONE, MINUS_ONE)
}

/* The lower row is zero. */
static void sum_single(const float *upper, size_t half, size_t count, float *out, size_t stride)
{
    for (size_t i = 0; i < count; i++) {
        const float a = upper[i], b = upper[half + i];
        out[i] = a;
        out[stride + i] = 0.0f;
        out[2 * stride + i] = a;
        out[3 * stride + i] = 0.0f;
        out[4 * stride + i] = a + b;
        out[5 * stride + i] = -a;
        out[6 * stride + i] = b;
    }
}

static void sums(const float *upper, const float *lower, size_t half, size_t begin, size_t count, float *out,
                 size_t stride)
{
    if (lower)
        sum_pair(upper + begin, lower + begin, half, count, out, stride);
    else
        sum_single(upper + begin, half, count, out, stride);
}

/* ---- softmax ---- */

static float largest_of(const float *row, size_t columns)
{
    float largest = row[0];
    size_t i = 0;
    if (columns >= LANES) {
        float lanes[LANES];
        VECTOR most = LOAD(row);
        for (i = LANES; i + LANES <= columns; i += LANES) most = MAX(most, LOAD(row + i));
        STORE(lanes, most);
        for (size_t k = 0; k < LANES; k++) largest = lanes[k] > largest ? lanes[k] : largest;
    }
    for (; i < columns; i++) largest = row[i] > largest ? row[i] : largest;
    return largest;
}

/* The partial sums as a tree of halves: 8 apart, 4, 2, 1. */
static float total_of(float lanes[OKNG_LINEAR_LANES])
{
    for (size_t apart = OKNG_LINEAR_LANES / 2; apart > 0; apart /= 2)
        for (size_t i = 0; i < apart; i++) lanes[i] += lanes[i + apart];
    return lanes[0];
}

/* The sum of the exponentials beside the largest element. */
INLINE float weigh_row(float *row, size_t columns, float scale, float most)
{
    enum { EACH = OKNG_LINEAR_LANES / LANES };
    const VECTOR largest = SET(most), factor = SET(scale);
    const size_t room = (columns + OKNG_LINEAR_LANES - 1) / OKNG_LINEAR_LANES * OKNG_LINEAR_LANES;
    float lanes[OKNG_LINEAR_LANES];
    VECTOR sum[EACH];
    for (size_t k = 0; k < EACH; k++) sum[k] = SET(0.0f);
    for (size_t i = columns; i < room; i++) row[i] = row[0];
    for (size_t i = 0; i < room; i += OKNG_LINEAR_LANES) {
        for (size_t k = 0; k < EACH; k++) {
            float *at = row + i + k * LANES;
            STORE(at, exponential(MULTIPLY(SUBTRACT(LOAD(at), largest), factor)));
        }
        for (size_t k = columns; i + OKNG_LINEAR_LANES == room && k < room; k++) row[k] = 0.0f;
        for (size_t k = 0; k < EACH; k++) sum[k] = ADD(sum[k], LOAD(row + i + k * LANES));
    }
    for (size_t k = 0; k < EACH; k++) STORE(lanes + k * LANES, sum[k]);
    const float total = total_of(lanes);
    const VECTOR share = SET(1.0f / total);
    for (size_t i = 0; i < room; i += LANES) STORE(row + i, MULTIPLY(LOAD(row + i), share));
    return total;
}

static void softmax(float *row, size_t columns, float scale)
{
    (void)weigh_row(row, columns, scale, largest_of(row, columns));
}

#include "kernels/linear_back.h"

TABLE = {LINEAR_NAME, PANEL, multiply, multiply_gathered, finish, sums, softmax, multiply_turned, weigh, weigh_back};

#endif
