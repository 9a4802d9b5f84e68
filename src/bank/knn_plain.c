/* All pairs, a tile of queries and rows at a time. */
#include <string.h>

#include "bank/nearest.h"
#include "kernels/kernels.h"

enum {
    QUERY_TILE_MAX = 256,
    ROW_TILE_MAX = 256,
    SCAN = 16,            /* rows looked at together */
    MIN_ROWS_A_TASK = 512 /* below this, splitting the rows costs more than it gives */
};
/* A tile of each stays in the second-level cache: rows are read from memory once for all queries of a tile. */
#define QUERY_TILE_BYTES ((size_t)512 << 10)
#define ROW_TILE_BYTES ((size_t)128 << 10)

typedef struct plain {
    const okng_knn_request *request;
    const okng_kernels *kernels;
    int64_t row_tile;
} plain;

static int32_t smallest(const int32_t *bits, int64_t count)
{
    int32_t least = OKNG_BITS_NONE;
    for (int64_t i = 0; i < count; i++) least = bits[i] < least ? bits[i] : least;
    return least;
}

/* Rows come in order, so only a nearer one takes the place of one found before. */
static void take_nearest(okng_neighbor *best, const int32_t *bits, int64_t count, int64_t first)
{
    int32_t least = smallest(bits, count);
    if (least >= best->bits) return;
    int64_t at = 0;
    while (bits[at] != least) at++;
    *best = (okng_neighbor){first + at, least};
}

static void take_near(okng_neighbor *heap, int32_t k, const int32_t *bits, int64_t count, int64_t first)
{
    for (int64_t start = 0; start < count; start += SCAN) {
        int64_t end = count - start < SCAN ? count : start + SCAN;
        if (smallest(bits + start, end - start) >= heap[0].bits) continue;
        for (int64_t i = start; i < end; i++)
            if (bits[i] < heap[0].bits) okng_neighbor_replace(heap, k, (okng_neighbor){first + i, bits[i]});
    }
}

/* Distances of `queries` queries to rows first..first+count-1 as bits; an excluded row is NONE. */
static void measure(const plain *p, int64_t query, int64_t queries, int64_t first, int64_t count, int32_t *tile)
{
    const okng_rows *rows = p->request->rows;
    size_t dim = (size_t)rows->dim;
    float *squared = (float *)(void *)tile;
    p->kernels->l2_squared_block(p->request->queries + query * rows->dim, (size_t)queries,
                                 rows->data + first * rows->dim, (size_t)count, dim, squared, (size_t)p->row_tile);
    for (int64_t q = 0; q < queries; q++)
        for (int64_t i = q * p->row_tile; i < q * p->row_tile + count; i++) {
            int32_t bits;
            memcpy(&bits, squared + i, sizeof bits);
            tile[i] = bits < OKNG_BITS_INFINITE ? bits : OKNG_BITS_INFINITE;
        }
    if (p->request->excluded < 0 || !rows->origin) return;
    for (int64_t r = 0; r < count; r++)
        if (rows->origin[first + r] == p->request->excluded)
            for (int64_t q = 0; q < queries; q++) tile[q * p->row_tile + r] = OKNG_BITS_NONE;
}

static void search(const void *context, int64_t query, int64_t queries, int64_t begin, int64_t end,
                   okng_neighbor *found, int64_t step, void *scratch)
{
    const plain *p = context;
    int32_t *tile = scratch, k = p->request->k;
    for (int64_t first = begin; first < end; first += p->row_tile) {
        int64_t rows = end - first < p->row_tile ? end - first : p->row_tile;
        measure(p, query, queries, first, rows, tile);
        for (int64_t q = 0; q < queries; q++) {
            if (k == 1)
                take_nearest(found + q * step, tile + q * p->row_tile, rows, first);
            else
                take_near(found + q * step, k, tile + q * p->row_tile, rows, first);
        }
    }
}

/* Vectors of `dim` floats that make up about `bytes`. */
static int64_t tile_size(int64_t dim, size_t bytes, int64_t most)
{
    int64_t fitting = (int64_t)(bytes / sizeof(float)) / (dim > 0 ? dim : 1) / SCAN * SCAN;
    return fitting < SCAN ? SCAN : fitting > most ? most : fitting;
}

okng_status okng_knn_plain(const okng_knn_request *request, okng_error *error)
{
    int64_t dim = request->rows->dim;
    plain p = {
        .request = request, .kernels = okng_kernels_get(), .row_tile = tile_size(dim, ROW_TILE_BYTES, ROW_TILE_MAX)};
    int64_t query_tile = tile_size(dim, QUERY_TILE_BYTES, QUERY_TILE_MAX);
    if (query_tile > request->query_count) query_tile = request->query_count;
    okng_knn_plan plan = {.search = search,
                          .context = &p,
                          .query_tile = query_tile,
                          .min_rows = MIN_ROWS_A_TASK,
                          .scratch_bytes = (size_t)(query_tile * p.row_tile) * sizeof(int32_t)};
    return okng_knn_run(request, &plan, error);
}
