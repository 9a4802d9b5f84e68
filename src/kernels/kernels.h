/* Kernels with one variant per instruction set. Every variant gives the same bits: the sum of squared differences is
 * defined as 16 partial sums (element i goes to sum i mod 16, each step one fused multiply-add), then added as a tree
 * of halves (8 apart, 4, 2, 1); a product of matrices is one chain of fused multiply-adds per element, in order. A NaN
 * result is the positive quiet NaN, so that results compare as bits. */
#ifndef OKNG_KERNELS_KERNELS_H
#define OKNG_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OKNG_KERNELS_LANES = 16, OKNG_OUTER_ROWS = 4 };

/* Along one axis of a picture: output i is the sum over k < count[i] of weights[i * taps + k] * input[first[i] + k], in
 * fixed point with OKNG_RESAMPLE_BITS bits after the point, rounded and cut to 0..255. From count[i] on the weights up
 * to the next multiple of OKNG_RESAMPLE_STEP, of which `taps` is one, are 0. Neither first[i] nor first[i] + count[i]
 * falls as i rises. */
enum { OKNG_RESAMPLE_BITS = 32 - 8 - 2, OKNG_RESAMPLE_STEP = 4 };
typedef struct okng_resample_axis {
    int32_t taps;
    int32_t *first, *count, *weights;
} okng_resample_axis;

/* Which products are large. Bit i of marks[r * panel_count + p] is 1 unless starts[p * 16 + i] + rows[r] * column i of
 * panel p, one chain of fused multiply-adds, is less than least[r]; so it is 1 where that is NaN. */
typedef struct okng_marking {
    const float *rows; /* [count, inner] */
    size_t count, inner;
    const float *panels; /* [panel_count, inner, OKNG_KERNELS_LANES]: vectors side by side */
    const float *starts; /* [panel_count, OKNG_KERNELS_LANES] */
    size_t panel_count;
    const float *least; /* [count] */
    uint16_t *marks;    /* [count, panel_count] */
} okng_marking;

typedef enum okng_cpu { OKNG_CPU_C = 0, OKNG_CPU_AVX2, OKNG_CPU_AVX512, OKNG_CPU_NEON } okng_cpu;

typedef struct okng_kernels {
    const char *name; /* "c", "avx2", "avx512", "neon" */
    /* |a - b|^2 of float32 [dim]. */
    float (*l2_squared)(const float *a, const float *b, size_t dim);
    /* out[q * out_stride + r] = |queries[q] - rows[r]|^2; queries [query_count, dim], rows [row_count, dim], unaligned.
     */
    void (*l2_squared_block)(const float *queries, size_t query_count, const float *rows, size_t row_count, size_t dim,
                             float *out, size_t out_stride);
    /* out [count, columns] = rows [count, dim] * matrix [dim, columns]. A row of the matrix takes `stride` floats, a
     * multiple of OKNG_KERNELS_LANES that is at least `columns`; what lies between is read but not used. */
    void (*project)(const float *rows, size_t count, size_t dim, const float *matrix, size_t stride, size_t columns,
                    float *out);
    /* One row of RGB pixels, 8 bits a sample: from [from_pixels, 3] to [to_pixels, 3]. */
    void (*resample_rgb)(const okng_resample_axis *axis, const uint8_t *from, size_t from_pixels, uint8_t *to,
                         size_t to_pixels);
    /* to [size] = `count` rows of `size` samples that are `stride` bytes apart, weighted likewise. */
    void (*resample_rows)(const int32_t *weights, size_t count, const uint8_t *from, size_t stride, size_t size,
                          uint8_t *to);
    /* sums [stride, stride], on and above the diagonal (below it, within tiles, what symmetry says): the outer product
     * of each of the `count` rows [count, stride] is added in order. stride: a multiple of OKNG_KERNELS_LANES. The rows
     * hold float32 values, whose products are exact in double, so fusing multiplication and addition changes nothing.
     */
    void (*add_outer)(const double *rows, size_t count, size_t stride, double *sums);
    void (*mark_products)(const okng_marking *marking);
    /* out[i] [count] = weights[0] taps[radius][i] + weights[radius] (taps[0][i] + taps[2 radius][i]) + ... + weights[1]
     * (taps[radius - 1][i] + taps[radius + 1][i]), in this order, each product and sum rounded by itself. */
    void (*weigh_pairs)(const double *const *taps, const double *weights, size_t radius, float *out, size_t count);
} okng_kernels;

/* The best variant that this CPU has; nothing is chosen by asking. */
const okng_kernels *okng_kernels_native(void);
/* The one in use: the best for this CPU, or the forced one; chosen once. */
const okng_kernels *okng_kernels_get(void);
/* Makes okng_kernels_get give this variant. False when this build or this CPU lacks it, or another is in use already.
 */
bool okng_kernels_force(okng_cpu cpu);
/* The name of the variant that was forced; NULL when none was. */
const char *okng_kernels_forced(void);
/* A given variant, NULL when this build or this CPU does not have it. */
const okng_kernels *okng_kernels_variant(okng_cpu cpu);

#endif
