#include "patch/moments.h"

#include <string.h>

#include "kernels/kernels.h"

/* A row is padded to whole vectors, with a 1 behind its values: the outer product then holds the row itself in the
 * column of the 1. */
static size_t stride_of(int64_t dim)
{
    size_t lanes = OKNG_KERNELS_LANES;
    return ((size_t)dim + 1 + lanes - 1) / lanes * lanes;
}

uint64_t okng_products_bytes(int64_t count, int64_t dim)
{
    uint64_t stride = stride_of(dim);
    return (stride + (uint64_t)count) * stride * sizeof(double);
}

okng_products okng_products_of(const float *rows, int64_t count, int64_t dim, double *work)
{
    size_t n = (size_t)dim, stride = stride_of(dim);
    memset(work, 0, (size_t)okng_products_bytes(count, dim));
    double *sums = work, *padded = work + stride * stride;
    for (size_t r = 0; r < (size_t)count; r++) {
        for (size_t d = 0; d < n; d++) padded[r * stride + d] = (double)rows[r * n + d];
        padded[r * stride + n] = 1;
    }
    okng_kernels_get()->add_outer(padded, (size_t)count, stride, sums);
    return (okng_products){n, stride, sums};
}
