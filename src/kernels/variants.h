/* The variants that a build may hold; kernels.c chooses between them. Each file defines its table only when compiled
 * for its instruction set. */
#ifndef OKNG_KERNELS_VARIANTS_H
#define OKNG_KERNELS_VARIANTS_H

#include "kernels/kernels.h"
#include "kernels/linear.h"
#include "kernels/screen.h"
#include "kernels/winograd.h"

#define OKNG_KERNELS_DECLARE(variant)                                                                            \
    float okng_l2_squared_##variant(const float *a, const float *b, size_t dim);                                 \
    void okng_l2_squared_block_##variant(const float *queries, size_t query_count, const float *rows,            \
                                         size_t row_count, size_t dim, float *out, size_t out_stride);           \
    void okng_project_##variant(const float *rows, size_t count, size_t dim, const float *matrix, size_t stride, \
                                size_t columns, float *out);                                                     \
    void okng_resample_rgb_##variant(const okng_resample_axis *axis, const uint8_t *from, size_t from_pixels,    \
                                     uint8_t *to, size_t to_pixels);                                             \
    void okng_resample_rows_##variant(const int32_t *weights, size_t count, const uint8_t *from, size_t stride,  \
                                      size_t size, uint8_t *to);                                                 \
    void okng_add_outer_##variant(const double *rows, size_t count, size_t stride, double *sums);                \
    void okng_mark_products_##variant(const okng_marking *marking);                                              \
    void okng_weigh_pairs_##variant(const double *const *taps, const double *weights, size_t radius, float *out, \
                                    size_t count)

OKNG_KERNELS_DECLARE(c);
OKNG_KERNELS_DECLARE(avx2);
OKNG_KERNELS_DECLARE(avx512);
OKNG_KERNELS_DECLARE(neon);

extern const okng_screen okng_screen_avx2, okng_screen_avx512vnni, okng_screen_neon;
extern const okng_linear okng_linear_c, okng_linear_avx2, okng_linear_avx512;
extern const okng_winograd okng_winograd_avx2, okng_winograd_avx512;

/* The last rows of a block are fewer than a tile holds: the tile then reads the last row more than once. */
static inline size_t okng_kernels_clamp(size_t index, size_t count)
{
    return index < count ? index : count - 1;
}

/* One output pixel; reads OKNG_RESAMPLE_STEP pixels at a time, and may read some bytes past the last step. */
typedef void (*okng_resample_pixel)(const int32_t *weights, int32_t count, const uint8_t *in, uint8_t *to);

/* A variant's resample_rgb made of its `pixel`, which reads `spare` bytes past the last step: the outputs at the end,
 * for which that would leave the row, come from the reference. */
static inline __attribute__((always_inline)) void okng_resample_row(const okng_resample_axis *axis, const uint8_t *from,
                                                                    size_t from_pixels, uint8_t *to, size_t to_pixels,
                                                                    okng_resample_pixel pixel, size_t spare)
{
    size_t inside = to_pixels, taps = (size_t)axis->taps, over = (OKNG_RESAMPLE_STEP - 1) * 3 + spare;
    while (inside > 0 && (size_t)(axis->first[inside - 1] + axis->count[inside - 1]) * 3 + over > from_pixels * 3)
        inside--;
    for (size_t x = 0; x < inside; x++)
        pixel(axis->weights + x * taps, axis->count[x], from + (size_t)axis->first[x] * 3, to + x * 3);
    okng_resample_axis rest = {axis->taps, axis->first + inside, axis->count + inside, axis->weights + inside * taps};
    okng_resample_rgb_c(&rest, from, from_pixels, to + inside * 3, to_pixels - inside);
}

#endif
