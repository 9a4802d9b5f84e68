#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bank/finite.h"
#include "bank/kmeans.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "kernels/kernels.h"

enum {
    WEIGHT_BLOCK = 1024, /* rows whose weights are summed together */
    MEASURE_GRAIN = 256,
    CENTRE_TILE = 256,
    SIEVE_SEEDS = 64, /* after which seeds are sifted, too */
    REPORTS = 1000    /* times that the ticker hears of the seeding */
};
#define BUFFER_BYTES ((size_t)32 << 20) /* of rows read from a spilled store at a time */

/* ---- seeding: k-means++ ------------------------------------------------------------------------------------------ */

static void sum_weights(okng_kmeans_state *m, int64_t block)
{
    int64_t begin = block * WEIGHT_BLOCK, end = m->n - begin < WEIGHT_BLOCK ? m->n : begin + WEIGHT_BLOCK;
    double sum = 0;
    for (int64_t r = begin; r < end; r++) sum += (double)m->weights[r];
    m->sums[block] = sum;
}

static void measure_first(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    okng_kmeans_state *m = context;
    okng_kernels_get()->l2_squared_block(m->centres, 1, m->block + begin * m->dim, (size_t)(end - begin),
                                         (size_t)m->dim, m->weights + m->first + begin, (size_t)(end - begin));
    for (int64_t r = begin; r < end; r++) {
        m->applied[m->first + r] = 1;
        m->assignment[m->first + r] = 0;
    }
}

static okng_status weigh_all(okng_kmeans_state *m, okng_error *error)
{
    for (int64_t first = 0; first < m->n; first += m->block_rows) {
        OKNG_TRY(okng_kmeans_read(m, first, error));
        OKNG_TRY(okng_check_finite(m->block, m->block_count, m->dim, first, m->threads, error));
        okng_parallel_for(m->threads, m->block_count, MEASURE_GRAIN, measure_first, m);
    }
    for (int64_t block = 0; block * WEIGHT_BLOCK < m->n; block++) sum_weights(m, block);
    return OKNG_OK;
}

/* What drawing seeds needs besides: once there are some, a sieve of them. */
typedef struct seeding {
    okng_kmeans_state *m;
    okng_sieve sieve;
    okng_sifting sifting;
} seeding;

static okng_status make_sieve(seeding *s, int64_t centres, okng_error *error)
{
    const okng_kmeans_state *m = s->m;
    const okng_sight *sight;
    OKNG_TRY(okng_kmeans_choose(s->m, centres, &sight, error));
    OKNG_TRY(okng_sieve_new(&s->sieve, sight, m->count, error));
    for (int64_t c = 0; c < centres; c++) okng_sieve_set(&s->sieve, c, m->centres + c * m->dim, 1);
    return okng_sifting_new(&s->sifting, &s->sieve, error);
}

static void lower_weight(okng_kmeans_state *m, int64_t row, int64_t centre, float squared)
{
    if (!(squared < m->weights[row])) return;
    m->weights[row] = squared;
    m->assignment[row] = centre;
}

static void measure_all(okng_kmeans_state *m, int64_t row, int64_t centres)
{
    float squared[CENTRE_TILE];
    for (int64_t c = m->applied[row]; c < centres; c += CENTRE_TILE) {
        int64_t tile = centres - c < CENTRE_TILE ? centres - c : CENTRE_TILE;
        okng_kernels_get()->l2_squared_block(m->row, 1, m->centres + c * m->dim, (size_t)tile, (size_t)m->dim, squared,
                                             CENTRE_TILE);
        for (int64_t i = 0; i < tile; i++) lower_weight(m, row, c + i, squared[i]);
    }
}

static void measure_sifted(seeding *s, int64_t row, int64_t centres)
{
    okng_kmeans_state *m = s->m;
    s->sifting.count = 1;
    okng_sifting_row(&s->sifting, 0, m->row);
    for (int64_t first = m->applied[row] / OKNG_SIEVE_PANEL * OKNG_SIEVE_PANEL; first < centres;
         first += OKNG_SIEVE_BLOCK) {
        okng_sifting_reach(&s->sifting, 0, (double)m->weights[row]);
        okng_sifting_block(&s->sifting, first, OKNG_SIEVE_BLOCK);
        for (int64_t c = first; c < centres && c < first + OKNG_SIEVE_BLOCK; c++)
            if (okng_sifting_passed(&s->sifting, 0, c - first))
                lower_weight(m, row, c,
                             okng_kernels_get()->l2_squared(m->row, m->centres + c * m->dim, (size_t)m->dim));
    }
}

/* Brings the weight of a row, whose values are in m->row, up to date with the first `centres` centres. */
static void weigh(seeding *s, int64_t row, int64_t centres)
{
    if (s->sieve.count > 0 && centres - s->m->applied[row] > CENTRE_TILE) /* fewer are measured as fast as sifted */
        measure_sifted(s, row, centres);
    else
        measure_all(s->m, row, centres);
    s->m->applied[row] = (uint32_t)centres;
    sum_weights(s->m, row / WEIGHT_BLOCK);
}

