/* What every way of searching shares: the k nearest so far as a heap, and the sharing of queries and rows between
 * threads. Private to bank/. */
#ifndef OKNG_BANK_NEAREST_H
#define OKNG_BANK_NEAREST_H

#include <stdbool.h>

#include "bank/knn.h"

/* Squared distances are handled as their bits: for numbers that are not negative these order as the numbers do, and
 * integers compare fast and without surprises. */
enum {
    OKNG_BITS_INFINITE = 0x7f800000,
    OKNG_BITS_NONE = INT32_MAX /* above infinity: no row */
};

typedef struct okng_neighbor {
    int64_t index;
    int32_t bits;
} okng_neighbor;

bool okng_neighbor_farther(okng_neighbor a, okng_neighbor b); /* by distance, then index */
/* Puts `item` in place of the heap's farthest, which is the first. */
void okng_neighbor_replace(okng_neighbor *heap, int32_t size, okng_neighbor item);

/* Bits of a distance: NaN is infinity. */
static inline int32_t okng_bits_of(float squared)
{
    union {
        float value;
        int32_t bits;
    } both = {squared};
    return both.bits < OKNG_BITS_INFINITE ? both.bits : OKNG_BITS_INFINITE;
}

/* What is asked for; squared and index are [query_count, k]. */
typedef struct okng_knn_request {
    const okng_rows *rows;
    const float *queries;
    int64_t query_count;
    int32_t k, excluded;
    int threads;
    float *squared;
    int64_t *index;
} okng_knn_request;

/* Puts the nearest of rows begin..end-1 for `queries` queries from `query` on into heaps that hold no row yet: heap q
 * is at found + q * step. `scratch` belongs to the thread. */
typedef void (*okng_knn_fn)(const void *context, int64_t query, int64_t queries, int64_t begin, int64_t end,
                            okng_neighbor *found, int64_t step, void *scratch);

typedef struct okng_knn_plan {
    okng_knn_fn search;
    const void *context;
    int64_t query_tile;   /* queries of a task, at most */
    int64_t min_rows;     /* of a task, where the queries are too few to keep the threads busy */
    size_t scratch_bytes; /* of a thread */
} okng_knn_plan;

/* Errors: MEMORY. The split does not show in the result: the k nearest by distance, then index, are the same however
 * they are found. */
okng_status okng_knn_run(const okng_knn_request *request, const okng_knn_plan *plan, okng_error *error);

/* ARGUMENT when k < 1 or k > count. */
okng_status okng_knn_check(const okng_rows *rows, int32_t k, okng_error *error);
/* All pairs. */
okng_status okng_knn_plain(const okng_knn_request *request, okng_error *error);

#endif
