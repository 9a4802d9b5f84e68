#include "kernels/variants.h"

#if defined(__AVX512F__)
#include <immintrin.h>

enum { LANES = OKNG_KERNELS_LANES, ROWS = 12, PAIR = 2 };

/* Twelve rows by `panels` panels; only `valid` of the rows are marked. */
static inline __attribute__((always_inline)) void tile(const okng_marking *m, size_t first, size_t valid, size_t p,
                                                       size_t panels)
{
    const float *row[ROWS], *panel = m->panels + p * m->inner * LANES;
    __m512 sums[ROWS][PAIR];
    for (size_t r = 0; r < ROWS; r++) {
        row[r] = m->rows + okng_kernels_clamp(first + r, m->count) * m->inner;
        for (size_t j = 0; j < panels; j++) sums[r][j] = _mm512_loadu_ps(m->starts + (p + j) * LANES);
    }
    for (size_t k = 0; k < m->inner; k++) {
        __m512 column[PAIR];
        for (size_t j = 0; j < panels; j++) column[j] = _mm512_loadu_ps(panel + (j * m->inner + k) * LANES);
        for (size_t r = 0; r < ROWS; r++)
            for (size_t j = 0; j < panels; j++)
                sums[r][j] = _mm512_fmadd_ps(_mm512_set1_ps(row[r][k]), column[j], sums[r][j]);
    }
    for (size_t r = 0; r < valid; r++)
        for (size_t j = 0; j < panels; j++)
            m->marks[(first + r) * m->panel_count + p + j] =
                _mm512_cmp_ps_mask(sums[r][j], _mm512_set1_ps(m->least[first + r]), _CMP_NLT_UQ);
}

void okng_mark_products_avx512(const okng_marking *m)
{
    for (size_t r = 0; r < m->count; r += ROWS) {
        size_t valid = m->count - r < ROWS ? m->count - r : ROWS, p = 0;
        for (; p + PAIR <= m->panel_count; p += PAIR) tile(m, r, valid, p, PAIR);
        for (; p < m->panel_count; p++) tile(m, r, valid, p, 1);
    }
}

#endif
