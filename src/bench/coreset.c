/* The choice of a bank's rows, from rows in memory. */
#include <stdio.h>

#include "bench/bench.h"
#include "bench/made.h"
#include "tensor/array.h"

enum { MADE_ROWS = 12544, MADE_DIM = 384 };

typedef struct selection {
    const okng_array *rows;
    okng_build_options options;
    int64_t picks;
} selection;

static okng_status pick(void *context, okng_error *error)
{
    selection *s = context;
    okng_array *picks;
    OKNG_TRY(okng_coreset(&picks, s->rows, &s->options, NULL, NULL, error));
    s->picks = picks->shape[0];
    okng_array_free(&picks);
    return OKNG_OK;
}

static okng_status measure(okng_bench_run *run, const okng_array *rows, const char *kind, okng_error *error)
{
    selection s = {.rows = rows, .options = *run->options};
    s.options.threads = run->threads;
    OKNG_TRY(pick(&s, error)); /* tells whether the options fit the rows, and how many are picked */
    bool greedy = s.options.sampler == OKNG_SAMPLER_GREEDY || s.options.sampler == OKNG_SAMPLER_APPROX_GREEDY;
    int32_t projection = greedy ? s.options.projection : 0;
    double n = (double)rows->shape[0], dim = (double)rows->shape[1], picks = (double)s.picks;
    okng_bench_work work = {.stage = "coreset", .items = picks};
    /* what the plain farthest-first loop does, by products: what bounds skip counts as done */
    if (greedy) work.flop = 2 * n * picks * (projection > 0 ? projection : dim) + 2 * n * dim * projection;
    (void)snprintf(work.what, sizeof work.what, "%.0f of %.0f x %.0f, projection %d, %s", picks, n, dim,
                   (int)projection, kind);
    OKNG_TRY(okng_bench_time(run, &work, pick, &s, error));
    return okng_bench_put(okng_bench_last(run), "picks", json_integer(s.picks), error);
}

okng_status okng_bench_coreset(okng_bench_run *run, okng_error *error)
{
    const okng_bench_inputs *in = &run->inputs;
    okng_array *rows;
    if (in->rows)
        OKNG_TRY(okng_array_read_npy(&rows, in->rows, error));
    else
        OKNG_TRY(okng_made_rows(&rows, in->made_rows > 0 ? in->made_rows : MADE_ROWS,
                                in->made_dim > 0 ? in->made_dim : MADE_DIM, false, 0, error));
    okng_status status = measure(run, rows, in->rows ? "given" : "made", error);
    if (status == OKNG_ERROR_ARGUMENT && in->rows) status = okng_error_context(error, status, "%s", in->rows);
    okng_array_free(&rows);
    return status;
}
