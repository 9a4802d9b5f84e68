#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bank/finite.h"
#include "bank/knn.h"
#include "bank/sampler.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "kernels/kernels.h"

enum {
    MAX_ROUNDS = 100,
    WEIGHT_BLOCK = 1024, /* rows whose weights are summed together */
    COLUMN_GRAIN = 64,   /* columns of the means that a thread sums at a time */
    MEASURE_GRAIN = 256,
    CENTRE_TILE = 256,
    REPORTS = 1000 /* times that the ticker hears of the seeding */
};
#define BUFFER_BYTES ((size_t)32 << 20) /* of rows read from a spilled store at a time */

typedef struct kmeans {
    okng_store *store;
    int64_t n, dim, count;
    int threads;
    okng_ticker *ticker;
    float *centres;      /* [count, dim] */
    int64_t *assignment; /* [n] */

    float *buffer; /* [block_rows, dim]; NULL when the store is in memory */
    int64_t block_rows;
    float *row; /* [dim] */

    /* Seeding: the squared distance to the nearest of the first `applied` centres. */
    float *weights;    /* [n]; later the squared distance to the row's own centre */
    uint32_t *applied; /* [n] */
    double *sums;      /* of the weights, for each WEIGHT_BLOCK rows */

    int64_t *nearest;   /* [block_rows] */
    double *means;      /* [count, dim]: sums of the rows of each centre */
    int64_t *members;   /* [count] */
    const float *block; /* the rows that are looked at: `first` .. first + block_count - 1 */
    int64_t first, block_count;
} kmeans;

static okng_status read_block(kmeans *m, int64_t first, okng_error *error)
{
    if (okng_ticker_cancelled(m->ticker)) return okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled in k-means");
    m->first = first;
    m->block_count = m->n - first < m->block_rows ? m->n - first : m->block_rows;
    m->block = m->buffer;
    if (m->buffer) return okng_store_read(m->store, first, m->block_count, m->buffer, error);
    m->block = okng_store_memory(m->store) + first * m->dim;
    return OKNG_OK;
}

static okng_status tick(kmeans *m, uint64_t steps, okng_error *error)
{
    if (okng_ticker_advance(m->ticker, steps)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled in k-means");
}

/* ---- seeding: k-means++ ------------------------------------------------------------------------------------------ */

static void sum_weights(kmeans *m, int64_t block)
{
    int64_t begin = block * WEIGHT_BLOCK, end = m->n - begin < WEIGHT_BLOCK ? m->n : begin + WEIGHT_BLOCK;
    double sum = 0;
    for (int64_t r = begin; r < end; r++) sum += (double)m->weights[r];
    m->sums[block] = sum;
}

static void measure_first(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    kmeans *m = context;
    okng_kernels_get()->l2_squared_block(m->centres, 1, m->block + begin * m->dim, (size_t)(end - begin),
                                         (size_t)m->dim, m->weights + m->first + begin, (size_t)(end - begin));
    for (int64_t r = begin; r < end; r++) m->applied[m->first + r] = 1;
}

static okng_status weigh_all(kmeans *m, okng_error *error)
{
    for (int64_t first = 0; first < m->n; first += m->block_rows) {
        OKNG_TRY(read_block(m, first, error));
        OKNG_TRY(okng_check_finite(m->block, m->block_count, m->dim, first, m->threads, error));
        okng_parallel_for(m->threads, m->block_count, MEASURE_GRAIN, measure_first, m);
    }
    for (int64_t block = 0; block * WEIGHT_BLOCK < m->n; block++) sum_weights(m, block);
    return OKNG_OK;
}

/* Brings the weight of a row, whose values are in m->row, up to date with the first `centres` centres. */
static void weigh(kmeans *m, int64_t row, int64_t centres)
{
    float squared[CENTRE_TILE];
    for (int64_t c = m->applied[row]; c < centres; c += CENTRE_TILE) {
        int64_t tile = centres - c < CENTRE_TILE ? centres - c : CENTRE_TILE;
        okng_kernels_get()->l2_squared_block(m->row, 1, m->centres + c * m->dim, (size_t)tile, (size_t)m->dim, squared,
                                             CENTRE_TILE);
        for (int64_t i = 0; i < tile; i++)
            if (squared[i] < m->weights[row]) m->weights[row] = squared[i];
    }
    m->applied[row] = (uint32_t)centres;
    sum_weights(m, row / WEIGHT_BLOCK);
}

/* The row at `point` of the line on which every row takes as much as it weighs; `rest` is how far into the row. */
static int64_t row_at(const kmeans *m, double point, double *rest)
{
    int64_t block = 0, last = (m->n - 1) / WEIGHT_BLOCK;
    for (; block < last && point >= m->sums[block]; block++) point -= m->sums[block];
    int64_t begin = block * WEIGHT_BLOCK, end = m->n - begin < WEIGHT_BLOCK ? m->n : begin + WEIGHT_BLOCK, row = begin;
    for (; row < end - 1 && point >= (double)m->weights[row]; row++) point -= (double)m->weights[row];
    *rest = point;
    return row;
}

/* The next seed, drawn in proportion to the squared distance to the nearest seed so far; its values are left in m->row.
 * Weights may be out of date, then they are too large: a row drawn by such a weight is weighed anew and taken only when
 * the point falls on what is left of it, which gives every row its right chance at the price of a few more draws. */
static okng_status draw_seed(kmeans *m, okng_rng *rng, int64_t centres, okng_error *error)
{
    for (;;) {
        double total = 0, rest;
        for (int64_t block = 0; block * WEIGHT_BLOCK < m->n; block++) total += m->sums[block];
        if (!isfinite(total))
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "the vectors are too large: their squared distances overflow");
        if (total <= 0) /* every row lies on a seed */
            return okng_store_read(m->store, (int64_t)okng_rng_below(rng, (uint64_t)m->n), 1, m->row, error);
        int64_t row = row_at(m, okng_rng_uniform(rng) * total, &rest);
        OKNG_TRY(okng_store_read(m->store, row, 1, m->row, error));
        weigh(m, row, centres);
        if (rest < (double)m->weights[row]) return OKNG_OK;
        if (okng_ticker_cancelled(m->ticker)) return okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled in k-means");
    }
}

