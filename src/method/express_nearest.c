/* Nearest rows in a program: chunks of rows by parts of the queries, so that no value outgrows its limit whatever the
 * bank. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/parts.h"
#include "method/express.h"

/* A quarter of the 256 MB that a value may have at most: several pictures may be in flight together. */
const okng_nearest_limits okng_nearest_defaults = {
    .rows = 64 << 20, .products = 64 << 20, .gathered = 64 << 20, .spare = 8};

typedef struct chunk {
    okng_program_value rows;    /* [count, dim] */
    okng_program_value lengths; /* [count]: squared */
    int64_t count;
} chunk;

struct okng_memory {
    okng_program *p;
    okng_nearest_limits limits;
    int64_t rows, dim;
    int64_t most;  /* rows of a chunk */
    int64_t count; /* of chunks */
    chunk *chunks;
};

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

static chunk chunk_of(okng_program *p, const float *rows, int64_t count, int64_t dim)
{
    float *lengths = okng_alloc((size_t)count, sizeof *lengths);
    for (int64_t r = 0; lengths && r < count; r++) {
        double sum = 0;
        for (int64_t d = 0; d < dim; d++) sum += (double)rows[r * dim + d] * (double)rows[r * dim + d];
        lengths[r] = (float)sum;
    }
    okng_program_value all = okng_program_constant(p, "memory_bank", OKNG_F32, 2, (int64_t[]){count, dim}, rows, true);
    return (chunk){all, okng_program_constant_own(p, "memory_bank.squared", OKNG_F32, 1, &count, lengths), count};
}

okng_memory *okng_memory_new(okng_program *p, const okng_rows *rows, const okng_nearest_limits *limits)
{
    int64_t fit = limits->rows / ((int64_t)sizeof(float) * rows->dim);
    int64_t chunks = okng_divide_up(rows->count, fit < 1 ? 1 : fit), most = okng_divide_up(rows->count, chunks);
    okng_memory *memory = okng_alloc_zero(1, sizeof *memory);
    chunk *made = okng_alloc_zero((size_t)chunks, sizeof *made);
    if (!memory || !made) {
        okng_program_fail(p, OKNG_ERROR_MEMORY, "out of memory for %lld chunks of rows", (long long)chunks);
        free(memory);
        free(made);
        return NULL;
    }
    *memory =
        (okng_memory){.p = p, .limits = *limits, .rows = rows->count, .dim = rows->dim, .most = most, .chunks = made};
    for (int64_t r = 0; r < rows->count; r += most) {
        int64_t count = r + most < rows->count ? most : rows->count - r;
        memory->chunks[memory->count++] = chunk_of(p, rows->data + r * rows->dim, count, rows->dim);
    }
    return memory;
}

void okng_memory_free(okng_memory **memory)
{
    if (!memory || !*memory) return;
    free((*memory)->chunks);
    free(*memory);
    *memory = NULL;
}

/* ---- candidates -------------------------------------------------------------------------------------------------- */

/* What queries [Q, dim] find: squared distances [Q, count] and, where they are asked for, the rows [Q, count, dim]. */
typedef struct found {
    okng_program_value squared, rows;
    int64_t count;
} found;

static int64_t candidates_of(const okng_memory *memory, int64_t k, int64_t rows)
{
    return k + memory->limits.spare < rows ? k + memory->limits.spare : rows;
}

/* [Q, count] of queries [Q, dim] and rows [Q, count, dim]. */
static okng_program_value distances(okng_program *p, okng_program_value queries, okng_program_value rows, int64_t count,
                                    int64_t dim)
{
    okng_program_value apart =
        okng_program_subtract(p, rows, okng_program_reshape(p, queries, 3, (int64_t[]){OKNG_ANY, 1, dim}));
    okng_program_value sums = okng_program_sum(p, okng_program_multiply(p, apart, apart), OKNG_AXIS(2));
    return okng_program_reshape(p, sums, 2, (int64_t[]){OKNG_ANY, count});
}

/* The candidates of one chunk. |a|^2 is the same for all rows, so it is left out of what chooses them. */
static found search_chunk(const okng_memory *memory, const chunk *of, okng_program_value queries, int64_t k)
{
    okng_program *p = memory->p;
    int64_t count = candidates_of(memory, k, of->count);
    okng_program_value turned = okng_program_multiply(p, queries, okng_program_scalar(p, -2));
    okng_program_value near = okng_program_add(p, okng_program_matmul_turned(p, turned, of->rows), of->lengths), index;
    (void)okng_program_top_k(p, near, count, false, &index);
    okng_program_value rows = okng_program_gather(p, of->rows, index, 0);
    return (found){distances(p, queries, rows, count, memory->dim), rows, count};
}

