/* The choice of a bank's rows, from rows in memory. */
#include <stdio.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/made.h"
#include "tensor/array.h"

enum {
    MADE_ROWS = 12544,
    MADE_DIM = 384,
    REPEATED_ROWS = 50176,
    KINDS = 300 /* different rows among those */
};

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

static okng_status measure(okng_bench_run *run, const okng_array *rows, const char *part, const char *kind,
                           okng_error *error)
{
    selection s = {.rows = rows, .options = *run->options};
    s.options.threads = run->threads;
    OKNG_TRY(pick(&s, error)); /* tells whether the options fit the rows, and how many are picked */
    bool greedy = s.options.sampler == OKNG_SAMPLER_GREEDY || s.options.sampler == OKNG_SAMPLER_APPROX_GREEDY;
    int32_t projection = greedy ? s.options.projection : 0;
    double n = (double)rows->shape[0], dim = (double)rows->shape[1], picks = (double)s.picks;
    okng_bench_work work = {.stage = "coreset", .part = part, .items = picks};
    /* what the plain farthest-first loop does, by products: what bounds skip counts as done */
    if (greedy) work.flop = 2 * n * picks * (projection > 0 ? projection : dim) + 2 * n * dim * projection;
    (void)snprintf(work.what, sizeof work.what, "%.0f of %.0f x %.0f, projection %d, %s", picks, n, dim,
                   (int)projection, kind);
    OKNG_TRY(okng_bench_time(run, &work, pick, &s, error));
    return okng_bench_put(okng_bench_last(run), "picks", json_integer(s.picks), error);
}

/* Few different rows, each many times: rounds give few picks, and one loop follows the other at once. */
static okng_status measure_repeated(okng_bench_run *run, int64_t dim, okng_error *error)
{
    okng_array *kinds = NULL, *rows = NULL;
    okng_status status = okng_made_rows(&kinds, KINDS, dim, false, 0, error);
    if (status == OKNG_OK) status = okng_array_new(&rows, OKNG_F32, 2, (const int64_t[]){REPEATED_ROWS, dim}, error);
    const size_t row = (size_t)dim * sizeof(float);
    for (int64_t i = 0; status == OKNG_OK && i < REPEATED_ROWS; i++) {
        uint32_t kind = ((uint32_t)i * 2654435761u >> 16) % KINDS;
        memcpy((char *)rows->data + (size_t)i * row, (const char *)kinds->data + kind * row, row);
    }
    if (status == OKNG_OK) status = measure(run, rows, "repeated", "each row many times", error);
    okng_array_free(&kinds);
    okng_array_free(&rows);
    return status;
}

okng_status okng_bench_coreset(okng_bench_run *run, okng_error *error)
{
    const okng_bench_inputs *in = &run->inputs;
    const int64_t dim = in->made_dim > 0 ? in->made_dim : MADE_DIM;
    okng_array *rows;
    if (in->rows)
        OKNG_TRY(okng_array_read_npy(&rows, in->rows, error));
    else
        OKNG_TRY(okng_made_rows(&rows, in->made_rows > 0 ? in->made_rows : MADE_ROWS, dim, false, 0, error));
    okng_status status = measure(run, rows, "choice", in->rows ? "given" : "made", error);
    if (status == OKNG_ERROR_ARGUMENT && in->rows) status = okng_error_context(error, status, "%s", in->rows);
    okng_array_free(&rows);
    if (status != OKNG_OK || in->rows || in->made_rows > 0) return status;
    return measure_repeated(run, dim, error);
}