static okng_status seed(kmeans *m, uint64_t number, okng_error *error)
{
    okng_rng rng = okng_rng_new(number, OKNG_STREAM_KMEANS);
    int64_t step = m->count / REPORTS + 1;
    OKNG_TRY(okng_store_read(m->store, (int64_t)okng_rng_below(&rng, (uint64_t)m->n), 1, m->centres, error));
    OKNG_TRY(weigh_all(m, error));
    for (int64_t c = 1; c < m->count; c++) {
        OKNG_TRY(draw_seed(m, &rng, c, error));
        memcpy(m->centres + c * m->dim, m->row, (size_t)m->dim * sizeof *m->row);
        if (c % step == 0) OKNG_TRY(tick(m, (uint64_t)step, error));
    }
    return tick(m, (uint64_t)((m->count - 1) % step + 1), error);
}

/* ---- Lloyd ------------------------------------------------------------------------------------------------------- */

/* Rows are added in their order whatever the threads, for each thread has columns of its own. */
static void add_columns(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    kmeans *m = context;
    for (int64_t r = 0; r < m->block_count; r++) {
        double *mean = m->means + m->assignment[m->first + r] * m->dim;
        for (int64_t d = begin; d < end; d++) mean[d] += (double)m->block[r * m->dim + d];
    }
}

/* Gives every row its nearest centre and adds the rows up; *changed when a row has another centre than before. */
static okng_status assign(kmeans *m, bool *changed, okng_error *error)
{
    okng_rows centres = {.data = m->centres, .count = m->count, .dim = m->dim};
    *changed = false;
    memset(m->means, 0, (size_t)(m->count * m->dim) * sizeof *m->means);
    memset(m->members, 0, (size_t)m->count * sizeof *m->members);
    for (int64_t first = 0; first < m->n; first += m->block_rows) {
        OKNG_TRY(read_block(m, first, error));
        OKNG_TRY(okng_knn_search(&centres, m->block, m->block_count, 1, -1, m->threads, m->weights + first, m->nearest,
                                 error));
        for (int64_t r = 0; r < m->block_count; r++) {
            *changed |= m->assignment[first + r] != m->nearest[r];
            m->assignment[first + r] = m->nearest[r];
            m->members[m->nearest[r]]++;
        }
        okng_parallel_for(m->threads, m->dim, COLUMN_GRAIN, add_columns, m);
    }
    return OKNG_OK;
}

/* An emptied centre takes the row that is farthest from its own centre, unless every row lies on its centre or is alone
 * there; then it stays where it was. */
