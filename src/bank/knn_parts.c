#include "bank/knn_parts.h"

#include <math.h>
#include <stdlib.h>

#include "bank/knn_index.h"
#include "bank/nearest.h"
#include "base/memory.h"

enum { LEAST_ROWS = 1024 /* of a part: fewer are prepared for nothing */ };

/* Neighbours of a part [queries, most] and room for a query's of all. */
typedef struct parts {
    const okng_row_source *source;
    const float *queries;
    int64_t query_count, part;
    int32_t k, most; /* most: of a part, at most k */
    int threads;
    float *rows;           /* [part, dim] */
    float *squared;        /* [query_count, most] */
    int64_t *index;        /* [query_count, most] */
    float *merged_squared; /* [k] */
    int64_t *merged_index; /* [k] */
} parts;

static uint64_t part_bytes(const okng_row_source *source, int64_t rows, int64_t query_count, int32_t k)
{
    const int64_t most = k < rows ? k : rows;
    const uint64_t found = (uint64_t)query_count * (uint64_t)(k + most) * (sizeof(float) + sizeof(int64_t));
    return (uint64_t)rows * (uint64_t)source->dim * sizeof(float) + okng_knn_index_bytes(rows, source->dim) + found;
}

okng_status okng_knn_part(int64_t *rows, const okng_row_source *source, int64_t query_count, int32_t k, uint64_t limit,
                          okng_error *error)
{
    int64_t least = source->count < LEAST_ROWS ? source->count : LEAST_ROWS, most = source->count;
    const uint64_t needed = part_bytes(source, least, query_count, k);
    if (needed > limit)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "max-memory of %llu MiB is too little: %lld rows of the bank and the neighbours of %lld "
                         "queries take about %llu MiB; raise it, or search for fewer at a time",
                         (unsigned long long)(limit >> 20), (long long)least, (long long)query_count,
                         (unsigned long long)(needed >> 20) + 1);
    while (least < most) { /* the largest that fits */
        const int64_t middle = most - (most - least) / 2;
        if (part_bytes(source, middle, query_count, k) <= limit)
            least = middle;
        else
            most = middle - 1;
    }
    const int64_t count = least > 0 ? (source->count - 1) / least + 1 : 1;
    *rows = source->count > 0 ? (source->count - 1) / count + 1 : 1; /* about the same for all */
    return OKNG_OK;
}

/* The neighbours of query q in a part, whose rows begin at `first`, go among the k nearest of the rows before, [k]. */
static void merge(const parts *p, int64_t q, int64_t first, int32_t found, float *squared, int64_t *index)
{
    const float *theirs = p->squared + q * found;
    int32_t ours = 0, next = 0;
    for (int32_t i = 0; i < p->k; i++) {
        const bool none = index[ours] < 0; /* of which all that follow are */
        if (next < found && (none || theirs[next] < squared[ours])) {
            p->merged_squared[i] = theirs[next];
            p->merged_index[i] = p->index[q * found + next] + first;
            next++;
        } else {
            p->merged_squared[i] = squared[ours];
            p->merged_index[i] = index[ours];
            ours++;
        }
    }
    for (int32_t i = 0; i < p->k; i++) {
        squared[i] = p->merged_squared[i];
        index[i] = p->merged_index[i];
    }
}

static okng_status search_part(const parts *p, int64_t first, int64_t count, float *squared, int64_t *index,
                               okng_error *error)
{
    const okng_rows rows = {.data = p->rows, .count = count, .dim = p->source->dim};
    const int32_t found = p->k < count ? p->k : (int32_t)count;
    OKNG_TRY(p->source->next(p->source->context, count, p->rows, error));
    OKNG_TRY(okng_knn_search(&rows, p->queries, p->query_count, found, -1, p->threads, p->squared, p->index, error));
    for (int64_t q = 0; q < p->query_count; q++) merge(p, q, first, found, squared + q * p->k, index + q * p->k);
    return OKNG_OK;
}

static okng_status search_all(const parts *p, okng_ticker *ticker, float *squared, int64_t *index, okng_error *error)
{
    const int64_t rows = p->source->count;
    for (int64_t i = 0; i < p->query_count * p->k; i++) {
        squared[i] = INFINITY;
        index[i] = -1;
    }
    for (int64_t first = 0; first < rows; first += p->part) {
        const int64_t count = rows - first < p->part ? rows - first : p->part;
        OKNG_TRY(search_part(p, first, count, squared, index, error));
        if (!okng_ticker_advance(ticker, (uint64_t)count))
            return okng_fail(error, OKNG_ERROR_CANCELLED, "the search was cancelled");
    }
    return OKNG_OK;
}

okng_status okng_knn_search_parts(const okng_row_source *source, int64_t part, const float *queries,
                                  int64_t query_count, int32_t k, int threads, okng_ticker *ticker, float *squared,
                                  int64_t *index, okng_error *error)
{
    const okng_rows all = {.count = source->count, .dim = source->dim};
    OKNG_TRY(okng_knn_check(&all, k, error));
    parts p = {.source = source, .queries = queries, .query_count = query_count, .part = part, .k = k};
    p.most = k < part ? k : (int32_t)part;
    p.threads = threads;
    const size_t places = (size_t)query_count * (size_t)p.most;
    p.rows = okng_alloc((size_t)part, (size_t)source->dim * sizeof *p.rows);
    p.squared = okng_alloc(places, sizeof *p.squared);
    p.index = okng_alloc(places, sizeof *p.index);
    p.merged_squared = okng_alloc((size_t)k, sizeof *p.merged_squared);
    p.merged_index = okng_alloc((size_t)k, sizeof *p.merged_index);
    const bool room = p.rows && p.squared && p.index && p.merged_squared && p.merged_index;
    const okng_status status = room ? search_all(&p, ticker, squared, index, error)
                                    : okng_fail_memory(error, (size_t)(part * source->dim) * sizeof *p.rows);
    free(p.rows);
    free(p.squared);
    free(p.index);
    free(p.merged_squared);
    free(p.merged_index);
    return status;
}
