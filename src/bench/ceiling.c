/* The machine's limits: multiply-adds per second for each precision, on one thread and on all, and bytes per second
 * from memory. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "bench/bench.h"
#include "bench/peak.h"

static const char *const precisions[OKNG_PEAK_KINDS] = {"fp32", "bf16", "int8"};

enum { REPEATS = 9 };

/* ---- arithmetic ---- */

typedef struct arithmetic {
    okng_peak_kind kind;
    int threads;
    int64_t rounds;
} arithmetic;

static void multiply_add(void *context, int64_t begin, int64_t end, int thread)
{
    const arithmetic *a = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) (void)okng_peak_run(a->kind, okng_kernels_get()->name, a->rounds);
}

static okng_status run_arithmetic(void *context, okng_error *error)
{
    arithmetic *a = context;
    (void)error;
    okng_parallel_for(a->threads, a->threads, 1, multiply_add, a);
    return OKNG_OK;
}

/* So many rounds that a repetition takes a few milliseconds, by the faster of two tries. */
static int64_t rounds_of(okng_peak_kind kind, double *per_round)
{
    const char *variant = okng_kernels_get()->name;
    for (int64_t rounds = 16;; rounds *= 2) {
        double least = INFINITY, done = 0;
        for (int i = 0; i < 2; i++) {
            double begin = okng_clock();
            done = okng_peak_run(kind, variant, rounds);
            least = fmin(least, okng_clock() - begin);
        }
        *per_round = done / (double)rounds;
        if (done <= 0 || least > 0.002) return rounds;
    }
}

static okng_status measure_arithmetic(okng_bench_run *run, okng_peak_kind kind, int threads, okng_error *error)
{
    double per_round;
    arithmetic a = {kind, threads, rounds_of(kind, &per_round)};
    if (per_round <= 0) return OKNG_OK;
    okng_bench_work work = {.stage = "ceiling", .precision = precisions[kind], .threads = threads, .best = true};
    work.flop = per_round * (double)a.rounds * threads;
    (void)snprintf(work.what, sizeof work.what, "%s multiply-adds", precisions[kind]);
    return okng_bench_time(run, &work, run_arithmetic, &a, error);
}

/* ---- memory ---- */

enum { ARRAY_FLOATS = 16 << 20, SHARE = 1 << 16 }; /* 64 MiB each: beyond the caches of desktops and most servers */

typedef struct memory {
    float *a, *b, *c;
    float *sums; /* one per share */
    int threads;
} memory;

static void triad(void *context, int64_t begin, int64_t end, int thread)
{
    memory *m = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) m->a[i] = m->b[i] + 0.5f * m->c[i];
}

static void read_all(void *context, int64_t begin, int64_t end, int thread)
{
    enum { LANES = 64 };
    memory *m = context;
    float sums[LANES] = {0};
    (void)thread;
    for (int64_t i = begin; i + LANES <= end; i += LANES)
        for (int lane = 0; lane < LANES; lane++) sums[lane] += m->b[i + lane];
    float sum = 0;
    for (int lane = 0; lane < LANES; lane++) sum += sums[lane];
    m->sums[begin / SHARE] = sum;
}

static okng_status run_triad(void *context, okng_error *error)
{
    memory *m = context;
    (void)error;
    okng_parallel_for(m->threads, ARRAY_FLOATS, SHARE, triad, m);
    return OKNG_OK;
}

static okng_status run_read(void *context, okng_error *error)
{
    memory *m = context;
    (void)error;
    okng_parallel_for(m->threads, ARRAY_FLOATS, SHARE, read_all, m);
    return OKNG_OK;
}

static okng_status measure_memory(okng_bench_run *run, okng_error *error)
{
    memory m = {.threads = run->threads};
    const size_t bytes = (size_t)ARRAY_FLOATS * sizeof(float);
    m.a = okng_alloc_zero(ARRAY_FLOATS, sizeof(float));
    m.b = okng_alloc(ARRAY_FLOATS, sizeof(float));
    m.c = okng_alloc(ARRAY_FLOATS, sizeof(float));
    m.sums = okng_alloc_zero(ARRAY_FLOATS / SHARE, sizeof(float));
    okng_status status = m.a && m.b && m.c && m.sums ? OKNG_OK : okng_fail_memory(error, 3 * bytes);
    for (size_t i = 0; i < ARRAY_FLOATS && status == OKNG_OK; i++) m.b[i] = m.c[i] = (float)(i & 7);
    okng_bench_work read = {.stage = "ceiling", .what = "memory, read", .bytes = (double)bytes, .best = true};
    okng_bench_work copy = {
        .stage = "ceiling", .what = "memory, a = b + s c", .bytes = 3.0 * (double)bytes, .best = true};
    if (status == OKNG_OK) status = okng_bench_time(run, &read, run_read, &m, error);
    if (status == OKNG_OK) status = okng_bench_time(run, &copy, run_triad, &m, error);
    free(m.a);
    free(m.b);
    free(m.c);
    free(m.sums);
    return status;
}

okng_status okng_bench_ceiling(okng_bench_run *run, okng_error *error)
{
    run->inputs.repeats = okng_bench_repeats(run, REPEATS);
    for (okng_peak_kind kind = OKNG_PEAK_FP32; kind < OKNG_PEAK_KINDS; kind++) {
        OKNG_TRY(measure_arithmetic(run, kind, 1, error));
        if (run->threads > 1) OKNG_TRY(measure_arithmetic(run, kind, run->threads, error));
    }
    return measure_memory(run, error);
}
