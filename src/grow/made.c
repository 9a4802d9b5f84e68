#include "grow/made.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bank/tau.h"
#include "bank/tau_choice.h"
#include "base/file.h"
#include "base/json.h"
#include "base/sha256.h"
#include "method/ignored_file.h"
#include "model/methods.h"

enum { MAX_WEIGHTS = INT32_MAX }; /* bytes of a weight file that lies in a bank */

okng_status okng_grow_made_open(okng_grow_made *made, const char *folder, okng_error *error)
{
    *made = (okng_grow_made){0};
    return okng_bank_writer_open(&made->writer, folder, okng_method_data_files(), error);
}

void okng_grow_made_begin(okng_grow_made *made, const okng_grow_source *source, int32_t threads)
{
    made->method = source->method;
    made->file.config = source->file.config;
    made->file.config.options.threads = threads;
    made->file.config.recorded = source->method->options;
}

/* ---- what is kept of the old one --------------------------------------------------------------------------------- */

/* With another folder to write to nobody keeps the old one from being replaced, and its weights by others. */
static okng_status check_weights(const okng_grow_source *source, const char *path, const void *data, size_t size,
                                 okng_error *error)
{
    char actual[65];
    okng_sha256(data, size, actual);
    if (strcmp(actual, source->file.config.weights_sha256) == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: is not the weight file that the bank was built with (SHA-256 %.12s..., expected %.12s...); "
                     "if the bank was replaced meanwhile, try again",
                     path, actual, source->file.config.weights_sha256);
}

static okng_status copy_weights(const okng_grow_made *made, const okng_grow_source *source, okng_error *error)
{
    void *data = NULL;
    size_t size = 0;
    char *from = okng_path_join(source->folder, OKNG_BANK_BACKBONE_FILE);
    char *to = okng_path_join(made->writer.building, OKNG_BANK_BACKBONE_FILE);
    okng_status status =
        from && to ? okng_file_read(from, MAX_WEIGHTS, &data, &size, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK) status = check_weights(source, from, data, size, error);
    if (status == OKNG_OK) status = okng_file_write(to, data, size, error);
    free(data);
    free(from);
    free(to);
    return status;
}

/* What routers keep of the old one is of the same product. */
static okng_status copy_route(const okng_grow_made *made, const okng_grow_source *source, okng_error *error)
{
    enum { MOST = 64 << 20 };
    void *data = NULL;
    size_t size = 0;
    char *from = okng_path_join(source->folder, OKNG_BANK_ROUTE_FILE);
    char *to = okng_path_join(made->writer.building, OKNG_BANK_ROUTE_FILE);
    okng_status status = from && to ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK && access(from, F_OK) == 0) {
        status = okng_file_read(from, MOST, &data, &size, error);
        if (status == OKNG_OK) status = okng_file_write(to, data, size, error);
    }
    free(data);
    free(from);
    free(to);
    return status;
}

/* When and by whom the threshold `key` was chosen. NaN: it was not. */
static okng_tau_change change_of(const json_t *tau, const char *key)
{
    okng_tau_change change = {.image = NAN, .pixel = NAN, .review = {NAN, NAN}};
    const json_t *chosen = json_object_get(json_object_get(tau, "chosen"), key);
    const char *by = json_string_value(json_object_get(chosen, "by"));
    const char *at = json_string_value(json_object_get(chosen, "at"));
    float value = (float)json_number_value(json_object_get(chosen, "value"));
    change.by = by ? by : "";
    change.at = at ? at : "";
    if (chosen && strcmp(key, "image") == 0) change.image = value;
    if (chosen && strcmp(key, "pixel") == 0) change.pixel = value;
    return change;
}

bool okng_grow_has_choice(const okng_grow_source *source)
{
    const okng_tau *tau = &source->file.tau;
    const okng_region_limits *limits = &tau->limits;
    return tau->image_chosen || tau->pixel_chosen || tau->has_review || limits->has_min_area ||
           limits->has_max_length || limits->has_max_count;
}

static okng_status keep_choice_of(const okng_grow_source *source, const char *path, okng_error *error)
{
    json_t *document;
    const okng_tau *tau = &source->file.tau;
    if (!okng_grow_has_choice(source)) return OKNG_OK;
    OKNG_TRY(okng_json_read(&document, path, &okng_tau_limits, error));
    const okng_tau_change image = change_of(source->tau, "image"), pixel = change_of(source->tau, "pixel");
    const okng_tau_change review = {.image = NAN,
                                    .pixel = NAN,
                                    .sets_review = tau->has_review,
                                    .review = {tau->review[0], tau->review[1]},
                                    .sets_min_area = true,
                                    .sets_max_length = true,
                                    .sets_max_count = true,
                                    .limits = tau->limits,
                                    .by = "",
                                    .at = ""};
    okng_tau_change_document(&document, &image);
    okng_tau_change_document(&document, &pixel);
    okng_tau_change_document(&document, &review);
    okng_status status = okng_json_write(document, path, error);
    json_decref(document);
    return status;
}

static okng_status put_choice(const okng_grow_made *made, const okng_grow_source *source, okng_error *error)
{
    char *path = okng_path_join(made->writer.building, OKNG_BANK_TAU_FILE);
    okng_status status = path ? keep_choice_of(source, path, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    free(path);
    return status;
}

/* ---- in place ---------------------------------------------------------------------------------------------------- */

okng_status okng_grow_made_finish(okng_grow_made *made, const okng_grow_source *source, bool keep_choice,
                                  okng_error *error)
{
    okng_bank_config *config = &made->file.config;
    const bool own = source->own_weights && strcmp(config->options.weights, source->file.config.options.weights) == 0;
    if (own) (void)strcpy(config->options.weights, OKNG_BANK_BACKBONE_FILE);
    OKNG_TRY(made->method->save(made->model, &made->file, made->writer.building, error));
    OKNG_TRY(okng_ignored_save(config, made->writer.building, error));
    if (own) OKNG_TRY(copy_weights(made, source, error));
    OKNG_TRY(copy_route(made, source, error));
    OKNG_TRY(okng_bank_write_documents(made->writer.building, config, &made->file.tau, error));
    if (keep_choice) OKNG_TRY(put_choice(made, source, error));
    return okng_bank_writer_finish(&made->writer, error);
}

void okng_grow_made_close(okng_grow_made *made)
{
    if (made->model) made->method->close(&made->model);
    okng_weights_close(&made->weights);
    okng_tau_free(&made->file.tau);
    okng_bank_writer_close(&made->writer);
}
