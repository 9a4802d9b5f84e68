#include "bank/knn.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "kernels/kernels.h"

/* Squared distances are handled as their bits: for numbers that are not negative these order as the numbers do, and
 * integers compare fast and without surprises. */
enum {
    INFINITE = 0x7f800000,
    NONE = INT32_MAX, /* above infinity: no row */
    QUERY_TILE = 64,
    ROW_TILE_MAX = 512,
    SCAN = 16,            /* rows looked at together */
    MIN_ROWS_A_TASK = 512 /* below this, splitting the rows costs more than it gives */
};
#define ROW_TILE_BYTES ((size_t)256 << 10) /* stays in the second-level cache while the queries pass over it */

typedef struct neighbor {
    int64_t index;
    int32_t bits;
} neighbor;

typedef struct search {
    const okng_kernels *kernels;
    const okng_rows *rows;
    const float *queries;
    int64_t query_count, row_tile;
    int64_t query_tiles, parts; /* tasks: tiles of queries x parts of the rows */
    int32_t k, excluded;
    neighbor *found; /* [query_count, parts, k]: for each query and part a heap, the farthest first */
    int32_t *tiles;  /* [threads, QUERY_TILE, row_tile]: bits of distances */
    float *squared;
    int64_t *index;
} search;

static bool farther(neighbor a, neighbor b)
{
    return a.bits > b.bits || (a.bits == b.bits && a.index > b.index);
}

