/* Warms up, repeats and sums up: what every stage measures with. */
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "bench/bench.h"
#include "eval/latency.h"

enum { MOST_REPEATS = 10000, LEAST_REPEATS = 3 };
#define ENOUGH_SECONDS 1.0 /* of repetitions where no number was asked for */
#define WARM_SECONDS 0.1   /* of warming up, at least one repetition */
#define WARM_SHORT 0.02    /* where the least time is what counts */

int okng_bench_repeats(const okng_bench_run *run, int otherwise)
{
    return run->inputs.repeats > 0 ? run->inputs.repeats : otherwise;
}

const char *okng_bench_precision(const okng_build_options *options)
{
    static const char *const names[] = {"fp32", "bf16", "int8"};
    return names[options->precision];
}

okng_status okng_bench_go_on(const okng_bench_run *run, okng_error *error)
{
    if (okng_ticker_advance(run->ticker, 0)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_CANCELLED, "stopped before the end of the measurement");
}

okng_status okng_bench_put(json_t *row, const char *key, json_t *value, okng_error *error)
{
    if (json_object_set_new(row, key, value) == 0) return OKNG_OK; /* `row` is in the list already */
    return okng_fail(error, OKNG_ERROR_MEMORY, "out of memory for the figures");
}

static okng_status put_rates(json_t *row, const okng_bench_work *work, double seconds, okng_error *error)
{
    if (seconds <= 0) return OKNG_OK;
    if (work->flop > 0) OKNG_TRY(okng_bench_put(row, "gflops", json_real(work->flop / seconds * 1e-9), error));
    if (work->bytes > 0) OKNG_TRY(okng_bench_put(row, "gbps", json_real(work->bytes / seconds * 1e-9), error));
    if (work->items > 0) OKNG_TRY(okng_bench_put(row, "per_second", json_real(work->items / seconds), error));
    return OKNG_OK;
}

okng_status okng_bench_add(okng_bench_run *run, const okng_bench_work *work, double *milliseconds, size_t count,
                           okng_error *error)
{
    okng_latency times = okng_latency_summary(milliseconds, count);
    json_t *row =
        json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:i, s:s, s:I}", "stage", work->stage, "what",
                  work->what, "median_ms", times.median, "min_ms", times.min, "mean_ms", times.mean, "p50_ms",
                  times.p50, "p95_ms", times.p95, "p99_ms", times.p99, "spread", times.spread, "repeats",
                  (json_int_t)times.count, "threads", work->threads ? work->threads : run->threads, "precision",
                  work->precision ? work->precision : "fp32", "peak_bytes", (json_int_t)okng_memory_peak());
    okng_json_add(&run->rows, row);
    if (!run->rows) return okng_fail(error, OKNG_ERROR_MEMORY, "out of memory for the figures");
    if (work->part) OKNG_TRY(okng_bench_put(row, "part", json_string(work->part), error));
    if (work->flop > 0) OKNG_TRY(okng_bench_put(row, "flop", json_real(work->flop), error));
    if (work->bytes > 0) OKNG_TRY(okng_bench_put(row, "bytes", json_real(work->bytes), error));
    return put_rates(row, work, 1e-3 * (work->best ? times.min : times.median), error);
}

json_t *okng_bench_last(const okng_bench_run *run)
{
    return json_array_get(run->rows, json_array_size(run->rows) - 1);
}

/* Seconds that all threads of this process have computed: on a machine that others use too it tells more than the clock
 * on the wall. */
static double cpu_clock(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static okng_status warm_up(const okng_bench_run *run, double seconds, okng_bench_fn repeat, void *context,
                           okng_error *error)
{
    double begin = okng_clock();
    do {
        OKNG_TRY(okng_bench_go_on(run, error));
        OKNG_TRY(repeat(context, error));
    } while (okng_clock() - begin < seconds);
    return OKNG_OK;
}

okng_status okng_bench_time(okng_bench_run *run, const okng_bench_work *work, okng_bench_fn repeat, void *context,
                            okng_error *error)
{
    double times[MOST_REPEATS], cpu_times[MOST_REPEATS], begin, cpu;
    size_t count = 0, wanted = (size_t)okng_bench_repeats(run, MOST_REPEATS);
    OKNG_TRY(warm_up(run, work->best ? WARM_SHORT : WARM_SECONDS, repeat, context, error));
    for (double spent = 0; count < wanted && count < MOST_REPEATS; count++) {
        if (run->inputs.repeats <= 0 && count >= LEAST_REPEATS && spent >= ENOUGH_SECONDS) break;
        OKNG_TRY(okng_bench_go_on(run, error));
        begin = okng_clock();
        cpu = cpu_clock();
        OKNG_TRY(repeat(context, error));
        double seconds = okng_clock() - begin;
        cpu_times[count] = 1e3 * (cpu_clock() - cpu);
        times[count] = 1e3 * seconds;
        spent += seconds;
    }
    OKNG_TRY(okng_bench_add(run, work, times, count, error));
    double least = okng_latency_summary(cpu_times, count).min;
    return okng_bench_put(okng_bench_last(run), "min_cpu_ms", json_real(least), error);
}
