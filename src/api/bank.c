#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/conformal.h"
#include "base/parallel.h"
#include "base/sized.h"
#include "inspect/handles.h"
#include "model/build.h"

/* Fills in a bank whose model was opened with this status; *out is it, or NULL. */
static okng_status finish(okng_bank *bank, okng_status status, okng_bank **out, okng_error *error)
{
    if (status == OKNG_OK) status = okng_doubts_of(&bank->doubts, okng_model_look(bank->model).tau, error);
    if (status != OKNG_OK) okng_bank_close(&bank);
    *out = bank;
    return status;
}

okng_status okng_bank_open(okng_bank **out, const char *bank_dir, const char *weights, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the bank", error));
    *out = NULL;
    if (!bank_dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no bank folder was given");
    okng_bank *bank = calloc(1, sizeof *bank);
    if (!bank) return okng_fail_memory(error, sizeof *bank);
    return finish(bank, okng_model_open(&bank->model, bank_dir, weights, error), out, error);
}

okng_status okng_bank_open_signed(okng_bank **out, const char *recipe, const char *key, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the bank", error));
    *out = NULL;
    OKNG_TRY(okng_need(recipe, "the path of a recipe", error));
    OKNG_TRY(okng_need(key, "the file of a public key", error));
    okng_bank *bank = calloc(1, sizeof *bank);
    if (!bank) return okng_fail_memory(error, sizeof *bank);
    return finish(bank, okng_model_open_signed(&bank->model, recipe, key, error), out, error);
}

okng_status okng_bank_open_to_run(okng_bank **out, const char *path, const okng_bank_run_options *options,
                                  okng_error *error)
{
    okng_bank_run_options full = {.struct_size = sizeof full};
    OKNG_TRY(okng_need(out, "the place for the bank", error));
    *out = NULL;
    OKNG_TRY(okng_need(path, "the path of a bank", error));
    if (options) OKNG_TRY(okng_sized_take(&full, sizeof full, options, "how the bank is run", error));
    if (full.threads < 0 || full.threads > OKNG_MAX_THREADS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "threads %d, expected 0 to %d", (int)full.threads,
                         OKNG_MAX_THREADS);
    const okng_run_options how = {full.weights, full.device, full.whole != 0, full.threads};
    okng_bank *bank = calloc(1, sizeof *bank);
    if (!bank) return okng_fail_memory(error, sizeof *bank);
    return finish(bank, okng_model_open_to_run(&bank->model, path, &how, error), out, error);
}

void okng_bank_close(okng_bank **bank)
{
    if (!bank || !*bank) return;
    okng_doubts_free(&(*bank)->doubts);
    okng_model_close(&(*bank)->model);
    free(*bank);
    *bank = NULL;
}

static bool knows_pictures(const okng_model *model, int64_t rows)
{
    okng_source source;
    for (int64_t i = 0; i < rows; i++)
        if (okng_model_source(model, i, &source)) return true;
    return false;
}

okng_status okng_bank_get_info(const okng_bank *bank, okng_bank_info *info, okng_error *error)
{
    OKNG_TRY(okng_need(bank, "the bank", error));
    const okng_model_info model = okng_model_look(bank->model);
    const okng_region_limits *limits = &model.tau->limits;
    okng_bank_info full = {.struct_size = sizeof full,
                           .rows = model.rows,
                           .dim = (int32_t)model.dim,
                           .pixel_tau = model.tau->pixel,
                           .image_tau = model.tau->image,
                           .pixel_low = model.tau->pixel_low,
                           .pictures = model.pictures,
                           .needs_ranges = !model.ready,
                           .bytes = model.bytes,
                           .input_height = model.input_height,
                           .input_width = model.input_width,
                           .method = model.method->name,
                           .backbone = model.backbone,
                           .review = {model.tau->has_review ? model.tau->review[0] : NAN,
                                      model.tau->has_review ? model.tau->review[1] : NAN},
                           .picture_height = model.picture_height,
                           .picture_width = model.picture_width,
                           .false_alarm = okng_conformal_promise(model.tau->image_count, 0),
                           .knows_pictures = knows_pictures(bank->model, model.rows),
                           .min_area = limits->has_min_area ? limits->min_area : -1,
                           .max_length = limits->has_max_length ? limits->max_length : (double)NAN,
                           .max_count = limits->has_max_count ? limits->max_count : -1};
    return okng_sized_give(info, &full, sizeof full, "the place for what is known of the bank", error);
}

size_t okng_bank_doubtful_count(const okng_bank *bank)
{
    return bank ? bank->doubts.count : 0;
}

okng_status okng_bank_doubtful(const okng_bank *bank, size_t i, okng_doubtful *doubtful, okng_error *error)
{
    OKNG_TRY(okng_need(bank, "the bank", error));
    if (i >= bank->doubts.count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "good picture %zu: the bank knows %zu by name", i,
                         bank->doubts.count);
    const okng_doubtful full = okng_doubts_get(&bank->doubts, i);
    return okng_sized_give(doubtful, &full, sizeof full, "the place for the picture", error);
}

okng_status okng_bank_picture_path(const okng_bank *bank, const char *name, char **path, okng_error *error)
{
    OKNG_TRY(okng_need(bank, "the bank", error));
    OKNG_TRY(okng_need(name, "the picture's name", error));
    OKNG_TRY(okng_need(path, "the place for the path", error));
    *path = NULL;
    okng_source source;
    const int64_t rows = okng_model_look(bank->model).rows;
    for (int64_t i = 0; i < rows; i++) {
        if (!okng_model_picture_of(bank->model, i, &source) || strcmp(source.name, name) != 0 || !*source.folder)
            continue;
        *path = okng_path_join(source.folder, source.name);
        return *path ? OKNG_OK : okng_fail_memory(error, strlen(source.folder) + strlen(name));
    }
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "the bank learnt no rows from a picture \"%s\" whose folder it knows",
                     name);
}

okng_status okng_bank_describe(const char *bank_dir, char **json, okng_error *error)
{
    OKNG_TRY(okng_need(json, "the place for the text", error));
    *json = NULL;
    if (!bank_dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no bank folder was given");
    return okng_model_document(bank_dir, json, error);
}

void okng_text_free(char **text)
{
    if (!text) return;
    free(*text);
    *text = NULL;
}
