/* The reference that the other variants must equal bit by bit; also what runs where there is none of them. */
#include <math.h>

#include "kernels/variants.h"

enum { LANES = OKNG_KERNELS_LANES };

float okng_l2_squared_c(const float *a, const float *b, size_t dim)
{
    float sums[LANES] = {0};
    for (size_t i = 0; i < dim; i++) {
        float difference = a[i] - b[i];
        sums[i % LANES] = fmaf(difference, difference, sums[i % LANES]);
    }
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++) sums[i] += sums[i + half];
    return isnan(sums[0]) ? NAN : sums[0];
}

void okng_l2_squared_block_c(const float *queries, size_t query_count, const float *rows, size_t row_count, size_t dim,
                             float *out, size_t out_stride)
{
    for (size_t q = 0; q < query_count; q++)
        for (size_t r = 0; r < row_count; r++)
            out[q * out_stride + r] = okng_l2_squared_c(queries + q * dim, rows + r * dim, dim);
}
