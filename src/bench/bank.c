/* Inspection with a bank: latency of a picture and of each of its stages, throughput of many. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/each.h"
#include "base/memory.h"
#include "bench/bench.h"
#include "bench/given_bank.h"
#include "features/extractor.h"
#include "model/model.h"

enum { WARM = 3, LEAST = 20, MOST = 2000, BATCH = 16 };
#define ENOUGH_SECONDS 3.0

typedef struct inspection {
    okng_model *model;
    okng_model_info info;
    const okng_given_bank *given;
} inspection;

static const char *path_of(const inspection *in, size_t i)
{
    return in->given->pictures[i % in->given->count];
}

static okng_status load(const inspection *in, size_t i, okng_image *rgb, okng_stages *stages, okng_error *error)
{
    double since = okng_clock();
    okng_decoding how = {.max_pixels = in->info.options->max_pixels,
                         .bit_depth = okng_bits_of(in->info.options->bit_depth)};
    OKNG_TRY(okng_image_load_by(rgb, path_of(in, i), &how, error));
    *stages = (okng_stages){{0}};
    okng_stages_add(stages, OKNG_STAGE_DECODE, &since);
    return OKNG_OK;
}

/* `count` pictures from `first` on, from files to maps. The first that fails decides the error. */
static okng_status inspect(const inspection *in, size_t first, int32_t count, int threads, okng_stages *stages,
                           okng_error *error)
{
    okng_image rgb[OKNG_EXTRACTOR_AT_ONCE] = {{0}};
    okng_inspection pictures[OKNG_EXTRACTOR_AT_ONCE] = {{0}};
    okng_status status = OKNG_OK;
    for (int32_t i = 0; i < count && status == OKNG_OK; i++) {
        status = load(in, first + (size_t)i, &rgb[i], &stages[i], error);
        pictures[i].rgb = &rgb[i];
    }
    if (status == OKNG_OK) okng_model_inspect_few(in->model, pictures, count, threads);
    for (int32_t i = 0; i < count; i++) {
        okng_inspection *one = &pictures[i];
        if (status == OKNG_OK && one->status != OKNG_OK)
            status = okng_fail(error, one->status, "%s: %s", path_of(in, first + (size_t)i), one->error.message);
        for (int s = 0; s < OKNG_STAGE_COUNT; s++) stages[i].seconds[s] += one->scored.stages.seconds[s];
        okng_scored_free(&one->scored);
        okng_image_free(&rgb[i]);
    }
    return status;
}

/* ---- latency ---- */

typedef struct latencies {
    double whole[MOST], stages[OKNG_STAGE_COUNT][MOST]; /* milliseconds */
    size_t count;
} latencies;

static okng_status take_times(okng_bench_run *run, const inspection *in, latencies *times, okng_error *error)
{
    const size_t wanted = (size_t)okng_bench_repeats(run, MOST);
    double spent = 0;
    for (size_t i = 0; times->count < wanted && times->count < MOST; i++) {
        if (run->inputs.repeats <= 0 && times->count >= LEAST && spent >= ENOUGH_SECONDS) break;
        OKNG_TRY(okng_bench_go_on(run, error));
        okng_stages stages;
        double begin = okng_clock();
        OKNG_TRY(inspect(in, i, 1, run->threads, &stages, error));
        double seconds = okng_clock() - begin;
        if (i < WARM) continue;
        spent += seconds;
        times->whole[times->count] = 1e3 * seconds;
        for (int s = 0; s < OKNG_STAGE_COUNT; s++) times->stages[s][times->count] = 1e3 * stages.seconds[s];
        times->count++;
    }
    return OKNG_OK;
}

static okng_status describe(json_t *row, const okng_model_info *info, okng_error *error)
{
    OKNG_TRY(okng_bench_put(row, "backbone", json_string(info->backbone), error));
    OKNG_TRY(okng_bench_put(row, "parameters", json_integer(info->cost.parameters), error));
    OKNG_TRY(okng_bench_put(row, "network_flop", json_real(info->cost.flops), error));
    OKNG_TRY(okng_bench_put(row, "bank_rows", json_integer(info->rows), error));
    OKNG_TRY(okng_bench_put(row, "bank_dim", json_integer(info->dim), error));
    return okng_bench_put(row, "bank_bytes", json_integer((json_int_t)info->bytes), error);
}

