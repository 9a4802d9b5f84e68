/* The reference of the sum of outer products. */
#include "kernels/variants.h"

void okng_add_outer_c(const double *rows, size_t count, size_t stride, double *sums)
{
    for (size_t i = 0; i < stride; i += OKNG_OUTER_ROWS)
        for (size_t j = i - i % OKNG_KERNELS_LANES; j < stride; j += OKNG_KERNELS_LANES)
            for (size_t a = i; a < i + OKNG_OUTER_ROWS; a++)
                for (size_t b = j; b < j + OKNG_KERNELS_LANES; b++) {
                    double sum = sums[a * stride + b];
                    for (size_t r = 0; r < count; r++) sum += rows[r * stride + a] * rows[r * stride + b];
                    sums[a * stride + b] = sum;
                }
}
