#include "bank/shared_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { AT_A_TIME = 32 << 20 }; /* bytes that are gathered at once */

okng_status okng_shared_rows_open(okng_shared_rows *rows, const okng_ranks *ranks, const float *data, int64_t count,
                                  int64_t dim, okng_error *error)
{
    *rows = (okng_shared_rows){.ranks = ranks, .data = data, .count = count, .dim = dim};
    return okng_ranks_count(ranks, count, &rows->first, &rows->total, error);
}

okng_status okng_shared_rows_copy(const void *rows, int64_t number, float *row, okng_error *error)
{
    (void)error;
    const okng_shared_rows *from = rows;
    memcpy(row, from->data + (number - from->first) * from->dim, (size_t)from->dim * sizeof *row);
    return OKNG_OK;
}

/* Where the rows of each rank begin, [ranks + 1]; okng_alloc'd. */
static okng_status find_firsts(const okng_shared_rows *rows, int64_t **firsts, okng_error *error)
{
    const okng_ranks *ranks = rows->ranks;
    *firsts = okng_alloc_zero((size_t)ranks->count + 1, sizeof **firsts);
    if (!*firsts) return okng_fail_memory(error, ((size_t)ranks->count + 1) * sizeof **firsts);
    (*firsts)[ranks->rank] = rows->first;
    (*firsts)[ranks->count] = rows->total;
    return okng_ranks_gather_parts(ranks, *firsts, sizeof **firsts, ranks->count, error);
}

/* The rank that has row `number`; of several that begin with it, the last one is the one that has any. */
static int32_t owner_of(const int64_t *firsts, int32_t ranks, int64_t number)
{
    int32_t low = 0, high = ranks;
    while (high - low > 1) {
        const int32_t middle = low + (high - low) / 2;
        if (firsts[middle] <= number)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* What gathering some rows needs. */
typedef struct gathering {
    const okng_shared_rows *rows;
    const int64_t *firsts;
    okng_copy_row_fn copy;
    const void *context;
    float *mine;   /* [at a time, dim] */
    int64_t *next; /* [ranks + 1] in the blocks, of each rank */
} gathering;

static okng_status copy_mine(const gathering *g, const int64_t *index, int64_t count, int64_t *copied,
                             okng_error *error)
{
    const okng_shared_rows *rows = g->rows;
    *copied = 0;
    for (int64_t i = 0; i < count; i++) {
        if (index[i] < rows->first || index[i] >= rows->first + rows->count) continue;
        OKNG_TRY(g->copy(g->context, index[i], g->mine + (*copied)++ * rows->dim, error));
    }
    return OKNG_OK;
}

static okng_status gather_some(const gathering *g, const int64_t *index, int64_t count, float *out, okng_error *error)
{
    const okng_shared_rows *rows = g->rows;
    const size_t row = (size_t)rows->dim * sizeof *out;
    int64_t copied;
    void *all;
    OKNG_TRY(okng_ranks_agree(rows->ranks, copy_mine(g, index, count, &copied, error), error));
    OKNG_TRY(okng_ranks_gather_blocks(rows->ranks, g->mine, row, copied, &all, g->next, error));
    for (int64_t i = 0; i < count; i++) {
        const int64_t from = g->next[owner_of(g->firsts, rows->ranks->count, index[i])]++;
        memcpy(out + i * rows->dim, (const char *)all + (size_t)from * row, row);
    }
    free(all);
    return OKNG_OK;
}

static okng_status gather_all(gathering *g, const int64_t *index, int64_t count, float *out, okng_error *error)
{
    const int64_t dim = g->rows->dim;
    const int64_t most = AT_A_TIME / (dim * (int64_t)sizeof *out) + 1, step = most < count ? most : count;
    g->mine = okng_alloc((size_t)step, (size_t)dim * sizeof *out);
    g->next = okng_alloc((size_t)g->rows->ranks->count + 1, sizeof *g->next);
    okng_status status =
        g->mine && g->next ? OKNG_OK : okng_fail_memory(error, (size_t)step * (size_t)dim * sizeof *out);
    status = okng_ranks_agree(g->rows->ranks, status, error);
    for (int64_t i = 0; i < count && status == OKNG_OK; i += step)
        status = gather_some(g, index + i, count - i < step ? count - i : step, out + i * dim, error);
    free(g->mine);
    free(g->next);
    return status;
}

okng_status okng_shared_rows_gather(const okng_shared_rows *rows, const int64_t *index, int64_t count,
                                    okng_copy_row_fn copy, const void *context, float *out, okng_error *error)
{
    if (rows->ranks->count == 1) {
        for (int64_t i = 0; i < count; i++) OKNG_TRY(copy(context, index[i], out + i * rows->dim, error));
        return OKNG_OK;
    }
    int64_t *firsts;
    okng_status status = find_firsts(rows, &firsts, error);
    gathering g = {.rows = rows, .firsts = firsts, .copy = copy, .context = context};
    if (status == OKNG_OK) status = gather_all(&g, index, count, out, error);
    free(firsts);
    return status;
}
