#include "bank/coreset.h"

#include <stdlib.h>

#include "bank/coreset_shared.h"
#include "bank/sampler.h"
#include "base/memory.h"
#include "base/parallel.h"

/* For each centre the row nearest to it. */
static okng_status nearest_rows(const okng_rows *rows, const float *centres, int64_t count, int threads, int64_t *picks,
                                okng_error *error)
{
    float *squared = okng_alloc((size_t)count, sizeof *squared);
    if (!squared) return okng_fail_memory(error, (size_t)count * sizeof *squared);
    okng_status status = okng_knn_search(rows, centres, count, 1, -1, threads, squared, picks, error);
    free(squared);
    return status;
}

static okng_status pick_by_kmeans(const okng_build_options *options, const okng_rows *rows, int64_t count,
                                  okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    const int64_t n = rows->count, dim = rows->dim;
    okng_store *store = NULL;
    float *centres = okng_alloc((size_t)count, (size_t)dim * sizeof *centres);
    int64_t *assignment = okng_alloc((size_t)n, sizeof *assignment);
    okng_status status = centres && assignment ? okng_store_over(&store, rows->data, n, dim, error)
                                               : okng_fail_memory(error, (size_t)count * (size_t)dim * sizeof *centres);
    if (status == OKNG_OK) status = okng_kmeans(options, store, count, ticker, centres, assignment, error);
    if (status == OKNG_OK)
        status = nearest_rows(rows, centres, count, okng_thread_count(options->threads), picks, error);
    okng_store_free(&store);
    free(assignment);
    free(centres);
    return status;
}

okng_status okng_coreset_pick(const okng_build_options *options, const float *rows, int64_t n, int64_t dim,
                              okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    const okng_rows all = {.data = rows, .count = n, .dim = dim};
    const int64_t count = okng_sampler_count(options, n);
    const bool greedy = options->sampler == OKNG_SAMPLER_GREEDY || options->sampler == OKNG_SAMPLER_APPROX_GREEDY;
    if (options->sampler == OKNG_SAMPLER_KMEANS) return pick_by_kmeans(options, &all, count, ticker, picks, error);
    if (greedy) return okng_coreset_pick_greedy(options, &all, count, ticker, picks, error);
    return okng_sampler_pick(options, rows, n, dim, count, ticker, picks, error);
}
