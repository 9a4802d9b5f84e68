#include "kernels/variants.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

enum { WIDTH = 4, VECTORS = 2, ROWS = OKNG_OUTER_ROWS };

/* Four rows of the sums by 8 columns. */
static void tile(const double *rows, size_t count, size_t stride, size_t i, size_t j, double *sums)
{
    __m256d sum[ROWS][VECTORS];
    for (size_t a = 0; a < ROWS; a++)
        for (size_t v = 0; v < VECTORS; v++) sum[a][v] = _mm256_loadu_pd(sums + (i + a) * stride + j + v * WIDTH);
    for (size_t r = 0; r < count; r++, rows += stride) {
        __m256d right[VECTORS];
        for (size_t v = 0; v < VECTORS; v++) right[v] = _mm256_loadu_pd(rows + j + v * WIDTH);
        for (size_t a = 0; a < ROWS; a++) {
            __m256d left = _mm256_broadcast_sd(rows + i + a);
            for (size_t v = 0; v < VECTORS; v++) sum[a][v] = _mm256_fmadd_pd(left, right[v], sum[a][v]);
        }
    }
    for (size_t a = 0; a < ROWS; a++)
        for (size_t v = 0; v < VECTORS; v++) _mm256_storeu_pd(sums + (i + a) * stride + j + v * WIDTH, sum[a][v]);
}

void okng_add_outer_avx2(const double *rows, size_t count, size_t stride, double *sums)
{
    for (size_t i = 0; i < stride; i += ROWS)
        for (size_t j = i - i % OKNG_KERNELS_LANES; j < stride; j += VECTORS * WIDTH)
            tile(rows, count, stride, i, j, sums);
}

#endif
