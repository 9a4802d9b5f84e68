/* How long one picture takes, stage by stage, and how many come through in a second. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/each.h"
#include "base/memory.h"
#include "eval/latency.h"
#include "experiment/category.h"

enum { AT_ONCE = 16 };

_Static_assert(OKNG_FIGURE_STAGE_DECODE + (int)OKNG_STAGE_POST == (int)OKNG_FIGURE_STAGE_POST &&
                   OKNG_STAGE_POST + 1 == OKNG_STAGE_COUNT,
               "the stages' figures stand in the order of the stages");

typedef struct timing {
    const okng_category_job *job;
    int threads; /* within a picture */
} timing;

/* From file to map. Adds to `stages`. */
static okng_status inspect(const timing *t, int64_t i, okng_stages *stages, okng_error *error)
{
    const char *path = t->job->test[(size_t)i % t->job->test_count]->path;
    okng_image rgb = {0};
    okng_scored scored = {0};
    double since = okng_clock();
    okng_decoding how = {.max_pixels = t->job->config->build.max_pixels,
                         .bit_depth = okng_bits_of(t->job->info.options->bit_depth)};
    OKNG_TRY(okng_image_load_by(&rgb, path, &how, error));
    okng_stages_add(stages, OKNG_STAGE_DECODE, &since);
    okng_status status = okng_model_inspect(t->job->model, &rgb, t->threads, &scored, error);
    for (int stage = 0; stage < OKNG_STAGE_COUNT; stage++) stages->seconds[stage] += scored.stages.seconds[stage];
    okng_scored_free(&scored);
    okng_image_free(&rgb);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", path);
}

static okng_status measure_latency(const okng_category_job *job, double *milliseconds, okng_error *error)
{
    const timing t = {.job = job, .threads = job->threads};
    double *values = job->result->values;
    int32_t runs = job->config->latency_runs, warmup = job->config->latency_warmup;
    okng_stages stages = {0}, ignored = {0};
    for (int32_t i = -warmup; i < runs; i++) {
        double since = okng_clock();
        OKNG_TRY(inspect(&t, (int64_t)i + warmup, i < 0 ? &ignored : &stages, error));
        if (i >= 0) milliseconds[i] = 1e3 * (okng_clock() - since);
        if (!okng_ticker_advance(job->ticker, 1))
            return okng_fail(error, OKNG_ERROR_CANCELLED, "the experiment was stopped");
    }
    okng_latency latency = okng_latency_summary(milliseconds, (size_t)runs);
    values[OKNG_FIGURE_LATENCY_P50] = latency.p50;
    values[OKNG_FIGURE_LATENCY_P95] = latency.p95;
    values[OKNG_FIGURE_LATENCY_P99] = latency.p99;
    values[OKNG_FIGURE_LATENCY_MEAN] = latency.mean;
    values[OKNG_FIGURE_LATENCY_WARMUP] = warmup;
    values[OKNG_FIGURE_LATENCY_RUNS] = runs;
    for (int stage = 0; stage < OKNG_STAGE_COUNT; stage++)
        values[OKNG_FIGURE_STAGE_DECODE + stage] = 1e3 * stages.seconds[stage] / runs;
    return OKNG_OK;
}

static okng_status inspect_one(void *context, int64_t i, int thread, okng_error *error)
{
    (void)thread;
    okng_stages ignored = {0};
    return inspect(context, i, &ignored, error);
}

static okng_status measure_throughput(const okng_category_job *job, okng_error *error)
{
    int at_once = job->threads < AT_ONCE ? job->threads : AT_ONCE;
    timing t = {.job = job, .threads = at_once > 1 ? 1 : job->threads};
    int64_t pictures = job->config->latency_runs > AT_ONCE ? job->config->latency_runs : AT_ONCE;
    OKNG_TRY(okng_each(at_once, at_once, inspect_one, &t, NULL, "the experiment", error)); /* compiles the network */
    double since = okng_clock();
    OKNG_TRY(okng_each(at_once, pictures, inspect_one, &t, NULL, "the experiment", error));
    job->result->values[OKNG_FIGURE_THROUGHPUT] = (double)pictures / (okng_clock() - since);
    return OKNG_OK;
}

okng_status okng_category_latency(okng_category_job *job, okng_error *error)
{
    int32_t runs = job->config->latency_runs;
    if (runs == 0) return OKNG_OK;
    double *milliseconds = okng_alloc((size_t)runs, sizeof *milliseconds);
    if (!milliseconds) return okng_fail_memory(error, (size_t)runs * sizeof *milliseconds);
    okng_ticker_stage(job->ticker, "latency", (uint64_t)runs + (uint64_t)job->config->latency_warmup);
    okng_status status = measure_latency(job, milliseconds, error);
    if (status == OKNG_OK) status = measure_throughput(job, error);
    free(milliseconds);
    return status;
}
