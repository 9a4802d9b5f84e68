/* Measurements of the parts of the pipeline: what stands behind okng_bench. One file per stage; bench.c holds the table
 * of stages, measure.c the loop that warms up, repeats and sums up. */
#ifndef OKNG_BENCH_BENCH_H
#define OKNG_BENCH_BENCH_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/progress.h"

/* One call of okng_bench on its way. */
typedef struct okng_bench_run {
    okng_bench_inputs inputs;
    const okng_build_options *options; /* complete and checked; a backbone is chosen */
    int threads;
    okng_ticker *ticker;
    json_t *rows; /* one object per thing that was measured */
} okng_bench_run;

/* What is measured: one object of the result. */
typedef struct okng_bench_work {
    const char *stage, *part; /* part: of a stage that measures several things; NULL = it is the whole */
    char what[160];           /* for people: "wide_resnet50_2, 1 x 3 x 224 x 224" */
    const char *precision;    /* of the arithmetic; NULL = fp32 */
    double flop;              /* floating-point operations of one repetition; 0 = not counted */
    double bytes;             /* that one repetition must at least move; 0 = not counted */
    double items;             /* pictures, picks ... of one repetition; 0 = it is one */
    int threads;              /* 0 = the run's */
    bool best;                /* rates at the least time, not at the median: what the machine can do */
} okng_bench_work;

/* What one repetition does. */
typedef okng_status (*okng_bench_fn)(void *context, okng_error *error);

/* Warms up, repeats as often as the inputs say (else for about a second, at least three times), adds a row. */
okng_status okng_bench_time(okng_bench_run *run, const okng_bench_work *work, okng_bench_fn repeat, void *context,
                            okng_error *error);
/* Adds a row for times that were taken elsewhere: milliseconds [count], which are sorted. */
okng_status okng_bench_add(okng_bench_run *run, const okng_bench_work *work, double *milliseconds, size_t count,
                           okng_error *error);
/* The row that was added last, for further keys; borrowed. */
json_t *okng_bench_last(const okng_bench_run *run);
/* Repetitions of something slow: as the inputs say, else `otherwise`. */
int okng_bench_repeats(const okng_bench_run *run, int otherwise);
/* "fp32", "bf16", "int8". */
const char *okng_bench_precision(const okng_build_options *options);
/* CANCELLED once the caller's progress function asked to stop. */
okng_status okng_bench_go_on(const okng_bench_run *run, okng_error *error);
/* Adds a key to a row; `value` is taken over. MEMORY. */
okng_status okng_bench_put(json_t *row, const char *key, json_t *value, okng_error *error);

/* A stage by its name: measures, adds rows. */
typedef okng_status (*okng_bench_stage_fn)(okng_bench_run *run, okng_error *error);
okng_status okng_bench_ceiling(okng_bench_run *run, okng_error *error);
okng_status okng_bench_network(okng_bench_run *run, okng_error *error);
okng_status okng_bench_knn(okng_bench_run *run, okng_error *error);
okng_status okng_bench_coreset(okng_bench_run *run, okng_error *error);
okng_status okng_bench_image(okng_bench_run *run, okng_error *error);
okng_status okng_bench_build(okng_bench_run *run, okng_error *error);
okng_status okng_bench_start(okng_bench_run *run, okng_error *error);
okng_status okng_bench_bank(okng_bench_run *run, okng_error *error);
okng_status okng_bench_gradient(okng_bench_run *run, okng_error *error);

/* find.c: a part of the stage image. `picture` is RGB. */
struct okng_image;
okng_status okng_bench_find(okng_bench_run *run, const struct okng_image *picture, okng_error *error);

#endif
