/* The variants that a build may hold; kernels.c chooses between them. Each file defines its table only when compiled
 * for its instruction set. */
#ifndef OKNG_KERNELS_VARIANTS_H
#define OKNG_KERNELS_VARIANTS_H

#include "kernels/kernels.h"
#include "kernels/screen.h"

#define OKNG_KERNELS_DECLARE(variant)                                                                            \
    float okng_l2_squared_##variant(const float *a, const float *b, size_t dim);                                 \
    void okng_l2_squared_block_##variant(const float *queries, size_t query_count, const float *rows,            \
                                         size_t row_count, size_t dim, float *out, size_t out_stride);           \
    void okng_project_##variant(const float *rows, size_t count, size_t dim, const float *matrix, size_t stride, \
                                size_t columns, float *out);                                                     \
    void okng_resample_rgb_##variant(const okng_resample_axis *axis, const uint8_t *from, size_t from_pixels,    \
                                     uint8_t *to, size_t to_pixels);                                             \
    void okng_resample_rows_##variant(const int32_t *weights, size_t count, const uint8_t *from, size_t stride,  \
                                      size_t size, uint8_t *to)

OKNG_KERNELS_DECLARE(c);
OKNG_KERNELS_DECLARE(avx2);
OKNG_KERNELS_DECLARE(avx512);
OKNG_KERNELS_DECLARE(neon);

extern const okng_screen okng_screen_avx2, okng_screen_avx512vnni, okng_screen_neon;

/* The last rows of a block are fewer than a tile holds: the tile then reads the last row more than once. */
static inline size_t okng_kernels_clamp(size_t index, size_t count)
{
    return index < count ? index : count - 1;
}

/* How many outputs, from the first on, may read OKNG_RESAMPLE_STEP pixels at a time and `spare` bytes more without
 * going past the end of the row. */
static inline size_t okng_resample_inside(const okng_resample_axis *axis, size_t from_pixels, size_t to_pixels,
                                          size_t spare)
{
    size_t inside = to_pixels, over = (OKNG_RESAMPLE_STEP - 1) * 3 + spare;
    while (inside > 0 && (size_t)(axis->first[inside - 1] + axis->count[inside - 1]) * 3 + over > from_pixels * 3)
        inside--;
    return inside;
}

/* The outputs from `begin` on. */
static inline okng_resample_axis okng_resample_rest(const okng_resample_axis *axis, size_t begin)
{
    return (okng_resample_axis){axis->taps, axis->first + begin, axis->count + begin,
                                axis->weights + begin * (size_t)axis->taps};
}

#endif
