/* What seeding and Lloyd's rounds both do with the rows. */
#include <math.h>
#include <stdlib.h>

#include "bank/kmeans.h"
#include "base/memory.h"
#include "kernels/kernels.h"

enum { TRIAL_ROWS = 96, TRIAL_CENTRES = OKNG_SIEVE_BLOCK /* that a sight is chosen by */ };

okng_status okng_kmeans_read(okng_kmeans_state *m, int64_t first, okng_error *error)
{
    if (okng_ticker_cancelled(m->ticker)) return okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled in k-means");
    m->first = first;
    m->block_count = m->n - first < m->block_rows ? m->n - first : m->block_rows;
    m->block = m->buffer;
    if (m->buffer) return okng_store_read(m->store, first, m->block_count, m->buffer, error);
    m->block = okng_store_memory(m->store) + first * m->dim;
    return OKNG_OK;
}

okng_status okng_kmeans_tick(okng_kmeans_state *m, uint64_t steps, okng_error *error)
{
    if (okng_ticker_advance(m->ticker, steps)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled in k-means");
}

/* Evenly spread rows of the store. */
static okng_status read_some(const okng_kmeans_state *m, int64_t count, float *rows, okng_error *error)
{
    for (int64_t i = 0; i < count; i++)
        OKNG_TRY(okng_store_read(m->store, i * m->n / count, 1, rows + i * m->dim, error));
    return OKNG_OK;
}

okng_status okng_kmeans_look(okng_kmeans_state *m, okng_error *error)
{
    const int64_t count = okng_sights_samples(m->n);
    float *samples = okng_alloc((size_t)count, (size_t)m->dim * sizeof *samples);
    if (!samples) return okng_fail_memory(error, (size_t)(count * m->dim) * sizeof *samples);
    okng_status status = read_some(m, count, samples, error);
    if (status == OKNG_OK) return okng_sights_new(&m->sights, samples, count, m->dim, error);
    free(samples);
    return status;
}

static double nearest_squared(const okng_kmeans_state *m, const float *row, int64_t centres)
{
    float least = INFINITY;
    for (int64_t c = 0; c < centres; c++)
        least = fminf(least, okng_kernels_get()->l2_squared(row, m->centres + c * m->dim, (size_t)m->dim));
    return (double)least;
}

okng_status okng_kmeans_choose(okng_kmeans_state *m, int64_t centres, const okng_sight **chosen, okng_error *error)
{
    const float *rows[TRIAL_ROWS], *vectors[TRIAL_CENTRES];
    double squared[TRIAL_ROWS];
    const okng_sights_trial trial = {rows, squared, m->n < TRIAL_ROWS ? m->n : TRIAL_ROWS, vectors,
                                     centres < TRIAL_CENTRES ? centres : TRIAL_CENTRES};
    float *data = okng_alloc((size_t)trial.row_count, (size_t)m->dim * sizeof *data);
    if (!data) return okng_fail_memory(error, (size_t)(trial.row_count * m->dim) * sizeof *data);
    okng_status status = read_some(m, trial.row_count, data, error);
    for (int64_t r = 0; r < trial.row_count && status == OKNG_OK; r++) {
        rows[r] = data + r * m->dim;
        squared[r] = nearest_squared(m, rows[r], centres);
    }
    for (int64_t c = 0; c < trial.vector_count; c++)
        vectors[c] = m->centres + c * centres / trial.vector_count * m->dim;
    if (status == OKNG_OK) status = okng_sights_choose(&m->sights, &trial, m->threads, chosen, error);
    free(data);
    return status;
}
