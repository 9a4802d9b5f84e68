/* Exact nearest neighbours among rows that come part by part, so that not all of them need be in memory. */
#ifndef OKNG_BANK_KNN_PARTS_H
#define OKNG_BANK_KNN_PARTS_H

#include "bank/knn.h"
#include "base/progress.h"

typedef struct okng_row_source {
    int64_t count, dim;
    /* The next `count` rows of them all, [count, dim]. */
    okng_status (*next)(void *context, int64_t count, float *rows, okng_error *error);
    void *context;
} okng_row_source;

/* Rows that a part may have so that it, what is prepared of it and the neighbours found take at most `limit` bytes.
 * LIMIT (max-memory), saying how much is needed, where that is none worth the reading. */
okng_status okng_knn_part(int64_t *rows, const okng_row_source *source, int64_t query_count, int32_t k, uint64_t limit,
                          okng_error *error);

/* As okng_knn_search, of `part` (>= 1) rows at a time; the ticker, which may be NULL, counts rows. Errors: those of
 * `next`, ARGUMENT, MEMORY, CANCELLED. */
okng_status okng_knn_search_parts(const okng_row_source *source, int64_t part, const float *queries,
                                  int64_t query_count, int32_t k, int threads, okng_ticker *ticker, float *squared,
                                  int64_t *index, okng_error *error);

#endif
