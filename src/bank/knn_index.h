/* Rows prepared for many searches: screened by cheap bounds first, so that few distances are measured. The results are
 * those of okng_knn_search, bit by bit. */
#ifndef OKNG_BANK_KNN_INDEX_H
#define OKNG_BANK_KNN_INDEX_H

#include "bank/knn.h"

/* Immutable; may be shared by threads. */
typedef struct okng_knn_index okng_knn_index;

/* What will be asked of an index decides what is worth preparing. */
typedef enum okng_knn_effort {
    OKNG_KNN_FEW, /* about as many queries as one picture has patches, once */
    OKNG_KNN_MANY /* more than that */
} okng_knn_effort;

/* Borrows the rows, which must outlive it. Too few or too short rows are searched plainly. Takes about
 * okng_knn_index_bytes. Errors: MEMORY. */
okng_status okng_knn_index_new(okng_knn_index **out, const okng_rows *rows, okng_knn_effort effort, int threads,
                               okng_error *error);
void okng_knn_index_free(okng_knn_index **index); /* NULL is fine */
uint64_t okng_knn_index_bytes(int64_t count, int64_t dim);
const okng_rows *okng_knn_index_rows(const okng_knn_index *index); /* as given */

/* As okng_knn_search. */
okng_status okng_knn_index_search(const okng_knn_index *index, const float *queries, int64_t query_count, int32_t k,
                                  int32_t excluded, int threads, float *squared, int64_t *found, okng_error *error);

#endif
