/* Winograd's transforms along one axis, a part of winograd_vector.h; what the points are, winograd.h says.
 *
 * With pairs of points a, -a and b, -b they fall apart into even and odd halves. Pixels to points, B^T: for p and -p of
 * four inputs x3 - q x1 and p (x2 - q x0), q the other pair's square. Points to pixels, A^T: row k holds p^k, and
 * infinity goes to the last row alone. A short side lacks b and -b; its B^T is that of its own points times what the
 * weights lack there: a^2 - b^2 at +-a, -b^2 at 0. */
#ifndef OKNG_KERNELS_WINOGRAD_AXIS_H
#define OKNG_KERNELS_WINOGRAD_AXIS_H

/* out = even + p odd, even - p odd */
INLINE void pair(VECTOR even, VECTOR odd, float p, VECTOR out[2])
{
    out[0] = FMA(SET(p), odd, even);
    out[1] = FMA(SET(-p), odd, even);
}

/* ---- stride 1: 0, a, -a, infinity, b, -b ---- */

#define A 0.625f
#define B 1.5f
#define A2 (A * A)
#define B2 (B * B)

INLINE void dense_points(const VECTOR *d, VECTOR *out, bool is_short)
{
    if (is_short) {
        out[0] = FMA(SET(-B2), d[2], MULTIPLY(SET(A2 * B2), d[0]));
        pair(MULTIPLY(SET(A2 - B2), d[2]), MULTIPLY(SET(A2 - B2), d[1]), A, out + 1);
        out[3] = FMA(SET(-A2), d[1], d[3]);
        return;
    }
    const VECTOR sum = SET(-(A2 + B2)), product = SET(A2 * B2);
    out[0] = FMA(product, d[0], FMA(sum, d[2], d[4]));
    pair(FMA(SET(-B2), d[2], d[4]), FMA(SET(-B2), d[1], d[3]), A, out + 1);
    out[3] = FMA(product, d[1], FMA(sum, d[3], d[5]));
    pair(FMA(SET(-A2), d[2], d[4]), FMA(SET(-A2), d[1], d[3]), B, out + 4);
}

INLINE void dense_pixels(const VECTOR *m, VECTOR *out, bool is_short)
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

/* ---- stride 2: pixels 0 and 1 as they are; a, -a, infinity; pixels 2 and 3; b, -b ---- */

#define C 0.5f
#define D 1.25f
#define C2 (C * C)
#define D2 (D * D)

/* Pixels 1, 3, 5, 7 of the window are the middles of the taps, 0, 2, ... their ends. */
INLINE void strided_points(const VECTOR *d, VECTOR *out, bool is_short)
{
    out[0] = d[1];
    out[1] = d[3];
    if (is_short) {
        pair(MULTIPLY(SET(C2 - D2), d[2]), MULTIPLY(SET(C2 - D2), d[0]), C, out + 2);
        out[4] = FMA(SET(-C2), d[0], d[4]);
        return;
    }
    pair(FMA(SET(-D2), d[2], d[6]), FMA(SET(-D2), d[0], d[4]), C, out + 2);
    out[4] = FMA(SET(C2 * D2), d[0], FMA(SET(-(C2 + D2)), d[4], d[8]));
    out[5] = d[5];
    out[6] = d[7];
    pair(FMA(SET(-C2), d[2], d[6]), FMA(SET(-C2), d[0], d[4]), D, out + 7);
}

INLINE void strided_pixels(const VECTOR *m, VECTOR *out, bool is_short)
{
    const VECTOR c_even = ADD(m[2], m[3]), c_odd = SUBTRACT(m[2], m[3]);
    if (is_short) {
        out[0] = ADD(m[0], c_even);
        out[1] = ADD(m[1], FMA(SET(C), c_odd, m[4]));
        return;
    }
    const VECTOR d_even = ADD(m[7], m[8]), d_odd = SUBTRACT(m[7], m[8]);
    out[0] = ADD(m[0], ADD(c_even, d_even));
    out[1] = FMA(SET(D), d_odd, FMA(SET(C), c_odd, m[1]));
    out[2] = FMA(SET(D2), d_even, FMA(SET(C2), c_even, m[5]));
    out[3] = FMA(SET(D2 * D), d_odd, FMA(SET(C2 * C), c_odd, ADD(m[4], m[6])));
}

/* ---- the taps at the points, in double: each point's powers, divided by its differences to the other finite ones ----
 */

#define EACH_A (1.0 / (2.0 * A2 * (A2 - B2)))
#define EACH_B (1.0 / (2.0 * B2 * (B2 - A2)))
#define EACH_C (1.0 / (2.0 * C * (C2 - D2)))
#define EACH_D (1.0 / (2.0 * D * (D2 - C2)))

enum { TAPS = 3 };

/* [strided][weights, see weights_of in winograd_map.c][tap] */
static const double powers[2][OKNG_WINOGRAD_WEIGHTS][TAPS] = {
    {
        {1.0 / (A2 * B2), 0.0, 0.0}, /* 0 */
        {EACH_A, (A) * (EACH_A), (A2) * (EACH_A)},
        {EACH_A, (-A) * (EACH_A), (A2) * (EACH_A)},
        {0.0, 0.0, 1.0}, /* infinity */
        {EACH_B, (B) * (EACH_B), (B2) * (EACH_B)},
        {EACH_B, (-B) * (EACH_B), (B2) * (EACH_B)},
    },
    {
        {0.0, 1.0, 0.0}, /* pixels */
        {EACH_C, 0.0, (C) * (EACH_C)},
        {-(EACH_C), 0.0, (C) * (EACH_C)},
        {0.0, 0.0, 1.0}, /* infinity */
        {EACH_D, 0.0, (D) * (EACH_D)},
        {-(EACH_D), 0.0, (D) * (EACH_D)},
    },
};

#undef A
#undef B
#undef C
#undef D

#endif
