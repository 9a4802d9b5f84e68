#include "bank/knn.h"

#include "bank/knn_index.h"
#include "bank/nearest.h"

enum { MIN_QUERIES = 128, MIN_ROWS = 1024 /* fewer are measured sooner than an index is made */ };

okng_status okng_knn_search(const okng_rows *rows, const float *queries, int64_t query_count, int32_t k,
                            int32_t excluded, int threads, float *squared, int64_t *index, okng_error *error)
{
    OKNG_TRY(okng_knn_check(rows, k, error));
    if (query_count <= 0) return OKNG_OK;
    if (threads < 1) threads = 1;
    if (query_count < MIN_QUERIES || rows->count < MIN_ROWS) {
        okng_knn_request request = {rows, queries, query_count, k, excluded, threads, squared, index};
        return okng_knn_plain(&request, error);
    }
    okng_knn_index *prepared;
    bool many = query_count >= rows->count;
    OKNG_TRY(okng_knn_index_new(&prepared, rows, many ? OKNG_KNN_MANY : OKNG_KNN_FEW, threads, error));
    okng_status status =
        okng_knn_index_search(prepared, queries, query_count, k, excluded, threads, squared, index, error);
    okng_knn_index_free(&prepared);
    return status;
}