/* Puts `item` in place of the heap's farthest. */
static void replace_farthest(neighbor *heap, int32_t size, neighbor item)
{
    int32_t at = 0;
    for (;;) {
        int32_t child = 2 * at + 1;
        if (child >= size) break;
        if (child + 1 < size && farther(heap[child + 1], heap[child])) child++;
        if (!farther(heap[child], item)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = item;
}

static void sort_heap(neighbor *heap, int32_t size)
{
    for (int32_t last = size - 1; last > 0; last--) {
        neighbor farthest = heap[0];
        replace_farthest(heap, last, heap[last]);
        heap[last] = farthest;
    }
}

static int32_t smallest(const int32_t *bits, int64_t count)
{
    int32_t least = NONE;
    for (int64_t i = 0; i < count; i++) least = bits[i] < least ? bits[i] : least;
    return least;
}

/* Rows come in order, so only a nearer one takes the place of one found before. */
static void take_nearest(neighbor *best, const int32_t *bits, int64_t count, int64_t first)
{
    int32_t least = smallest(bits, count);
    if (least >= best->bits) return;
    int64_t at = 0;
    while (bits[at] != least) at++;
    *best = (neighbor){first + at, least};
}

static void take_near(neighbor *heap, int32_t k, const int32_t *bits, int64_t count, int64_t first)
{
    for (int64_t start = 0; start < count; start += SCAN) {
        int64_t end = count - start < SCAN ? count : start + SCAN;
        if (smallest(bits + start, end - start) >= heap[0].bits) continue;
        for (int64_t i = start; i < end; i++)
            if (bits[i] < heap[0].bits) replace_farthest(heap, k, (neighbor){first + i, bits[i]});
    }
}

/* Distances of `queries` queries to rows first..first+count-1 as bits: NaN is infinity, an excluded row is NONE. */
static void measure(const search *s, int64_t query, int64_t queries, int64_t first, int64_t count, int32_t *tile)
{
    const okng_rows *rows = s->rows;
    size_t dim = (size_t)rows->dim;
    float *squared = (float *)(void *)tile;
    s->kernels->l2_squared_block(s->queries + query * rows->dim, (size_t)queries, rows->data + first * rows->dim,
                                 (size_t)count, dim, squared, (size_t)s->row_tile);
    for (int64_t q = 0; q < queries; q++)
        for (int64_t i = q * s->row_tile; i < q * s->row_tile + count; i++) {
            int32_t bits;
            memcpy(&bits, squared + i, sizeof bits);
            tile[i] = bits < INFINITE ? bits : INFINITE;
        }
    if (s->excluded < 0 || !rows->origin) return;
    for (int64_t r = 0; r < count; r++)
        if (rows->origin[first + r] == s->excluded)
            for (int64_t q = 0; q < queries; q++) tile[q * s->row_tile + r] = NONE;
}

static void search_part(const search *s, int64_t query, int64_t queries, int64_t part, int32_t *tile)
{
    int64_t count = s->rows->count, begin = count * part / s->parts, end = count * (part + 1) / s->parts;
    neighbor *found = s->found + (query * s->parts + part) * s->k;
    int64_t step = s->parts * s->k; /* from one query's to the next's */
    for (int64_t q = 0; q < queries; q++)
        for (int32_t i = 0; i < s->k; i++) found[q * step + i] = (neighbor){-1, NONE};
    for (int64_t first = begin; first < end; first += s->row_tile) {
        int64_t rows = end - first < s->row_tile ? end - first : s->row_tile;
        measure(s, query, queries, first, rows, tile);
        for (int64_t q = 0; q < queries; q++) {
            if (s->k == 1)
                take_nearest(found + q * step, tile + q * s->row_tile, rows, first);
            else
                take_near(found + q * step, s->k, tile + q * s->row_tile, rows, first);
        }
    }
}

static void search_tasks(void *context, int64_t begin, int64_t end, int thread)
{
    const search *s = context;
    int32_t *tile = s->tiles + thread * QUERY_TILE * s->row_tile;
    for (int64_t task = begin; task < end; task++) {
        int64_t query = task / s->parts * QUERY_TILE, left = s->query_count - query;
        search_part(s, query, left < QUERY_TILE ? left : QUERY_TILE, task % s->parts, tile);
    }
}

/* The parts' neighbours of each query become one sorted list. */
static void merge(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const search *s = context;
    for (int64_t q = begin; q < end; q++) {
        neighbor *best = s->found + q * s->parts * s->k;
        for (int64_t i = s->k; i < s->parts * s->k; i++)
            if (farther(best[0], best[i])) replace_farthest(best, s->k, best[i]);
        sort_heap(best, s->k);
        for (int32_t i = 0; i < s->k; i++) {
            int32_t bits = best[i].bits < INFINITE ? best[i].bits : INFINITE;
            memcpy(s->squared + q * s->k + i, &bits, sizeof bits);
            s->index[q * s->k + i] = best[i].index;
        }
    }
}

/* Rows are split only where the queries alone are too few to keep the threads busy. The split does not show in the
 * result: the k nearest by distance, then index, are the same however they are found. */
static int64_t count_parts(int64_t query_tiles, int64_t rows, int threads)
{
    if (threads == 1 || query_tiles >= 4 * (int64_t)threads) return 1;
    int64_t wanted = (4 * (int64_t)threads + query_tiles - 1) / query_tiles, most = rows / MIN_ROWS_A_TASK;
    if (wanted > most) wanted = most;
    return wanted < 1 ? 1 : wanted;
}

okng_status okng_knn_search(const okng_rows *rows, const float *queries, int64_t query_count, int32_t k,
                            int32_t excluded, int threads, float *squared, int64_t *index, okng_error *error)
{
    if (k < 1 || k > rows->count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "k is %d, expected 1..%lld, the rows of the bank", k,
                         (long long)rows->count);
    if (query_count <= 0) return OKNG_OK;
    if (threads < 1) threads = 1;
    size_t row_bytes = (size_t)(rows->dim > 0 ? rows->dim : 1) * sizeof(float);
    int64_t fitting = (int64_t)(ROW_TILE_BYTES / row_bytes) / SCAN * SCAN;
    search s = {.kernels = okng_kernels_get(),
                .rows = rows,
                .queries = queries,
                .query_count = query_count,
                .row_tile = fitting < SCAN           ? SCAN
                            : fitting > ROW_TILE_MAX ? ROW_TILE_MAX
                                                     : fitting,
                .query_tiles = (query_count - 1) / QUERY_TILE + 1,
                .k = k,
                .excluded = excluded,
                .squared = squared,
                .index = index};
    s.parts = count_parts(s.query_tiles, rows->count, threads);
    size_t found = SIZE_MAX;
    (void)okng_mul_size((size_t)query_count, (size_t)(s.parts * k), &found);
    s.found = okng_alloc(found, sizeof *s.found);
    s.tiles = okng_alloc((size_t)threads * QUERY_TILE, (size_t)s.row_tile * sizeof *s.tiles);
    okng_status status = OKNG_OK;
    if (s.found && s.tiles) {
        okng_parallel_for(threads, s.query_tiles * s.parts, 1, search_tasks, &s);
        okng_parallel_for(threads, query_count, QUERY_TILE, merge, &s);
    } else {
        status = okng_fail_memory(error, found * sizeof *s.found);
    }
    free(s.found);
    free(s.tiles);
    return status;
}
