/* The reference of marking large products; also what runs where no variant does it. */
#include <math.h>

#include "kernels/variants.h"

enum { LANES = OKNG_KERNELS_LANES };

static uint16_t marks_of(const float *row, size_t inner, const float *panel, const float *starts, float least)
{
    float sums[LANES];
    for (size_t i = 0; i < LANES; i++) sums[i] = starts[i];
    for (size_t k = 0; k < inner; k++)
        for (size_t i = 0; i < LANES; i++) sums[i] = fmaf(row[k], panel[k * LANES + i], sums[i]);
    unsigned marks = 0;
    for (size_t i = 0; i < LANES; i++) marks |= (unsigned)!(sums[i] < least) << i;
    return (uint16_t)marks;
}

void okng_mark_products_c(const okng_marking *m)
{
    for (size_t r = 0; r < m->count; r++)
        for (size_t p = 0; p < m->panel_count; p++)
            m->marks[r * m->panel_count + p] = marks_of(
                m->rows + r * m->inner, m->inner, m->panels + p * m->inner * LANES, m->starts + p * LANES, m->least[r]);
}