/* The squared distances of the candidates of all chunks, [Q, some]. */
static okng_program_value search(const okng_memory *memory, okng_program_value queries, int64_t k)
{
    const size_t count = (size_t)memory->count;
    okng_program_value *values = okng_alloc(count, sizeof *values);
    if (!values) {
        okng_program_fail(memory->p, OKNG_ERROR_MEMORY, "out of memory for %zu values", count);
        return OKNG_PROGRAM_NONE;
    }
    for (size_t i = 0; i < count; i++) values[i] = search_chunk(memory, &memory->chunks[i], queries, k).squared;
    okng_program_value all = count == 1 ? values[0] : okng_program_concat(memory->p, values, (int32_t)count, 1);
    free(values);
    return all;
}

/* The k nearest of what was found, nearest first, or all where there are fewer. */
static found nearest_found(const okng_memory *memory, found all, int64_t k)
{
    okng_program *p = memory->p;
    okng_program_value index;
    if (k > all.count) k = all.count;
    okng_program_value squared = okng_program_top_k(p, all.squared, k, false, &index);
    index = okng_program_reshape(p, index, 3, (int64_t[]){OKNG_ANY, k, 1});
    index = okng_program_expand(p, index, 3, (int64_t[]){1, k, memory->dim});
    return (found){squared, okng_program_gather_elements(p, all.rows, index, 1), k};
}

static found joined(okng_program *p, found a, found b)
{
    return (found){okng_program_concat(p, (okng_program_value[]){a.squared, b.squared}, 2, 1),
                   okng_program_concat(p, (okng_program_value[]){a.rows, b.rows}, 2, 1), a.count + b.count};
}

static bool has_rows(const okng_memory *memory, int64_t k)
{
    if (k >= 1 && k <= memory->rows) return true;
    okng_program_fail(memory->p, OKNG_ERROR_ARGUMENT, "neighbors %lld: the bank has %lld rows, expected 1..%lld",
                      (long long)k, (long long)memory->rows, (long long)memory->rows);
    return false;
}

/* ---- the nearest ------------------------------------------------------------------------------------------------- */

/* Queries [N, P, dim], begin..end-1 of them: [N, end - begin, k]. */
static okng_program_value nearest_of(const okng_memory *memory, okng_program_value queries, int64_t begin, int64_t end,
                                     int64_t k)
{
    okng_program *p = memory->p;
    if (end - begin < okng_program_dim(p, queries, 1)) queries = okng_program_slice(p, queries, 1, begin, end, 1);
    queries = okng_program_reshape(p, queries, 2, (int64_t[]){OKNG_ANY, memory->dim});
    okng_program_value squared = search(memory, queries, k);
    squared = k == 1 ? okng_program_smallest(p, squared, OKNG_AXIS(1)) : okng_program_top_k(p, squared, k, false, NULL);
    return okng_program_reshape(p, squared, 3, (int64_t[]){OKNG_ANY, end - begin, k});
}

/* How many queries of a picture may be searched for together. */
static int64_t at_once(const okng_memory *memory, int64_t k)
{
    int64_t bytes = (int64_t)sizeof(float), candidates = candidates_of(memory, k, memory->most);
    int64_t products = memory->limits.products / (bytes * memory->most);
    int64_t gathered = memory->limits.gathered / (bytes * candidates * memory->dim);
    int64_t fit = products < gathered ? products : gathered;
    return fit < 1 ? 1 : fit;
}

okng_program_value okng_nearest_express(const okng_memory *memory, okng_program_value queries, int64_t k)
{
    if (!memory || !has_rows(memory, k)) return OKNG_PROGRAM_NONE;
    int64_t count = okng_program_dim(memory->p, queries, 1), parts = okng_divide_up(count, at_once(memory, k));
    if (count < 1) return OKNG_PROGRAM_NONE;
    int64_t most = okng_divide_up(count, parts);
    okng_program_value *values = okng_alloc((size_t)parts, sizeof *values);
    if (!values) {
        okng_program_fail(memory->p, OKNG_ERROR_MEMORY, "out of memory for %lld values", (long long)parts);
        return OKNG_PROGRAM_NONE;
    }
    int32_t made = 0;
    for (int64_t q = 0; q < count; q += most)
        values[made++] = nearest_of(memory, queries, q, q + most < count ? q + most : count, k);
    okng_program_value all = made == 1 ? values[0] : okng_program_concat(memory->p, values, made, 1);
    free(values);
    return all;
}

okng_program_value okng_nearest_rows_express(const okng_memory *memory, okng_program_value query, int64_t k,
                                             okng_program_value *vectors)
{
    *vectors = OKNG_PROGRAM_NONE;
    if (!memory || !has_rows(memory, k)) return OKNG_PROGRAM_NONE;
    found best = nearest_found(memory, search_chunk(memory, &memory->chunks[0], query, k), k);
    for (int64_t i = 1; i < memory->count; i++) /* one by one, so that rows of two chunks are held together at most */
        best = nearest_found(memory, joined(memory->p, best, search_chunk(memory, &memory->chunks[i], query, k)), k);
    *vectors = best.rows;
    return best.squared;
}
