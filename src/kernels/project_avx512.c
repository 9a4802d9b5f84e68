#include "kernels/variants.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#include <math.h>

enum { LANES = OKNG_KERNELS_LANES, ROWS = 6, WIDE = 4 };

/* Six rows by `vectors` vectors of columns, the last of them cut by the mask; only `valid` of the rows are stored. */
static inline __attribute__((always_inline)) void tile(const float *const *row, size_t valid, size_t dim,
                                                       const float *matrix, size_t stride, int vectors, __mmask16 mask,
                                                       float *out, size_t columns)
{
    __m512 sums[ROWS][WIDE];
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < vectors; v++) sums[r][v] = _mm512_setzero_ps();
    for (size_t d = 0; d < dim; d++) {
        __m512 entry[WIDE];
        for (int v = 0; v < vectors; v++) entry[v] = _mm512_loadu_ps(matrix + d * stride + v * LANES);
        for (int r = 0; r < ROWS; r++) {
            __m512 value = _mm512_set1_ps(row[r][d]);
            for (int v = 0; v < vectors; v++) sums[r][v] = _mm512_fmadd_ps(value, entry[v], sums[r][v]);
        }
    }
    for (size_t r = 0; r < valid; r++)
        for (int v = 0; v < vectors; v++) {
            __m512 sum = sums[r][v];
            sum = _mm512_mask_mov_ps(sum, _mm512_cmp_ps_mask(sum, sum, _CMP_UNORD_Q), _mm512_set1_ps(NAN));
            _mm512_mask_storeu_ps(out + r * columns + (size_t)v * LANES, v == vectors - 1 ? mask : 0xffff, sum);
        }
}

void okng_project_avx512(const float *rows, size_t count, size_t dim, const float *matrix, size_t stride,
                         size_t columns, float *out)
{
    const float *row[ROWS];
    for (size_t r = 0; r < count; r += ROWS) {
        for (size_t j = 0; j < ROWS; j++) row[j] = rows + okng_kernels_clamp(r + j, count) * dim;
        size_t valid = count - r < ROWS ? count - r : ROWS, c = 0;
        for (; c + WIDE * LANES <= columns; c += WIDE * LANES)
            tile(row, valid, dim, matrix + c, stride, WIDE, 0xffff, out + r * columns + c, columns);
        for (; c < columns; c += LANES) {
            __mmask16 mask = (__mmask16)(columns - c >= LANES ? 0xffffu : (1u << (columns - c)) - 1);
            tile(row, valid, dim, matrix + c, stride, 1, mask, out + r * columns + c, columns);
        }
    }
}

#endif
