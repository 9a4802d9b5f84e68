/* The variants that a build may hold; kernels.c chooses between them. Each file defines its table only when compiled
 * for its instruction set. */
#ifndef OKNG_KERNELS_VARIANTS_H
#define OKNG_KERNELS_VARIANTS_H

#include "kernels/kernels.h"

#define OKNG_KERNELS_DECLARE(variant)                                                                            \
    float okng_l2_squared_##variant(const float *a, const float *b, size_t dim);                                 \
    void okng_l2_squared_block_##variant(const float *queries, size_t query_count, const float *rows,            \
                                         size_t row_count, size_t dim, float *out, size_t out_stride);           \
    void okng_project_##variant(const float *rows, size_t count, size_t dim, const float *matrix, size_t stride, \
                                size_t columns, float *out)

OKNG_KERNELS_DECLARE(c);
OKNG_KERNELS_DECLARE(avx2);
OKNG_KERNELS_DECLARE(avx512);
OKNG_KERNELS_DECLARE(neon);

/* The last rows of a block are fewer than a tile holds: the tile then reads the last row more than once. */
static inline size_t okng_kernels_clamp(size_t index, size_t count)
{
    return index < count ? index : count - 1;
}

#endif
