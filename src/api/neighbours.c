/* Exact nearest neighbours. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/need.h"
#include "bank/knn_index.h"
#include "bank/knn_parts.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "patch/normalise.h"
#include "tensor/array.h"
#include "tensor/npy.h"

struct okng_index {
    okng_knn_index *rows;
};

static okng_rows rows_of(const okng_array *bank)
{
    return (okng_rows){.data = bank->data, .count = bank->shape[0], .dim = bank->shape[1]};
}

static okng_status check(const okng_rows *bank, const okng_array *queries, int32_t k, okng_error *error)
{
    OKNG_TRY(okng_need_matrix(queries, "queries", error));
    if (bank->dim != queries->shape[1])
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "queries have %lld dimensions, expected the bank's %lld",
                         (long long)queries->shape[1], (long long)bank->dim);
    if (k < 1 || k > bank->count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "k is %d, expected 1 to %lld, the rows of the bank", k,
                         (long long)bank->count);
    return OKNG_OK;
}

static void bring_to_unit(float *squared, int64_t count, okng_distance distance)
{
    for (int64_t i = 0; i < count && distance != OKNG_DISTANCE_SQUARED; i++)
        squared[i] = distance == OKNG_DISTANCE_L2 ? sqrtf(squared[i]) : squared[i] / 2;
}

/* With `index` NULL, an index is made for these queries alone where that pays. */
static okng_status search(const okng_rows *bank, const okng_knn_index *index, const okng_array *queries, int32_t k,
                          okng_distance distance, int32_t threads, okng_array **distances, okng_array **indices,
                          okng_error *error)
{
    OKNG_TRY(check(bank, queries, k, error));
    const int64_t shape[2] = {queries->shape[0], k};
    okng_array *found = NULL;
    okng_status status = okng_array_new(distances, OKNG_F32, 2, shape, error);
    if (status == OKNG_OK) status = okng_array_new(&found, OKNG_I64, 2, shape, error);
    if (status == OKNG_OK) {
        int count = okng_thread_count(threads);
        float *out = (*distances)->data;
        status = index ? okng_knn_index_search(index, queries->data, shape[0], k, -1, count, out, found->data, error)
                       : okng_knn_search(bank, queries->data, shape[0], k, -1, count, out, found->data, error);
        if (status == OKNG_OK) bring_to_unit(out, shape[0] * k, distance);
    }
    if (status == OKNG_OK && indices) {
        *indices = found;
        found = NULL;
    }
    okng_array_free(&found);
    if (status != OKNG_OK) okng_array_free(distances);
    return status;
}

/* A copy of rows brought to length 1. */
static okng_status unit_rows(const okng_array *rows, okng_array **out, okng_error *error)
{
    OKNG_TRY(okng_array_new(out, OKNG_F32, 2, rows->shape, error));
    memcpy((*out)->data, rows->data, rows->bytes);
    okng_rows_normalise((*out)->data, rows->shape[0], rows->shape[1]);
    return OKNG_OK;
}

static okng_status search_by_cosine(const okng_array *bank, const okng_array *queries, int32_t k, int32_t threads,
                                    okng_array **distances, okng_array **indices, okng_error *error)
{
    okng_array *unit_bank = NULL, *unit_queries = NULL;
    okng_status status = unit_rows(bank, &unit_bank, error);
    if (status == OKNG_OK) status = unit_rows(queries, &unit_queries, error);
    if (status == OKNG_OK) {
        okng_rows rows = rows_of(unit_bank);
        status = search(&rows, NULL, unit_queries, k, OKNG_DISTANCE_COSINE, threads, distances, indices, error);
    }
    okng_array_free(&unit_bank);
    okng_array_free(&unit_queries);
    return status;
}

okng_status okng_knn(okng_array **distances, okng_array **indices, const okng_array *bank, const okng_array *queries,
                     int32_t k, okng_distance distance, int32_t threads, okng_error *error)
{
    if (distances) *distances = NULL;
    if (indices) *indices = NULL;
    OKNG_TRY(okng_need(distances, "the place for the distances", error));
    OKNG_TRY(okng_need_matrix(bank, "bank", error));
    OKNG_TRY(okng_need_matrix(queries, "queries", error));
    if (distance == OKNG_DISTANCE_COSINE) return search_by_cosine(bank, queries, k, threads, distances, indices, error);
    okng_rows rows = rows_of(bank);
    return search(&rows, NULL, queries, k, distance, threads, distances, indices, error);
}

/* ---- a bank that is read while it is searched -------------------------------------------------------------------- */

typedef struct bank_reader {
    okng_npy_rows file;
    bool unit; /* rows are brought to length 1 */
} bank_reader;

