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
    QUERY_TILE_MAX = 256,
    ROW_TILE_MAX = 256,
    MERGE_GRAIN = 16,
    SCAN = 16,            /* rows looked at together */
    MIN_ROWS_A_TASK = 512 /* below this, splitting the rows costs more than it gives */
};
/* A tile of each stays in the second-level cache: rows are read from memory once for all queries of a tile. */
#define QUERY_TILE_BYTES ((size_t)512 << 10)
#define ROW_TILE_BYTES ((size_t)128 << 10)

typedef struct neighbor {
    int64_t index;
    int32_t bits;
} neighbor;

typedef struct search {
    const okng_kernels *kernels;
    const okng_rows *rows;
    const float *queries;
    int64_t query_count, query_tile, row_tile;
    int64_t query_tiles, parts; /* tasks: tiles of queries x parts of the rows */
    int32_t k, excluded;
    neighbor *found; /* [query_count, parts, k]: for each query and part a heap, the farthest first */
    int32_t *tiles;  /* [threads, query_tile, row_tile]: bits of distances */
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
    int32_t *tile = s->tiles + thread * s->query_tile * s->row_tile;
    for (int64_t task = begin; task < end; task++) {
        int64_t query = task / s->parts * s->query_tile, left = s->query_count - query;
        search_part(s, query, left < s->query_tile ? left : s->query_tile, task % s->parts, tile);
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

/* Vectors of `dim` floats that make up about `bytes`. */
static int64_t tile_size(int64_t dim, size_t bytes, int64_t most)
{
    int64_t fitting = (int64_t)(bytes / sizeof(float)) / (dim > 0 ? dim : 1) / SCAN * SCAN;
    return fitting < SCAN ? SCAN : fitting > most ? most : fitting;
}

okng_status okng_knn_search(const okng_rows *rows, const float *queries, int64_t query_count, int32_t k,
                            int32_t excluded, int threads, float *squared, int64_t *index, okng_error *error)
{
    if (k < 1 || k > rows->count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "k is %d, expected 1..%lld, the rows of the bank", k,
                         (long long)rows->count);
    if (query_count <= 0) return OKNG_OK;
    if (threads < 1) threads = 1;
    search s = {.kernels = okng_kernels_get(),
                .rows = rows,
                .queries = queries,
                .query_count = query_count,
                .row_tile = tile_size(rows->dim, ROW_TILE_BYTES, ROW_TILE_MAX),
                .k = k,
                .excluded = excluded,
                .squared = squared,
                .index = index};
    int64_t most = tile_size(rows->dim, QUERY_TILE_BYTES, QUERY_TILE_MAX);
    s.query_tiles = (query_count - 1) / most + 1;
    s.query_tile = (query_count - 1) / s.query_tiles + 1; /* about the same for all */
    s.parts = count_parts(s.query_tiles, rows->count, threads);
    size_t found = SIZE_MAX;
    (void)okng_mul_size((size_t)query_count, (size_t)(s.parts * k), &found);
    s.found = okng_alloc(found, sizeof *s.found);
    s.tiles = okng_alloc((size_t)(threads * s.query_tile), (size_t)s.row_tile * sizeof *s.tiles);
    okng_status status = OKNG_OK;
    if (s.found && s.tiles) {
        okng_parallel_for(threads, s.query_tiles * s.parts, 1, search_tasks, &s);
        okng_parallel_for(threads, query_count, MERGE_GRAIN, merge, &s);
    } else {
        status = okng_fail_memory(error, found * sizeof *s.found);
    }
    free(s.found);
    free(s.tiles);
    return status;
}
