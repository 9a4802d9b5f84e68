/* The table of stages, and the public function. */
#include "bench/bench.h"
#include "bench/burn.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/sized.h"
#include "engine/engine.h"
#include "options/options.h"
#include "weights/find.h"

static const struct {
    const char *name;
    okng_bench_stage_fn measure;
} stages[] = {
    {"ceiling", okng_bench_ceiling}, {"network", okng_bench_network}, {"knn", okng_bench_knn},
    {"coreset", okng_bench_coreset}, {"image", okng_bench_image},     {"build", okng_bench_build},
    {"start", okng_bench_start},     {"bank", okng_bench_bank},       {"gradient", okng_bench_gradient},
};

static okng_bench_stage_fn find(const char *name, const char **names)
{
    *names = "ceiling, network, knn, coreset, image, build, start, bank, gradient";
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        if (strcmp(stages[i].name, name) == 0) return stages[i].measure;
    return NULL;
}

static okng_status measure(okng_bench_stage_fn stage, okng_bench_run *run, okng_progress_fn progress, void *user,
                           char **json, okng_error *error)
{
    okng_ticker ticker;
    run->rows = json_array();
    if (!run->rows) return okng_fail(error, OKNG_ERROR_MEMORY, "out of memory for the figures");
    okng_ticker_init(&ticker, progress, user);
    okng_ticker_stage(&ticker, "measuring", 1);
    run->ticker = &ticker;
    okng_burners *burners = NULL;
    okng_status status = run->inputs.loaded ? okng_burners_start(&burners, error) : OKNG_OK;
    if (status == OKNG_OK) status = stage(run, error);
    okng_burners_stop(&burners);
    okng_ticker_destroy(&ticker);
    if (status == OKNG_OK) status = okng_json_text(run->rows, OKNG_JSON_PRETTY, "the figures", json, NULL, error);
    json_decref(run->rows);
    return status;
}

okng_status okng_bench(const char *stage, const okng_bench_inputs *inputs, const okng_build_options *options,
                       okng_progress_fn progress, void *user, char **json, okng_error *error)
{
    OKNG_TRY(okng_need(json, "the place for the figures", error));
    *json = NULL;
    OKNG_TRY(okng_need(stage, "the name of a stage", error));
    okng_bench_run run = {0};
    OKNG_TRY(okng_sized_take(&run.inputs, sizeof run.inputs, inputs, "the inputs", error));
    okng_build_options full;
    OKNG_TRY(okng_build_options_check(options, &full, error));
    OKNG_TRY(okng_name_network(&full, error)); /* a backbone without weights gets made ones */
    OKNG_TRY(okng_engine_supports(full.device, full.precision, error));
    run.options = &full;
    run.threads = okng_thread_count(full.threads);
    okng_memory_peak_reset();
    const char *known;
    okng_bench_stage_fn found = find(stage, &known);
    if (!found)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "unknown stage \"%s\", expected one of: %s", stage, known);
    return measure(found, &run, progress, user, json, error);
}