/* The row at `point` of the line on which every row takes as much as it weighs; `rest` is how far into the row. */
static int64_t row_at(const okng_kmeans_state *m, double point, double *rest)
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
static okng_status draw_seed(seeding *s, okng_rng *rng, int64_t centres, okng_error *error)
{
    okng_kmeans_state *m = s->m;
    for (;;) {
        double total = 0, rest;
        for (int64_t block = 0; block * WEIGHT_BLOCK < m->n; block++) total += m->sums[block];
        if (!isfinite(total))
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "the vectors are too large: their squared distances overflow");
        if (total <= 0) /* every row lies on a seed */
            return okng_store_read(m->store, (int64_t)okng_rng_below(rng, (uint64_t)m->n), 1, m->row, error);
        int64_t row = row_at(m, okng_rng_uniform(rng) * total, &rest);
        OKNG_TRY(okng_store_read(m->store, row, 1, m->row, error));
        weigh(s, row, centres);
        if (rest < (double)m->weights[row]) return OKNG_OK;
        if (okng_ticker_cancelled(m->ticker)) return okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled in k-means");
    }
}

static okng_status draw_seeds(seeding *s, okng_rng *rng, okng_error *error)
{
    okng_kmeans_state *m = s->m;
    const int64_t step = m->count / REPORTS + 1;
    for (int64_t c = 1; c < m->count; c++) {
        if (c == SIEVE_SEEDS) OKNG_TRY(make_sieve(s, c, error));
        OKNG_TRY(draw_seed(s, rng, c, error));
        memcpy(m->centres + c * m->dim, m->row, (size_t)m->dim * sizeof *m->row);
        if (s->sieve.count > 0) okng_sieve_set(&s->sieve, c, m->row, 1);
        if (c % step == 0) OKNG_TRY(okng_kmeans_tick(m, (uint64_t)step, error));
    }
    return okng_kmeans_tick(m, (uint64_t)((m->count - 1) % step + 1), error);
}

static okng_status seed(okng_kmeans_state *m, uint64_t number, okng_error *error)
{
    okng_rng rng = okng_rng_new(number, OKNG_STREAM_KMEANS);
    seeding s = {.m = m};
    OKNG_TRY(okng_store_read(m->store, (int64_t)okng_rng_below(&rng, (uint64_t)m->n), 1, m->centres, error));
    OKNG_TRY(weigh_all(m, error));
    OKNG_TRY(okng_kmeans_look(m, error));
    okng_status status = draw_seeds(&s, &rng, error);
    okng_sifting_free(&s.sifting);
    okng_sieve_free(&s.sieve);
    return status;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static okng_status reserve(okng_kmeans_state *m, okng_error *error)
{
    const size_t dim = (size_t)m->dim, n = (size_t)m->n;
    const int64_t fitting = (int64_t)(BUFFER_BYTES / (dim * sizeof(float)));
    const bool spilled = !okng_store_memory(m->store);
    m->block_rows = fitting < 1 ? 1 : fitting < m->n && spilled ? fitting : m->n;
    m->buffer = spilled ? okng_alloc((size_t)m->block_rows, dim * sizeof *m->buffer) : NULL;
    m->row = okng_alloc(dim, sizeof *m->row);
    m->weights = okng_alloc(n, sizeof *m->weights);
    m->applied = okng_alloc(n, sizeof *m->applied);
    m->sums = okng_alloc(n / WEIGHT_BLOCK + 1, sizeof *m->sums);
    if ((m->buffer || !spilled) && m->row && m->weights && m->applied && m->sums) return OKNG_OK;
    return okng_fail_memory(error, n * (sizeof *m->weights + sizeof *m->applied));
}

okng_status okng_kmeans(const okng_build_options *options, okng_store *store, int64_t count, okng_ticker *ticker,
                        float *centres, int64_t *assignment, okng_error *error)
{
    okng_kmeans_state m = {.store = store,
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
    okng_ticker_stage(ticker, "coreset", (uint64_t)count + OKNG_KMEANS_ROUNDS);
    okng_status status = reserve(&m, error);
    if (status == OKNG_OK) status = seed(&m, options->seed, error);
    if (status == OKNG_OK) status = okng_lloyd(&m, error);
    free(m.buffer);
    free(m.row);
    free(m.weights);
    free(m.applied);
    free(m.sums);
    okng_sights_free(&m.sights);
    return status;
}

uint64_t okng_kmeans_bytes(int64_t n, int64_t dim, int64_t count)
{
    const uint64_t rows = (uint64_t)n;
    return rows * (sizeof(float) + sizeof(uint32_t)) + BUFFER_BYTES + okng_lloyd_bytes(n, dim, count);
}
