#include "kernels/variants.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

enum { LANES = OKNG_KERNELS_LANES, HALF = LANES / 2, ROWS = 6 };

/* Six rows by 16 columns, of which `width` are stored, for `valid` of the rows. */
static void tile(const float *const *row, size_t valid, size_t dim, const float *matrix, size_t stride, size_t width,
                 float *out, size_t columns)
{
    __m256 low[ROWS], high[ROWS];
    for (int r = 0; r < ROWS; r++) low[r] = high[r] = _mm256_setzero_ps();
    for (size_t d = 0; d < dim; d++) {
        __m256 left = _mm256_loadu_ps(matrix + d * stride), right = _mm256_loadu_ps(matrix + d * stride + HALF);
        for (int r = 0; r < ROWS; r++) {
            __m256 value = _mm256_broadcast_ss(row[r] + d);
            low[r] = _mm256_fmadd_ps(value, left, low[r]);
            high[r] = _mm256_fmadd_ps(value, right, high[r]);
        }
    }
    const __m256 nan = _mm256_set1_ps(NAN);
    for (size_t r = 0; r < valid; r++) {
        float sums[LANES];
        _mm256_storeu_ps(sums, _mm256_blendv_ps(low[r], nan, _mm256_cmp_ps(low[r], low[r], _CMP_UNORD_Q)));
        _mm256_storeu_ps(sums + HALF, _mm256_blendv_ps(high[r], nan, _mm256_cmp_ps(high[r], high[r], _CMP_UNORD_Q)));
        memcpy(out + r * columns, sums, width * sizeof *sums);
    }
}

void okng_project_avx2(const float *rows, size_t count, size_t dim, const float *matrix, size_t stride, size_t columns,
                       float *out)
{
    const float *row[ROWS];
    for (size_t r = 0; r < count; r += ROWS) {
        for (size_t j = 0; j < ROWS; j++) row[j] = rows + okng_kernels_clamp(r + j, count) * dim;
        size_t valid = count - r < ROWS ? count - r : ROWS;
        for (size_t c = 0; c < columns; c += LANES)
            tile(row, valid, dim, matrix + c, stride, columns - c < LANES ? columns - c : LANES, out + r * columns + c,
                 columns);
    }
}

#endif
