/* Sums over the patch vectors of one picture, in float64. */
#ifndef OKNG_PATCH_MOMENTS_H
#define OKNG_PATCH_MOMENTS_H

#include <stddef.h>
#include <stdint.h>

/* Where the sums of okng_patch_products lie. */
typedef struct okng_products {
    size_t dim, stride;
    const double *values; /* [stride, stride]: entry (i, j), i <= j < dim: sum of rows[.][i] * rows[.][j]; entry (i,
                             dim): sum of rows[.][i]; what lies elsewhere has no meaning */
} okng_products;

/* Bytes of working memory for `count` rows. */
uint64_t okng_products_bytes(int64_t count, int64_t dim);
/* rows: float32 [count, dim]. work: okng_products_bytes of it, aligned to a double; the result points into it. Each sum
 * is taken in the order of the rows; the bits are the same on every CPU. */
okng_products okng_products_of(const float *rows, int64_t count, int64_t dim, double *work);

#endif
