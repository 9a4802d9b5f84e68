/* The reference of the product with a projection's matrix. */
#include <math.h>

#include "kernels/variants.h"

void okng_project_c(const float *rows, size_t count, size_t dim, const float *matrix, size_t stride, size_t columns,
                    float *out)
{
    for (size_t r = 0; r < count; r++)
        for (size_t c = 0; c < columns; c++) {
            float sum = 0;
            for (size_t i = 0; i < dim; i++) sum = fmaf(rows[r * dim + i], matrix[i * stride + c], sum);
            out[r * columns + c] = isnan(sum) ? NAN : sum;
        }
}
