#include "kernels/variants.h"

#if defined(__AVX512F__)
#include <immintrin.h>

enum { WIDTH = 8, VECTORS = OKNG_KERNELS_LANES / WIDTH, ROWS = OKNG_OUTER_ROWS };

/* Four rows of the sums by 16 columns. */
static void tile(const double *rows, size_t count, size_t stride, size_t i, size_t j, double *sums)
{
    __m512d sum[ROWS][VECTORS];
    for (size_t a = 0; a < ROWS; a++)
        for (size_t v = 0; v < VECTORS; v++) sum[a][v] = _mm512_loadu_pd(sums + (i + a) * stride + j + v * WIDTH);
    for (size_t r = 0; r < count; r++, rows += stride) {
        __m512d right[VECTORS];
        for (size_t v = 0; v < VECTORS; v++) right[v] = _mm512_loadu_pd(rows + j + v * WIDTH);
        for (size_t a = 0; a < ROWS; a++) {
            __m512d left = _mm512_set1_pd(rows[i + a]);
            for (size_t v = 0; v < VECTORS; v++) sum[a][v] = _mm512_fmadd_pd(left, right[v], sum[a][v]);
        }
    }
    for (size_t a = 0; a < ROWS; a++)
        for (size_t v = 0; v < VECTORS; v++) _mm512_storeu_pd(sums + (i + a) * stride + j + v * WIDTH, sum[a][v]);
}

void okng_add_outer_avx512(const double *rows, size_t count, size_t stride, double *sums)
{
    for (size_t i = 0; i < stride; i += ROWS)
        for (size_t j = i - i % OKNG_KERNELS_LANES; j < stride; j += OKNG_KERNELS_LANES)
            tile(rows, count, stride, i, j, sums);
}

#endif
