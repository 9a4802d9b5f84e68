/* PatchCore's row in the table of methods, and its file. */
#include "patchcore/patchcore.h"

#include <stdlib.h>
#include <string.h>

#include "patchcore/fitting.h"
#include "patchcore/model.h"

/* ---- the file ---------------------------------------------------------------------------------------------------- */

/* memory_bank.pt: a bare tensor, so that torch.load gives the rows. */
static okng_status find_rows(const okng_bank_file *bank, const float **out, okng_error *error)
{
    const okng_bank_data *data = &bank->config.data[0];
    if (bank->config.data_count < 1 || strcmp(data->file, OKNG_BANK_ROWS_FILE) != 0 || bank->config.data_count > 2)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%d data files, expected those that patchcore writes, %s and perhaps %s",
                         bank->config.data_count, OKNG_BANK_ROWS_FILE, OKNG_SOURCES_FILE);
    const okng_array *rows = okng_weights_find(bank->data[0], "");
    char shape[96];
    if (!rows || rows->dtype != OKNG_F32 || rows->dims != 2 || rows->shape[0] != data->rows ||
        rows->shape[1] != data->dim || (uintptr_t)rows->data % sizeof(float) != 0)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: holds %s %s, expected float32 [%lld, %lld] as " OKNG_BANK_CONFIG_FILE " says",
                         okng_weights_path(bank->data[0]), rows ? okng_dtype_name(rows->dtype) : "no bare tensor",
                         rows ? okng_shape_text(rows->dims, rows->shape, shape, sizeof shape) : "",
                         (long long)data->rows, (long long)data->dim);
    *out = rows->data;
    return OKNG_OK;
}

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
    OKNG_TRY(find_rows(bank, &rows, error));
    OKNG_TRY(okng_patchcore_new(&patchcore, bank, *weights, rows, false, error));
    okng_sources *sources = NULL;
    okng_status status = OKNG_OK;
    if (bank->config.data_count > 1)
        status = okng_sources_read(&sources, bank->data[1], bank->config.data[0].rows, error);
    okng_patchcore_set_sources(patchcore, sources);
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

static okng_status inspect(void *model, const okng_image *rgb, int threads, okng_scored *scored, okng_error *error)
{
    return okng_patchcore_inspect(model, rgb, threads, scored, error);
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

static const char *const data_files[] = {OKNG_BANK_ROWS_FILE, OKNG_SOURCES_FILE, NULL};
static const char *const options[] = {
    "layers",        "patch-size",   "patch-stride", "stride",     "aggregate",       "pretrain-dim", "target-dim",
    "sampler",       "coreset",      "coreset-size", "projection", "projection-kind", "start",        "starting-points",
    "reservoir-max", "neighbors",    "image-score",  "top",        "distance",        "augment",      "foreground",
    "smoothing",     "pixel-pct",    "image-rule",   "group",      "image-pct",       "calibration",  "max-memory",
    "seed",          "noise-robust", NULL,
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
    .describe = describe,
    .source = source,
    .prepare = prepare,
    .express = express,
};
