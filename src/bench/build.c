/* A bank from pictures, its steps and the whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "bench/bench.h"
#include "bench/given_bank.h"
#include "bench/made.h"

enum { WHOLE, FIRST_STAGE, PARTS = FIRST_STAGE + OKNG_MAX_STAGES }; /* the stages are the method's own */

/* The caller's progress function hears of the steps and may stop them. */
static int forward(const okng_progress *progress, void *user)
{
    const okng_bench_run *run = user;
    (void)progress;
    return okng_ticker_advance(run->ticker, 0) ? 0 : 1;
}

okng_status okng_bench_build_bank(const okng_bench_run *run, const okng_picture_list *list, const char *bank,
                                  okng_build_report *report, okng_error *error)
{
    size_t count = okng_picture_list_count(list);
    okng_build_options options = *run->options;
    options.threads = run->threads;
    const char **paths = okng_alloc(count, sizeof *paths);
    if (!paths) return okng_fail_memory(error, count * sizeof *paths);
    for (size_t i = 0; i < count; i++) paths[i] = okng_picture_list_path(list, i);
    okng_status status = okng_build_paths(paths, count, bank, &options, forward, (void *)(uintptr_t)run, report, error);
    free(paths);
    return status;
}

/* What was built, beside the time that all of it took. */
static okng_status describe_whole(json_t *row, const okng_build_report *report, okng_error *error)
{
    OKNG_TRY(okng_bench_put(row, "pictures", json_integer((json_int_t)report->pictures), error));
    return okng_bench_put(row, "spilled_bytes", json_integer((json_int_t)report->spilled), error);
}

static okng_status add_rows(okng_bench_run *run, double *times[PARTS], size_t count, const okng_build_report *report,
                            okng_error *error)
{
    okng_bench_work whole = {.stage = "build", .part = "whole", .items = (double)report->pictures};
    whole.precision = okng_bench_precision(run->options);
    (void)snprintf(whole.what, sizeof whole.what, "%llu pictures, %llu of %llu rows x %d",
                   (unsigned long long)report->pictures, (unsigned long long)report->rows,
                   (unsigned long long)report->patches, (int)report->dim);
    OKNG_TRY(okng_bench_add(run, &whole, times[WHOLE], count, error));
    OKNG_TRY(describe_whole(okng_bench_last(run), report, error));
    for (int32_t i = 0; i < report->stage_count; i++) {
        const char *name = report->stages[i].name;
        okng_bench_work work = {.stage = "build", .part = name, .precision = whole.precision};
        if (strcmp(name, "features") == 0) work.items = (double)report->pictures;
        if (strcmp(name, "coreset") == 0) work.items = (double)report->rows;
        (void)snprintf(work.what, sizeof work.what, "  of it %s", name);
        OKNG_TRY(okng_bench_add(run, &work, times[FIRST_STAGE + i], count, error));
    }
    return OKNG_OK;
}

static okng_status measure(okng_bench_run *run, const okng_picture_list *list, const char *bank, okng_error *error)
{
    const size_t repeats = (size_t)okng_bench_repeats(run, 1);
    double *all = okng_alloc(PARTS * repeats, sizeof *all), *times[PARTS];
    if (!all) return okng_fail_memory(error, PARTS * repeats * sizeof *all);
    for (size_t part = 0; part < PARTS; part++) times[part] = all + part * repeats;
    okng_build_report report = {.struct_size = sizeof report};
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < repeats && status == OKNG_OK; i++) {
        double begin = okng_clock();
        status = okng_bench_build_bank(run, list, bank, &report, error);
        times[WHOLE][i] = 1e3 * (okng_clock() - begin);
        for (int32_t s = 0; s < report.stage_count; s++) times[FIRST_STAGE + s][i] = 1e3 * report.stages[s].seconds;
    }
    if (status == OKNG_OK) status = add_rows(run, times, repeats, &report, error);
    free(all);
    return status;
}

okng_status okng_bench_build(okng_bench_run *run, okng_error *error)
{
    okng_scratch scratch;
    OKNG_TRY(okng_scratch_new(&scratch, error));
    char *good = NULL, *bank = okng_path_join(scratch.path, "bank");
    okng_picture_list *list = NULL;
    okng_status status = bank ? OKNG_OK : okng_fail_memory(error, sizeof scratch.path);
    if (status == OKNG_OK && !run->inputs.ok_dir)
        status = okng_made_pictures(&scratch, OKNG_MADE_PICTURES, &good, error);
    const char *dir = good ? good : run->inputs.ok_dir;
    if (status == OKNG_OK) status = okng_picture_list_open(&list, dir, error);
    if (status == OKNG_OK && okng_picture_list_count(list) == 0)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no pictures here or in its sub-folders", dir);
    if (status == OKNG_OK) status = measure(run, list, bank, error);
    okng_picture_list_free(&list);
    free(good);
    free(bank);
    okng_scratch_remove(&scratch);
    return status;
}