static okng_status next_rows(void *context, int64_t count, float *rows, okng_error *error)
{
    bank_reader *reader = context;
    OKNG_TRY(okng_npy_rows_next(&reader->file, count, rows, error));
    if (reader->unit) okng_rows_normalise(rows, count, reader->file.dim);
    return OKNG_OK;
}

/* What is asked of a file. */
typedef struct file_request {
    const okng_array *queries;
    int32_t k;
    okng_distance distance;
    uint64_t limit;
    int threads;
    okng_ticker *ticker;
} file_request;

static okng_status search_file(const file_request *r, bank_reader *reader, okng_array **distances, okng_array **found,
                               okng_error *error)
{
    const okng_row_source source = {reader->file.count, reader->file.dim, next_rows, reader};
    const okng_rows bank = {.count = source.count, .dim = source.dim};
    const int64_t shape[2] = {r->queries->shape[0], r->k};
    int64_t part;
    OKNG_TRY(check(&bank, r->queries, r->k, error));
    OKNG_TRY(okng_knn_part(&part, &source, shape[0], r->k, r->limit, error));
    OKNG_TRY(okng_array_new(distances, OKNG_F32, 2, shape, error));
    OKNG_TRY(okng_array_new(found, OKNG_I64, 2, shape, error));
    okng_ticker_stage(r->ticker, "search", (uint64_t)source.count);
    OKNG_TRY(okng_knn_search_parts(&source, part, r->queries->data, shape[0], r->k, r->threads, r->ticker,
                                   (*distances)->data, (*found)->data, error));
    bring_to_unit((*distances)->data, shape[0] * r->k, r->distance);
    return OKNG_OK;
}

okng_status okng_knn_file(okng_array **distances, okng_array **indices, const char *bank, const okng_array *queries,
                          int32_t k, okng_distance distance, uint64_t max_memory, int32_t threads,
                          okng_progress_fn progress, void *user, okng_error *error)
{
    if (distances) *distances = NULL;
    if (indices) *indices = NULL;
    OKNG_TRY(okng_need(distances, "the place for the distances", error));
    OKNG_TRY(okng_need(bank, "the path of a bank", error));
    OKNG_TRY(okng_need_matrix(queries, "queries", error));
    bank_reader reader = {.unit = distance == OKNG_DISTANCE_COSINE};
    OKNG_TRY(okng_npy_rows_open(&reader.file, bank, error));
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    file_request request = {.queries = queries,
                            .k = k,
                            .distance = distance,
                            .limit = max_memory > 0 ? max_memory : okng_memory_total() / 2,
                            .threads = okng_thread_count(threads),
                            .ticker = &ticker};
    okng_array *unit = NULL, *found = NULL;
    okng_status status = reader.unit ? unit_rows(queries, &unit, error) : OKNG_OK;
    if (unit) request.queries = unit;
    if (status == OKNG_OK) status = search_file(&request, &reader, distances, &found, error);
    okng_ticker_destroy(&ticker);
    status = okng_npy_rows_close(&reader.file, status, error);
    if (status == OKNG_OK && indices) {
        *indices = found;
        found = NULL;
    }
    okng_array_free(&found);
    okng_array_free(&unit);
    if (status != OKNG_OK) okng_array_free(distances);
    return status;
}

/* ---- rows that are searched often -------------------------------------------------------------------------------- */

okng_status okng_index_new(okng_index **out, const okng_array *bank, int32_t threads, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the index", error));
    *out = NULL;
    OKNG_TRY(okng_need_matrix(bank, "bank", error));
    okng_rows rows = rows_of(bank);
    okng_index *index = calloc(1, sizeof *index);
    if (!index) return okng_fail_memory(error, sizeof *index);
    okng_status status = okng_knn_index_new(&index->rows, &rows, OKNG_KNN_MANY, okng_thread_count(threads), error);
    if (status == OKNG_OK)
        *out = index;
    else
        free(index);
    return status;
}

void okng_index_free(okng_index **index)
{
    if (!index || !*index) return;
    okng_knn_index_free(&(*index)->rows);
    free(*index);
    *index = NULL;
}

okng_status okng_index_search(okng_array **distances, okng_array **indices, const okng_index *index,
                              const okng_array *queries, int32_t k, okng_distance distance, int32_t threads,
                              okng_error *error)
{
    if (distances) *distances = NULL;
    if (indices) *indices = NULL;
    OKNG_TRY(okng_need(index, "the index", error));
    OKNG_TRY(okng_need(distances, "the place for the distances", error));
    if (distance == OKNG_DISTANCE_COSINE)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "the distance is cosine, but an index searches rows as they are; bring the bank's and the "
                         "queries to length 1 and halve squared distances");
    return search(okng_knn_index_rows(index->rows), index->rows, queries, k, distance, threads, distances, indices,
                  error);
}