static okng_status refill(kmeans *m, int64_t empty, okng_error *error)
{
    int64_t farthest = -1;
    float squared = 0;
    for (int64_t r = 0; r < m->n; r++)
        if (m->weights[r] > squared && m->members[m->assignment[r]] > 1) {
            squared = m->weights[r];
            farthest = r;
        }
    if (farthest < 0) return OKNG_OK;
    OKNG_TRY(okng_store_read(m->store, farthest, 1, m->row, error));
    int64_t old = m->assignment[farthest];
    for (int64_t d = 0; d < m->dim; d++) {
        m->means[old * m->dim + d] -= (double)m->row[d];
        m->means[empty * m->dim + d] = (double)m->row[d];
    }
    m->members[old]--;
    m->members[empty] = 1;
    m->assignment[farthest] = empty;
    m->weights[farthest] = 0;
    return OKNG_OK;
}

static okng_status update(kmeans *m, okng_error *error)
{
    for (int64_t c = 0; c < m->count; c++)
        if (m->members[c] == 0) OKNG_TRY(refill(m, c, error));
    for (int64_t c = 0; c < m->count; c++)
        for (int64_t d = 0; d < m->dim && m->members[c] > 0; d++)
            m->centres[c * m->dim + d] = (float)(m->means[c * m->dim + d] / (double)m->members[c]);
    return OKNG_OK;
}

static okng_status lloyd(kmeans *m, okng_error *error)
{
    for (int64_t r = 0; r < m->n; r++) m->assignment[r] = -1;
    for (int round = 0;; round++) {
        bool changed;
        OKNG_TRY(assign(m, &changed, error));
        if (!changed || round == MAX_ROUNDS) return tick(m, (uint64_t)(MAX_ROUNDS - round), error);
        OKNG_TRY(update(m, error));
        OKNG_TRY(tick(m, 1, error));
    }
}

static okng_status reserve(kmeans *m, okng_error *error)
{
    size_t dim = (size_t)m->dim, n = (size_t)m->n, count = (size_t)m->count;
    int64_t fitting = (int64_t)(BUFFER_BYTES / (dim * sizeof(float)));
    m->block_rows = fitting < 1 ? 1 : fitting < m->n ? fitting : m->n;
    bool spilled = !okng_store_memory(m->store);
    m->buffer = spilled ? okng_alloc((size_t)m->block_rows, dim * sizeof *m->buffer) : NULL;
    m->row = okng_alloc(dim, sizeof *m->row);
    m->weights = okng_alloc(n, sizeof *m->weights);
    m->applied = okng_alloc(n, sizeof *m->applied);
    m->sums = okng_alloc(n / WEIGHT_BLOCK + 1, sizeof *m->sums);
    m->nearest = okng_alloc((size_t)m->block_rows, sizeof *m->nearest);
    m->means = okng_alloc(count, dim * sizeof *m->means);
    m->members = okng_alloc(count, sizeof *m->members);
    if ((m->buffer || !spilled) && m->row && m->weights && m->applied && m->sums && m->nearest && m->means &&
        m->members)
        return OKNG_OK;
    return okng_fail_memory(error, count * dim * sizeof *m->means + n * (sizeof *m->weights + sizeof *m->applied));
}

okng_status okng_kmeans(const okng_build_options *options, okng_store *store, int64_t count, okng_ticker *ticker,
                        float *centres, int64_t *assignment, okng_error *error)
{
    kmeans m = {.store = store,
                .n = okng_store_capacity(store),
                .dim = okng_store_dim(store),
                .count = count,
                .threads = okng_thread_count(options->threads),
                .ticker = ticker,
                .centres = centres,
                .assignment = assignment};
    if (count < 1 || count > m.n || count > UINT32_MAX)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%lld centres, expected 1..%lld, the rows there are",
                         (long long)count, (long long)m.n);
    okng_ticker_stage(ticker, "coreset", (uint64_t)count + MAX_ROUNDS);
    okng_status status = reserve(&m, error);
    if (status == OKNG_OK) status = seed(&m, options->seed, error);
    if (status == OKNG_OK) status = lloyd(&m, error);
    free(m.buffer);
    free(m.row);
    free(m.weights);
    free(m.applied);
    free(m.sums);
    free(m.nearest);
    free(m.means);
    free(m.members);
    return status;
}
