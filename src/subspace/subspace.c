/* The subspace's row in the table of methods. */
#include "subspace/subspace.h"

#include <stdlib.h>
#include <string.h>

#include "subspace/fitting.h"
#include "subspace/grown.h"
#include "subspace/subspace_file.h"

static okng_status check_options(const okng_build_options *options, okng_error *error)
{
    if (options->image_score == OKNG_SCORE_TOP || options->image_score == OKNG_SCORE_MAX) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_ARGUMENT,
        "option image-score: a subspace has no neighbours that patches could be weighed by; expected top or "
        "max");
}

static okng_status fit(void **model, okng_bank_file *bank, const okng_weights *weights, const okng_lesson *lesson,
                       okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    *model = NULL;
    okng_subspace *subspace;
    OKNG_TRY(check_options(&bank->config.options, error));
    okng_status status = okng_subspace_fit(&subspace, bank, weights, &lesson->pictures, ticker, report, error);
    *model = subspace;
    return status;
}

static okng_status save(const void *model, const okng_bank_file *bank, const char *folder, okng_error *error)
{
    const char *name = bank->config.data[0].file;
    char *path = okng_path_join(folder, name);
    if (!path) return okng_fail_memory(error, strlen(folder) + strlen(name));
    okng_status status =
        okng_subspace_file_write(path, okng_subspace_sums(model), okng_subspace_directions(model), error);
    free(path);
    const okng_ledger *ledger = okng_subspace_ledger(model);
    return status == OKNG_OK && ledger ? okng_ledger_save(ledger, folder, error) : status;
}

static okng_status read_directions(const okng_bank_file *bank, okng_directions *directions, okng_error *error)
{
    const okng_bank_data *data = &bank->config.data[0];
    if (bank->config.data_count < 1 || bank->config.data_count > 3 || strcmp(data->file, OKNG_SUBSPACE_FILE) != 0)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%d data files, expected those that subspace writes, %s and perhaps %s and %s",
                         bank->config.data_count, OKNG_SUBSPACE_FILE, OKNG_LEDGER_FILE, OKNG_BANK_IGNORED_FILE);
    OKNG_TRY(okng_subspace_file_directions(directions, bank->data[0], data->dim, error));
    if (directions->kept == data->rows) return OKNG_OK;
    okng_status status =
        okng_fail(error, OKNG_ERROR_FORMAT, "%s: %lld directions, expected the %lld that %s says", data->file,
                  (long long)directions->kept, (long long)data->rows, OKNG_BANK_CONFIG_FILE);
    okng_directions_free(directions);
    return status;
}

static okng_status open_model(void **model, const okng_bank_file *bank, okng_weights **weights, okng_error *error)
{
    *model = NULL;
    okng_sums none = {0};
    okng_directions directions;
    okng_subspace *subspace;
    OKNG_TRY(read_directions(bank, &directions, error));
    okng_status status = okng_subspace_new(&subspace, bank, *weights, &none, &directions, error);
    if (status == OKNG_OK) okng_subspace_own_weights(subspace, weights);
    *model = subspace;
    return status;
}

static void close_model(void **model)
{
    okng_subspace *subspace = *model;
    okng_subspace_close(&subspace);
    *model = NULL;
}

static okng_status inspect(void *model, const okng_image *rgb, int threads, okng_scored *scored, okng_error *error)
{
    okng_inspection one = {.rgb = rgb};
    okng_subspace_inspect(model, &one, 1, threads);
    return okng_inspection_give(&one, scored, error);
}

static void inspect_few(void *model, okng_inspection *pictures, int32_t count, int threads)
{
    okng_subspace_inspect(model, pictures, count, threads);
}

static okng_status describe(void *model, okng_network_cost *cost, okng_error *error)
{
    return okng_subspace_describe(model, cost, error);
}

static okng_status express(void *model, okng_program *program, okng_program_value picture, okng_program_value *score,
                           okng_program_value *map, okng_error *error)
{
    return okng_subspace_express(model, program, picture, score, map, error);
}

static const char *const data_files[] = {OKNG_SUBSPACE_FILE, OKNG_LEDGER_FILE, NULL};
static const char *const options[] = {
    "layers",      "patch-size",  "patch-stride", "stride",     "aggregate",   "pretrain-dim", "target-dim", "variance",
    "image-score", "top",         "augment",      "foreground", "smoothing",   "pixel-pct",    "image-rule", "group",
    "image-pct",   "calibration", "max-memory",   "seed",       "ignore-mask", "tile",         "overlap",    NULL,
};

const okng_method okng_method_subspace = {
    .name = "subspace",
    .summary = "the directions in which patch vectors of good parts differ; anomalous is what they leave of one",
    .needs = OKNG_NEEDS_PICTURES,
    .data_files = data_files,
    .options = options,
    .fit = fit,
    .save = save,
    .open = open_model,
    .close = close_model,
    .inspect = inspect,
    .inspect_few = inspect_few,
    .describe = describe,
    .express = express,
    .growing = &okng_subspace_growing,
};
