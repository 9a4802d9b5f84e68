/* WinCLIP's row in the table of methods. */
#include "winclip/winclip.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/parallel.h"
#include "winclip/fit.h"
#include "winclip/prompts.h"
#include "winclip/winclip_file.h"

static okng_status check_options(const okng_build_options *options, okng_error *error)
{
    if (options->aspect != OKNG_ASPECT_TILES || options->crop == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "option aspect: tiles show all of a picture; set crop to none");
}

static okng_status fit(void **model, okng_bank_file *bank, const okng_weights *weights, const okng_lesson *lesson,
                       okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    *model = NULL;
    okng_winclip *winclip;
    OKNG_TRY(check_options(&bank->config.options, error));
    okng_status status = okng_winclip_fit(&winclip, bank, weights, lesson, ticker, report, error);
    *model = winclip;
    return status;
}

static okng_status save(const void *model, const okng_bank_file *bank, const char *folder, okng_error *error)
{
    const char *name = bank->config.data[0].file;
    char *path = okng_path_join(folder, name);
    if (!path) return okng_fail_memory(error, strlen(folder) + strlen(name));
    okng_status status = okng_winclip_file_write(path, okng_winclip_plan(model), okng_winclip_prototypes(model),
                                                 okng_winclip_remembers(model), error);
    free(path);
    return status;
}

/* How many views of good pictures a bank remembers. */
static okng_status views_of(const okng_bank_config *config, const okng_view_plan *plan, int64_t *views,
                            okng_error *error)
{
    const okng_bank_data *data = &config->data[0];
    const int64_t patches = (int64_t)plan->grid.rows * plan->grid.columns;
    const bool pictures = config->pictures > 0; /* shapes alone may agree with both */
    *views = 0;
    if (!pictures && data->rows == OKNG_PROMPTS_KINDS && data->dim == plan->embedding) return OKNG_OK;
    *views = data->rows / patches;
    if (pictures && data->dim == plan->width && data->rows % patches == 0 && *views <= INT32_MAX) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s: %lld rows of %lld numbers, expected 2 of %lld, or %lld of %lld for each good picture",
                     data->file, (long long)data->rows, (long long)data->dim, (long long)plan->embedding,
                     (long long)patches, (long long)plan->width);
}

static okng_status read_bank(okng_winclip *winclip, const okng_bank_file *bank, okng_error *error)
{
    const okng_view_plan *plan = okng_winclip_plan(winclip);
    okng_winclip_memory memory;
    int64_t views;
    if (bank->config.data_count != 1)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%d data files, expected the one that winclip writes, %s",
                         bank->config.data_count, OKNG_WINCLIP_FILE);
    OKNG_TRY(views_of(&bank->config, plan, &views, error));
    OKNG_TRY(okng_winclip_file_read(bank->data[0], plan, views, okng_winclip_prototypes(winclip), &memory, error));
    return okng_winclip_remember(winclip, &memory, okng_thread_count(bank->config.options.threads), error);
}

static okng_status open_model(void **model, const okng_bank_file *bank, okng_weights **weights, okng_error *error)
{
    *model = NULL;
    okng_winclip *winclip;
    OKNG_TRY(check_options(&bank->config.options, error));
    OKNG_TRY(okng_winclip_new(&winclip, &bank->config, *weights, error));
    okng_status status = read_bank(winclip, bank, error);
    if (status == OKNG_OK)
        okng_winclip_own_weights(winclip, weights);
    else
        okng_winclip_close(&winclip);
    *model = winclip;
    return status;
}

static void close_model(void **model)
{
    okng_winclip *winclip = *model;
    okng_winclip_close(&winclip);
    *model = NULL;
}

static okng_status inspect(void *model, const okng_image *rgb, int threads, okng_scored *scored, okng_error *error)
{
    return okng_winclip_inspect(model, rgb, threads, scored, error);
}

static okng_status describe(void *model, okng_network_cost *cost, okng_error *error)
{
    return okng_winclip_describe(model, cost, error);
}

static okng_status express(void *model, okng_program *program, okng_program_value picture, okng_program_value *score,
                           okng_program_value *map, okng_error *error)
{
    return okng_winclip_express(model, program, picture, score, map, error);
}

static const char *const data_files[] = {OKNG_WINCLIP_FILE, NULL};
static const char *const options[] = {
    "class-name",    "vocabulary", "prompts", "text-mean",   "class-words",      "temperature", "scales",
    "scale-weights", "aspect",     "windows", "fusion",      "reference-tokens", "smoothing",   "pixel-pct",
    "image-rule",    "image-pct",  "group",   "calibration", "max-memory",       NULL,
};

const okng_method okng_method_winclip = {
    .name = "winclip",
    .summary = "words say what good and bad parts are, and CLIP holds windows of a picture against them; good pictures "
               "may be given, none is needed",
    .needs = OKNG_NEEDS_CLASS_NAME,
    .data_files = data_files,
    .options = options,
    .fit = fit,
    .save = save,
    .open = open_model,
    .close = close_model,
    .inspect = inspect,
    .describe = describe,
    .express = express,
    .whole_weights = true,
};
