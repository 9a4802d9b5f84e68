/* PatchCore's row in the table of methods, and its file. */
#include "patchcore/patchcore.h"

#include <stdlib.h>
#include <string.h>

#include "patchcore/fitting.h"
#include "patchcore/grown.h"
#include "patchcore/model.h"
#include "patchcore/patchcore_file.h"

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static okng_status write_rows(const char *folder, const okng_bank_data *data, const float *rows, okng_error *error)
{
    char *path = okng_path_join(folder, data->file);
    okng_status status = path ? okng_pt_write(path, rows, data->rows, data->dim, error)
                              : okng_fail_memory(error, strlen(folder) + sizeof data->file);
    free(path);
    return status;
}

okng_status okng_patchcore_write(const char *folder, okng_bank_config *config, const okng_tau *tau, const float *rows,
                                 int64_t count, int64_t dim, okng_error *error)
{
    OKNG_TRY(okng_make_folders(folder, error));
    (void)strcpy(config->options.method, okng_method_patchcore.name);
    config->recorded = okng_method_patchcore.options;
    config->data[0] = (okng_bank_data){.file = OKNG_BANK_ROWS_FILE, .rows = count, .dim = dim};
    config->data_count = 1;
    OKNG_TRY(write_rows(folder, &config->data[0], rows, error));
    return okng_bank_write_documents(folder, config, tau, error);
}

okng_status okng_patchcore_rows_of(const okng_bank_file *bank, const float **rows, okng_error *error)
{
    return okng_patchcore_find_rows(bank, rows, error);
}

/* ---- the row ----------------------------------------------------------------------------------------------------- */

static okng_status fit(void **model, okng_bank_file *bank, const okng_weights *weights, const okng_lesson *lesson,
                       okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    okng_patchcore *patchcore;
    okng_status status = okng_patchcore_fit(&patchcore, bank, weights, &lesson->pictures, ticker, report, error);
    *model = patchcore;
    return status;
}

static okng_status save(const void *model, const okng_bank_file *bank, const char *folder, okng_error *error)
{
    OKNG_TRY(write_rows(folder, &bank->config.data[0], okng_patchcore_rows(model), error));
    const okng_ledger *ledger = okng_patchcore_ledger(model);
    if (ledger) OKNG_TRY(okng_ledger_save(ledger, folder, error));
    const okng_sources *sources = okng_patchcore_sources(model);
    if (!sources) return OKNG_OK;
    char *path = okng_path_join(folder, OKNG_SOURCES_FILE);
    okng_status status = path ? okng_sources_write(sources, path, error) : okng_fail_memory(error, strlen(folder));
    free(path);
    return status;
}

static okng_status open_model(void **model, const okng_bank_file *bank, okng_weights **weights, okng_error *error)
{
    const float *rows = NULL;
    *model = NULL;
    okng_patchcore *patchcore;
    OKNG_TRY(okng_patchcore_find_rows(bank, &rows, error));
    OKNG_TRY(okng_patchcore_new(&patchcore, bank, *weights, rows, false, error));
    okng_sources *sources = NULL;
    okng_status status = okng_patchcore_find_sources(&sources, bank, error);
    okng_patchcore_set_sources(patchcore, sources);
    if (status == OKNG_OK) status = okng_patchcore_find_places(patchcore, error);
    if (status == OKNG_OK) okng_patchcore_own_weights(patchcore, weights);
    if (status != OKNG_OK) okng_patchcore_close(&patchcore);
    *model = patchcore;
    return status;
}

static void close_model(void **model)
{
    okng_patchcore *patchcore = *model;
    okng_patchcore_close(&patchcore);
    *model = NULL;
}

static okng_status inspect_place(void *model, int32_t place, const okng_image *rgb, int threads, okng_scored *scored,
                                 okng_error *error)
{
    okng_inspection one = {.rgb = rgb};
    okng_patchcore_inspect(model, place, &one, 1, threads);
    return okng_inspection_give(&one, scored, error);
}

static okng_status inspect(void *model, const okng_image *rgb, int threads, okng_scored *scored, okng_error *error)
{
    return inspect_place(model, 0, rgb, threads, scored, error);
}

static void inspect_few(void *model, okng_inspection *pictures, int32_t count, int threads)
{
    okng_patchcore_inspect(model, 0, pictures, count, threads);
}

static okng_status describe(void *model, okng_network_cost *cost, okng_error *error)
{
    return okng_patchcore_describe(model, cost, error);
}

static bool source(const void *model, int64_t i, okng_source *out)
{
    const okng_sources *sources = okng_patchcore_sources(model);
    return sources && okng_sources_get(sources, i, out);
}

static okng_status express(void *model, okng_program *program, okng_program_value picture, okng_program_value *score,
                           okng_program_value *map, okng_error *error)
{
    return okng_patchcore_express(model, program, picture, score, map, error);
}

static okng_status prepare(void *model, int threads, okng_knn_stored *stored, okng_error *error)
{
    return okng_patchcore_prepare(model, threads, stored, error);
}

static const char *const data_files[] = {OKNG_BANK_ROWS_FILE, OKNG_SOURCES_FILE, OKNG_LEDGER_FILE, NULL};
static const char *const options[] = {
    "layers",        "patch-size",   "patch-stride", "stride",     "aggregate",       "pretrain-dim", "target-dim",
    "sampler",       "coreset",      "coreset-size", "projection", "projection-kind", "start",        "starting-points",
    "reservoir-max", "neighbors",    "image-score",  "top",        "distance",        "augment",      "foreground",
    "smoothing",     "pixel-pct",    "image-rule",   "group",      "image-pct",       "calibration",  "max-memory",
    "seed",          "noise-robust", "ignore-mask",  "tile",       "overlap",         "tile-banks",   NULL,
};

const okng_method okng_method_patchcore = {
    .name = "patchcore",
    .summary = "a memory bank of patch vectors of good parts; anomalous is what is far from its nearest row",
    .needs = OKNG_NEEDS_PICTURES,
    .data_files = data_files,
    .options = options,
    .fit = fit,
    .save = save,
    .open = open_model,
    .close = close_model,
    .inspect = inspect,
    .inspect_few = inspect_few,
    .inspect_place = inspect_place,
    .describe = describe,
    .source = source,
    .prepare = prepare,
    .express = express,
    .fits_together = true,
    .growing = &okng_patchcore_growing,
};