static okng_status add_latencies(okng_bench_run *run, const inspection *in, latencies *times, okng_error *error)
{
    const okng_model_info *info = &in->info;
    okng_bench_work whole = {.stage = "bank", .part = "latency", .items = 1};
    whole.precision = okng_bench_precision(info->options);
    (void)snprintf(whole.what, sizeof whole.what, "a picture, %s, %lld x %lld rows", info->backbone,
                   (long long)info->rows, (long long)info->dim);
    OKNG_TRY(okng_bench_add(run, &whole, times->whole, times->count, error));
    OKNG_TRY(describe(okng_bench_last(run), info, error));
    for (okng_stage s = 0; s < OKNG_STAGE_COUNT; s++) {
        okng_bench_work work = {.stage = "bank", .part = okng_stage_name(s)};
        if (s == OKNG_STAGE_NETWORK) work.flop = info->cost.flops;
        if (s == OKNG_STAGE_NETWORK) work.precision = okng_bench_precision(info->options);
        if (s == OKNG_STAGE_DECODE) work.threads = 1;
        (void)snprintf(work.what, sizeof work.what, "  of it %s", okng_stage_name(s));
        OKNG_TRY(okng_bench_add(run, &work, times->stages[s], times->count, error));
    }
    return OKNG_OK;
}

/* ---- throughput ---- */

typedef struct batch {
    const inspection *in;
    int threads;
    okng_stages stages[BATCH];
    double network, wall; /* seconds of the threads in the network; of the batches */
} batch;

static okng_status inspect_few(void *context, int64_t first, int64_t count, int thread, okng_error *error)
{
    batch *b = context;
    (void)thread;
    return inspect(b->in, (size_t)first, (int32_t)count, 1, &b->stages[first], error);
}

static okng_status run_batch(void *context, okng_error *error)
{
    batch *b = context;
    double begin = okng_clock();
    const int64_t at_once = okng_each_at_once(BATCH, b->threads, okng_model_at_once(b->in->model));
    OKNG_TRY(okng_each_few(b->threads, BATCH, at_once, inspect_few, b, NULL, "the measurement", error));
    b->wall += okng_clock() - begin;
    for (int i = 0; i < BATCH; i++) b->network += b->stages[i].seconds[OKNG_STAGE_NETWORK];
    return OKNG_OK;
}

/* Pictures are shared out to the threads. What part of their time goes to the network is what part of the network's own
 * throughput is reached. */
static okng_status measure_throughput(okng_bench_run *run, const inspection *in, okng_error *error)
{
    batch *b = okng_alloc_zero(1, sizeof *b);
    if (!b) return okng_fail_memory(error, sizeof *b);
    b->in = in;
    b->threads = run->threads;
    okng_bench_work work = {.stage = "bank", .part = "throughput", .items = BATCH, .flop = BATCH * in->info.cost.flops};
    (void)snprintf(work.what, sizeof work.what, "%d pictures, files to maps", BATCH);
    work.precision = okng_bench_precision(in->info.options);
    okng_status status = okng_bench_time(run, &work, run_batch, b, error);
    double share = b->wall > 0 ? b->network / (b->wall * b->threads) : 0;
    free(b);
    OKNG_TRY(status);
    return okng_bench_put(okng_bench_last(run), "of_network_throughput", json_real(share), error);
}

/* ---- both ---- */

static okng_status measure(okng_bench_run *run, inspection *in, okng_error *error)
{
    OKNG_TRY(okng_model_describe(in->model, &in->info, error));
    latencies *times = okng_alloc_zero(1, sizeof *times);
    if (!times) return okng_fail_memory(error, sizeof *times);
    okng_status status = take_times(run, in, times, error);
    if (status == OKNG_OK) status = add_latencies(run, in, times, error);
    free(times);
    return status == OKNG_OK ? measure_throughput(run, in, error) : status;
}

okng_status okng_bench_bank(okng_bench_run *run, okng_error *error)
{
    okng_given_bank given;
    OKNG_TRY(okng_given_bank_open(&given, run, error));
    inspection in = {.given = &given};
    const char *weights = run->options->weights[0] && run->inputs.bank_dir ? run->options->weights : NULL;
    okng_memory_peak_reset(); /* the bank may have been built here */
    okng_status status = okng_model_open(&in.model, given.bank_dir, weights, error);
    if (status == OKNG_OK) {
        status = measure(run, &in, error);
        okng_model_close(&in.model);
    }
    okng_given_bank_close(&given);
    return status;
}
