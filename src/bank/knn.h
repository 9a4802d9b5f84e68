/* Exact nearest neighbours in float32. */
#ifndef OKNG_BANK_KNN_H
#define OKNG_BANK_KNN_H

#include "base/error.h"

/* Borrowed rows and, where leave-one-out needs it, the picture that each row came from. */
typedef struct okng_rows {
    const float *data; /* [count, dim] */
    int64_t count, dim;
    const int32_t *origin; /* [count] or NULL; -1 = of no single picture */
} okng_rows;

/* The k nearest rows for each query, nearest first, ties to the lower index. squared [query_count, k]: squared
 * distances; index [query_count, k]. Rows whose origin is `excluded` (>= 0) are passed over; with fewer than k rows
 * left, the rest is +infinity and -1. A NaN distance counts as +infinity. Errors: ARGUMENT when k < 1 or k > count,
 * MEMORY. */
okng_status okng_knn_search(const okng_rows *rows, const float *queries, int64_t query_count, int32_t k,
                            int32_t excluded, int threads, float *squared, int64_t *index, okng_error *error);

#endif
