#include "model/member.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "features/extractor.h"
#include "features/provenance.h"
#include "method/ignored_file.h"
#include "method/thresholds.h"
#include "model/methods.h"
#include "model/tiled.h"
#include "net/graph.h"

okng_status okng_member_save(okng_member *member, const char *folder, okng_error *error)
{
    OKNG_TRY(member->method->save(member->model, &member->file, folder, error));
    OKNG_TRY(okng_ignored_save(&member->file.config, folder, error));
    return okng_bank_write_documents(folder, &member->file.config, &member->file.tau, error);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static okng_status find_method(okng_member *member, okng_error *error)
{
    const okng_bank_config *config = &member->file.config;
    OKNG_TRY(okng_method_find(&member->method, config->options.method, error));
    for (int32_t i = 0; i < config->data_count; i++) {
        const char *const *file = member->method->data_files;
        if (i > 0 && strcmp(config->data[i].file, OKNG_BANK_IGNORED_FILE) == 0) continue; /* any method's */
        while (*file && strcmp(*file, config->data[i].file) != 0) file++;
        if (!*file)
            return okng_fail(error, OKNG_ERROR_FORMAT, "its data file is %s, which %s does not write",
                             config->data[i].file, member->method->name);
    }
    return OKNG_OK;
}

okng_status okng_member_weights(okng_weights **out, const okng_bank_file *file, const char *override, okng_error *error)
{
    const okng_bank_config *config = &file->config;
    *out = NULL;
    if (!override) OKNG_TRY(okng_bank_file_packed(file, OKNG_RECIPE_WEIGHTS, 0, out, error));
    if (*out) return OKNG_OK;
    if (!override && file->recipe)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: holds no weights; pack the bank again",
                         okng_recipe_path(file->recipe));
    okng_status status = okng_recorded_weights_open(
        out, config->options.backbone, override ? override : config->options.weights, config->weights_sha256, error);
    if (status == OKNG_ERROR_NOT_FOUND && !override)
        return okng_error_context(error, status, "the bank's weight file is gone (give its new place as weights)");
    return status;
}

/* Before anything of it is made. */
static okng_status choose_device(okng_member *member, const char *device, okng_error *error)
{
    okng_build_options *options = &member->file.config.options;
    if (!device) return OKNG_OK;
    const int length = snprintf(options->device, sizeof options->device, "%s", device);
    if (length >= (int)sizeof options->device)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "device: a name of %d bytes, expected at most %zu", length,
                         sizeof options->device - 1);
    return okng_method_check_engine(options, error);
}

/* Whether the weights need not be read before something asks for them: the method runs one network alone, which may
 * have been kept packed on disk, and their file has not changed since its hash was taken. */
static bool may_wait(const okng_member *member, const okng_overrides *overrides)
{
    const okng_bank_config *config = &member->file.config;
    return !overrides->weights && !member->file.recipe && !member->method->whole_weights &&
           okng_recorded_weights_known(config->options.weights, config->weights_sha256);
}

static okng_status open_member(okng_member *member, const okng_bank_source *from, const okng_overrides *overrides,
                               okng_error *error)
{
    OKNG_TRY(okng_bank_file_read(&member->file, from, error));
    OKNG_TRY(choose_device(member, overrides->device, error));
    okng_status status = find_method(member, error);
    if (status == OKNG_OK) status = okng_ignored_of_bank(&member->ignored, &member->file, error);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", from->path);
    if (!may_wait(member, overrides))
        OKNG_TRY(okng_member_weights(&member->weights, &member->file, overrides->weights, error));
    status = member->method->open(&member->model, &member->file, &member->weights, error);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", from->path);
}

okng_status okng_member_open(okng_member **out, const okng_bank_source *from, const okng_overrides *overrides,
                             okng_error *error)
{
    okng_member *member = *out = calloc(1, sizeof *member);
    if (!member) return okng_fail_memory(error, sizeof *member);
    okng_status status = open_member(member, from, overrides, error);
    if (status != OKNG_OK) okng_member_close(out);
    return status;
}

void okng_member_close(okng_member **member)
{
    if (!member || !*member) return;
    if ((*member)->model) (*member)->method->close(&(*member)->model);
    okng_weights_close(&(*member)->weights);
    okng_bank_file_close(&(*member)->file);
    okng_ignored_free(&(*member)->ignored);
    free(*member);
    *member = NULL;
}

/* ---- use --------------------------------------------------------------------------------------------------------- */

okng_status okng_member_settled(const okng_member *member, okng_error *error)
{
    return member->file.recipe ? okng_recipe_settled(member->file.recipe, error) : OKNG_OK;
}

okng_status okng_member_inspect(void *member, const okng_image *rgb, int threads, okng_scored *scored,
                                okng_error *error)
{
    const okng_member *m = member;
    if (m->file.recipe) okng_recipe_guard();
    OKNG_TRY(okng_is_tiled(&m->file.config.options) ? okng_tiled_inspect(m, rgb, threads, scored, error)
                                                    : m->method->inspect(m->model, rgb, threads, scored, error));
    okng_status status = okng_member_settled(m, error);
    if (status != OKNG_OK) okng_scored_free(scored); /* what was seen was not what was packed */
    return status;
}

int32_t okng_member_at_once(const okng_member *member)
{
    const okng_bank_config *config = &member->file.config;
    const bool few = member->method->inspect_few && !okng_is_tiled(&config->options);
    return few ? okng_extractor_at_once(config->input_height, config->input_width) : 1;
}

void okng_member_inspect_few(const okng_member *member, okng_inspection *pictures, int32_t count, int threads)
{
    okng_error why = {0};
    if (member->file.recipe) okng_recipe_guard();
    member->method->inspect_few(member->model, pictures, count, threads);
    okng_status status = okng_member_settled(member, &why);
    if (status != OKNG_OK) okng_inspections_fail(pictures, count, status, &why);
}

okng_status okng_member_express(void *member, okng_program *program, okng_program_value picture,
                                okng_program_value *score, okng_program_value *map, okng_error *error)
{
    const okng_member *m = member;
    if (m->file.recipe) okng_recipe_guard();
    if (okng_is_tiled(&m->file.config.options))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "tile: the bank looks at pictures in tiles, and an exported graph at one picture of one size; "
                         "build one without tile, and cut the pictures before");
    if (m->method->express) return m->method->express(m->model, program, picture, score, map, error);
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "method %s: it cannot be written down as one graph",
                     m->method->name);
}

int64_t okng_member_rows(const okng_member *member)
{
    return member->file.config.data_count > 0 ? member->file.config.data[0].rows : 0;
}

/* Of the tensors in one file. */
static uint64_t tensor_bytes(const okng_weights *file)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < okng_weights_count(file); i++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        const okng_array *tensor = NULL;
        if (okng_weights_tensor(file, i, &info, NULL) == OKNG_OK) tensor = okng_weights_find(file, info.name);
        if (tensor) bytes += tensor->bytes;
    }
    return bytes;
}

uint64_t okng_member_bytes(const okng_member *member)
{
    return member->file.data[0] ? tensor_bytes(member->file.data[0]) : 0;
}
