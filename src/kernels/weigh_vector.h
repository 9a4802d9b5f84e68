/* weigh_pairs over vectors of WEIGH_BYTES: the same text for every instruction set. Products and sums are rounded one
 * by one (no variant is compiled with contraction), so all give the same bits. */
#ifndef OKNG_KERNELS_WEIGH_VECTOR_H
#define OKNG_KERNELS_WEIGH_VECTOR_H

#include <stddef.h>

enum { WEIGH_LANES = WEIGH_BYTES / 8, WEIGH_VECTORS = 4, WEIGH_WIDTH = WEIGH_LANES * WEIGH_VECTORS };
typedef double weigh_doubles __attribute__((vector_size(WEIGH_BYTES), aligned(8), may_alias));
typedef float weigh_floats __attribute__((vector_size(WEIGH_BYTES / 2), aligned(4), may_alias));

static inline weigh_doubles weigh_load(const double *from, int vector)
{
    return *(const weigh_doubles *)(from + vector * WEIGH_LANES);
}

static inline void weigh_pairs(const double *const *taps, const double *weights, size_t radius, float *out,
                               size_t count)
{
    const double *centre = taps[radius];
    size_t i = 0;
    for (; i + WEIGH_WIDTH <= count; i += WEIGH_WIDTH) {
        weigh_doubles sums[WEIGH_VECTORS];
        for (int v = 0; v < WEIGH_VECTORS; v++) sums[v] = weigh_load(centre + i, v) * weights[0];
        for (size_t k = 0; k < radius; k++) {
            const double *left = taps[k] + i, *right = taps[2 * radius - k] + i, weight = weights[radius - k];
            for (int v = 0; v < WEIGH_VECTORS; v++) sums[v] += (weigh_load(left, v) + weigh_load(right, v)) * weight;
        }
        for (int v = 0; v < WEIGH_VECTORS; v++)
            *(weigh_floats *)(out + i + v * WEIGH_LANES) = __builtin_convertvector(sums[v], weigh_floats);
    }
    for (; i < count; i++) {
        double sum = centre[i] * weights[0];
        for (size_t k = 0; k < radius; k++) sum += (taps[k][i] + taps[2 * radius - k][i]) * weights[radius - k];
        out[i] = (float)sum;
    }
}

#endif
