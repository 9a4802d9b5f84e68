#include "bank/nearest.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"

enum { MERGE_GRAIN = 16 };

typedef struct run {
    const okng_knn_request *request;
    const okng_knn_plan *plan;
    int64_t query_tile, query_tiles, parts; /* tasks: tiles of queries x parts of the rows */
    okng_neighbor *found;                   /* [query_count, parts, k]: for each query and part a heap */
    char *scratch;                          /* [threads, scratch_bytes] */
} run;

bool okng_neighbor_farther(okng_neighbor a, okng_neighbor b)
{
    return a.bits > b.bits || (a.bits == b.bits && a.index > b.index);
}

void okng_neighbor_replace(okng_neighbor *heap, int32_t size, okng_neighbor item)
{
    int32_t at = 0;
    for (;;) {
        int32_t child = 2 * at + 1;
        if (child >= size) break;
        if (child + 1 < size && okng_neighbor_farther(heap[child + 1], heap[child])) child++;
        if (!okng_neighbor_farther(heap[child], item)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = item;
}

static void sort_heap(okng_neighbor *heap, int32_t size)
{
    for (int32_t last = size - 1; last > 0; last--) {
        okng_neighbor farthest = heap[0];
        okng_neighbor_replace(heap, last, heap[last]);
        heap[last] = farthest;
    }
}

static void search_tasks(void *context, int64_t begin, int64_t end, int thread)
{
    const run *r = context;
    const okng_knn_request *request = r->request;
    void *scratch = r->scratch + (size_t)thread * r->plan->scratch_bytes;
    int64_t rows = request->rows->count, step = r->parts * request->k;
    for (int64_t task = begin; task < end; task++) {
        int64_t query = task / r->parts * r->query_tile, part = task % r->parts, left = request->query_count - query;
        int64_t queries = left < r->query_tile ? left : r->query_tile;
        okng_neighbor *found = r->found + (query * r->parts + part) * request->k;
        for (int64_t q = 0; q < queries; q++)
            for (int32_t i = 0; i < request->k; i++) found[q * step + i] = (okng_neighbor){-1, OKNG_BITS_NONE};
        r->plan->search(r->plan->context, query, queries, rows * part / r->parts, rows * (part + 1) / r->parts, found,
                        step, scratch);
    }
}

/* The parts' neighbours of each query become one sorted list. */
static void merge(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const run *r = context;
    int32_t k = r->request->k;
    for (int64_t q = begin; q < end; q++) {
        okng_neighbor *best = r->found + q * r->parts * k;
        for (int64_t i = k; i < r->parts * k; i++)
            if (okng_neighbor_farther(best[0], best[i])) okng_neighbor_replace(best, k, best[i]);
        sort_heap(best, k);
        for (int32_t i = 0; i < k; i++) {
            int32_t bits = best[i].bits < OKNG_BITS_INFINITE ? best[i].bits : OKNG_BITS_INFINITE;
            memcpy(r->request->squared + q * k + i, &bits, sizeof bits);
            r->request->index[q * k + i] = best[i].index;
        }
    }
}

/* Rows are split only where the queries alone are too few to keep the threads busy. */
static int64_t count_parts(int64_t query_tiles, int64_t rows, int64_t min_rows, int threads)
{
    if (threads == 1 || query_tiles >= 4 * (int64_t)threads) return 1;
    int64_t wanted = (4 * (int64_t)threads + query_tiles - 1) / query_tiles, most = rows / min_rows;
    if (wanted > most) wanted = most;
    return wanted < 1 ? 1 : wanted;
}

okng_status okng_knn_run(const okng_knn_request *request, const okng_knn_plan *plan, okng_error *error)
{
    run r = {.request = request, .plan = plan};
    r.query_tiles = (request->query_count - 1) / plan->query_tile + 1;
    r.query_tile = (request->query_count - 1) / r.query_tiles + 1; /* about the same for all */
    r.parts = count_parts(r.query_tiles, request->rows->count, plan->min_rows, request->threads);
    size_t found = SIZE_MAX;
    (void)okng_mul_size((size_t)request->query_count, (size_t)(r.parts * request->k), &found);
    r.found = okng_alloc(found, sizeof *r.found);
    r.scratch = okng_alloc((size_t)request->threads, plan->scratch_bytes);
    okng_status status = OKNG_OK;
    if (r.found && r.scratch) {
        okng_parallel_for(request->threads, r.query_tiles * r.parts, 1, search_tasks, &r);
        okng_parallel_for(request->threads, request->query_count, MERGE_GRAIN, merge, &r);
    } else {
        status = okng_fail_memory(error, found * sizeof *r.found + plan->scratch_bytes);
    }
    free(r.found);
    free(r.scratch);
    return status;
}

okng_status okng_knn_check(const okng_rows *rows, int32_t k, okng_error *error)
{
    if (k >= 1 && k <= rows->count) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "k is %d, expected 1..%lld, the rows of the bank", k,
                     (long long)rows->count);
}
