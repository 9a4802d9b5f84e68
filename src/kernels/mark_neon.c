#include "kernels/variants.h"

#if defined(__aarch64__)
#include <arm_neon.h>

enum { LANES = OKNG_KERNELS_LANES, WIDTH = 4, VECTORS = LANES / WIDTH, ROWS = 4 };

/* Bit i is 1 unless sums[i] is less than `least`. */
static unsigned marks_of(const float32x4_t sums[VECTORS], float least)
{
    const uint32x4_t bits = {1, 2, 4, 8};
    unsigned marks = 0;
    for (int v = 0; v < VECTORS; v++) {
        uint32x4_t large = vmvnq_u32(vcltq_f32(sums[v], vdupq_n_f32(least)));
        marks |= vaddvq_u32(vandq_u32(large, bits)) << v * WIDTH;
    }
    return marks;
}

/* Four rows by one panel; only `valid` of the rows are marked. */
static void tile(const okng_marking *m, size_t first, size_t valid, size_t p)
{
    const float *row[ROWS], *panel = m->panels + p * m->inner * LANES;
    float32x4_t sums[ROWS][VECTORS];
    for (size_t r = 0; r < ROWS; r++) {
        row[r] = m->rows + okng_kernels_clamp(first + r, m->count) * m->inner;
        for (size_t v = 0; v < VECTORS; v++) sums[r][v] = vld1q_f32(m->starts + p * LANES + v * WIDTH);
    }
    for (size_t k = 0; k < m->inner; k++, panel += LANES)
        for (size_t v = 0; v < VECTORS; v++) {
            float32x4_t column = vld1q_f32(panel + v * WIDTH);
            for (size_t r = 0; r < ROWS; r++) sums[r][v] = vfmaq_n_f32(sums[r][v], column, row[r][k]);
        }
    for (size_t r = 0; r < valid; r++)
        m->marks[(first + r) * m->panel_count + p] = (uint16_t)marks_of(sums[r], m->least[first + r]);
}

void okng_mark_products_neon(const okng_marking *m)
{
    for (size_t r = 0; r < m->count; r += ROWS)
        for (size_t p = 0; p < m->panel_count; p++) tile(m, r, m->count - r < ROWS ? m->count - r : ROWS, p);
}

#endif
