/* Exact nearest neighbours, as inspection searches a bank: prepared once, which has a time of its own. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "bench/made.h"
#include "tensor/array.h"

enum { MADE_ROWS = 16384, MADE_QUERIES = 784, MADE_DIM = 384 };

typedef struct search {
    const okng_index *index;
    const okng_array *queries;
    int32_t k, threads;
} search;

static okng_status run_search(void *context, okng_error *error)
{
    const search *s = context;
    okng_array *distances, *indices;
    OKNG_TRY(
        okng_index_search(&distances, &indices, s->index, s->queries, s->k, OKNG_DISTANCE_SQUARED, s->threads, error));
    okng_array_free(&distances);
    okng_array_free(&indices);
    return OKNG_OK;
}

static okng_status time_search(okng_bench_run *run, const okng_array *bank, search *s, const char *kind,
                               okng_error *error)
{
    OKNG_TRY(run_search(s, error)); /* tells whether the arrays fit each other */
    double q = (double)s->queries->shape[0], m = (double)bank->shape[0], d = (double)bank->shape[1];
    /* what a plain search does, by products: what bounds skip counts as done */
    okng_bench_work work = {.stage = "knn", .flop = 2 * q * m * d, .bytes = (q + m) * d * sizeof(float), .items = q};
    (void)snprintf(work.what, sizeof work.what, "%.0f queries, %.0f x %.0f, k %d, %s", q, m, d, (int)s->k, kind);
    return okng_bench_time(run, &work, run_search, s, error);
}

static okng_status measure(okng_bench_run *run, const okng_array *bank, const okng_array *queries, const char *kind,
                           okng_error *error)
{
    search s = {.queries = queries, .k = run->inputs.k > 0 ? run->inputs.k : 1, .threads = run->threads};
    okng_index *index;
    double start = okng_clock();
    OKNG_TRY(okng_index_new(&index, bank, run->threads, error));
    double prepared = okng_clock() - start;
    s.index = index;
    okng_status status = time_search(run, bank, &s, kind, error);
    okng_index_free(&index);
    if (status != OKNG_OK) return status;
    return okng_bench_put(okng_bench_last(run), "prepare_ms", json_real(1e3 * prepared), error);
}

static okng_status measure_made(okng_bench_run *run, bool noise, okng_error *error)
{
    int64_t count = run->inputs.made_rows > 0 ? run->inputs.made_rows : MADE_ROWS;
    int64_t dim = run->inputs.made_dim > 0 ? run->inputs.made_dim : MADE_DIM;
    okng_array *bank = NULL, *queries = NULL;
    okng_status status = okng_made_rows(&bank, count, dim, noise, 0, error);
    if (status == OKNG_OK) status = okng_made_rows(&queries, MADE_QUERIES, dim, noise, 1, error);
    if (status == OKNG_OK) status = measure(run, bank, queries, noise ? "noise" : "made", error);
    okng_array_free(&bank);
    okng_array_free(&queries);
    return status;
}

static okng_status measure_files(okng_bench_run *run, okng_error *error)
{
    okng_array *bank = NULL, *queries = NULL;
    okng_status status = okng_array_read_npy(&bank, run->inputs.bank, error);
    if (status == OKNG_OK) status = okng_array_read_npy(&queries, run->inputs.query, error);
    if (status == OKNG_OK) {
        status = measure(run, bank, queries, "given", error);
        if (status == OKNG_ERROR_ARGUMENT)
            status = okng_error_context(error, status, "%s, %s", run->inputs.bank, run->inputs.query);
    }
    okng_array_free(&bank);
    okng_array_free(&queries);
    return status;
}

okng_status okng_bench_knn(okng_bench_run *run, okng_error *error)
{
    if (!run->inputs.bank != !run->inputs.query)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s was given without %s; give both, or neither for made rows",
                         run->inputs.bank ? "a bank" : "queries", run->inputs.bank ? "queries" : "a bank");
    if (run->inputs.bank) return measure_files(run, error);
    OKNG_TRY(measure_made(run, false, error));
    return measure_made(run, true, error);
}
