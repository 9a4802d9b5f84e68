#include "kernels/variants.h"

#if defined(__aarch64__)
#include <arm_neon.h>

enum { WIDTH = 2, VECTORS = 4, ROWS = OKNG_OUTER_ROWS };

/* Four rows of the sums by 8 columns. */
static void tile(const double *rows, size_t count, size_t stride, size_t i, size_t j, double *sums)
{
    float64x2_t sum[ROWS][VECTORS];
    for (size_t a = 0; a < ROWS; a++)
        for (size_t v = 0; v < VECTORS; v++) sum[a][v] = vld1q_f64(sums + (i + a) * stride + j + v * WIDTH);
    for (size_t r = 0; r < count; r++, rows += stride) {
        float64x2_t right[VECTORS];
        for (size_t v = 0; v < VECTORS; v++) right[v] = vld1q_f64(rows + j + v * WIDTH);
        for (size_t a = 0; a < ROWS; a++)
            for (size_t v = 0; v < VECTORS; v++) sum[a][v] = vfmaq_n_f64(sum[a][v], right[v], rows[i + a]);
    }
    for (size_t a = 0; a < ROWS; a++)
        for (size_t v = 0; v < VECTORS; v++) vst1q_f64(sums + (i + a) * stride + j + v * WIDTH, sum[a][v]);
}

void okng_add_outer_neon(const double *rows, size_t count, size_t stride, double *sums)
{
    for (size_t i = 0; i < stride; i += ROWS)
        for (size_t j = i - i % OKNG_KERNELS_LANES; j < stride; j += VECTORS * WIDTH)
            tile(rows, count, stride, i, j, sums);
}

#endif
