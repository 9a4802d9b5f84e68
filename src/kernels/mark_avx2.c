#include "kernels/variants.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

enum { LANES = OKNG_KERNELS_LANES, HALF = LANES / 2, ROWS = 6 };

/* Six rows by one panel; only `valid` of the rows are marked. */
static void tile(const okng_marking *m, size_t first, size_t valid, size_t p)
{
    const float *row[ROWS], *panel = m->panels + p * m->inner * LANES;
    __m256 low[ROWS], high[ROWS];
    for (size_t r = 0; r < ROWS; r++) {
        row[r] = m->rows + okng_kernels_clamp(first + r, m->count) * m->inner;
        low[r] = _mm256_loadu_ps(m->starts + p * LANES);
        high[r] = _mm256_loadu_ps(m->starts + p * LANES + HALF);
    }
    for (size_t k = 0; k < m->inner; k++, panel += LANES) {
        __m256 left = _mm256_loadu_ps(panel), right = _mm256_loadu_ps(panel + HALF);
        for (size_t r = 0; r < ROWS; r++) {
            __m256 value = _mm256_broadcast_ss(row[r] + k);
            low[r] = _mm256_fmadd_ps(value, left, low[r]);
            high[r] = _mm256_fmadd_ps(value, right, high[r]);
        }
    }
    for (size_t r = 0; r < valid; r++) {
        __m256 least = _mm256_broadcast_ss(m->least + first + r);
        int marks = _mm256_movemask_ps(_mm256_cmp_ps(low[r], least, _CMP_NLT_UQ)) |
                    _mm256_movemask_ps(_mm256_cmp_ps(high[r], least, _CMP_NLT_UQ)) << HALF;
        m->marks[(first + r) * m->panel_count + p] = (uint16_t)marks;
    }
}

void okng_mark_products_avx2(const okng_marking *m)
{
    for (size_t r = 0; r < m->count; r += ROWS)
        for (size_t p = 0; p < m->panel_count; p++) tile(m, r, m->count - r < ROWS ? m->count - r : ROWS, p);
}

#endif
