#include "grow/source.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bank/bank_config.h"
#include "bank/ensemble_file.h"
#include "bank/tau.h"
#include "base/json.h"
#include "features/provenance.h"
#include "method/ignored_file.h"
#include "model/methods.h"
#include "recipe/recipe.h"

/* ---- looking ----------------------------------------------------------------------------------------------------- */

static okng_status look(void *unused, const char *folder, okng_error *error)
{
    (void)unused;
    okng_bank_config config;
    if (okng_ensemble_is(folder))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: is an ensemble, whose members were made together; expected a bank of its own", folder);
    const okng_bank_source from = {folder, NULL, ""};
    OKNG_TRY(okng_bank_need_whole(&from, error));
    char *path = okng_path_join(folder, OKNG_BANK_CONFIG_FILE);
    okng_status status = path ? okng_bank_config_read(path, &config, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    free(path);
    return status;
}

static void nothing(void *unused)
{
    (void)unused;
}

okng_status okng_grow_check(const char *folder, okng_error *error)
{
    if (okng_recipe_is(folder))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: is a file; a recipe is frozen, expected the folder of a bank, which can be packed anew",
                         folder);
    return okng_bank_read_settled(folder, look, nothing, NULL, error);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static okng_status check_method(okng_grow_source *source, const char *what, okng_error *error)
{
    OKNG_TRY(okng_method_find(&source->method, source->file.config.options.method, error));
    if (source->file.config.options.tile_height > 0)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "cannot %s it: it is a bank of tiles, which do not grow; build it anew with all pictures",
                         what);
    if (source->method->growing) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "cannot %s it: it is a bank of %s, and those of patchcore and subspace alone grow; build it anew",
                     what, source->method->name);
}

static const char *no_name(const void *context, size_t i)
{
    (void)context, (void)i;
    return "";
}

static okng_status take_ledger(okng_grow_source *source, const char *what, okng_error *error)
{
    const okng_bank_config *config = &source->file.config;
    OKNG_TRY(okng_ledger_of_bank(&source->ledger, &source->file, error));
    if (source->ledger) return OKNG_OK;
    if (config->pictures > 0)
        return okng_fail(
            error, OKNG_ERROR_UNSUPPORTED,
            "cannot %s it: it has no %s, which says what calibration found of its pictures (it was built by an "
            "earlier okng, or by a calibration that leaves nothing out); build it anew",
            what, OKNG_LEDGER_FILE);
    const okng_ledger_size none = {.dim = config->data[0].dim, .kept = OKNG_LEDGER_KEPT_MIN};
    return okng_ledger_new(&source->ledger, &none, no_name, NULL, "", error);
}

static okng_status read_tau(okng_grow_source *source, const char *folder, okng_error *error)
{
    char *path = okng_path_join(folder, OKNG_BANK_TAU_FILE);
    if (!path) return okng_fail_memory(error, OKNG_PATH_MAX);
    okng_status status = okng_json_read(&source->tau, path, &okng_tau_limits, error);
    free(path);
    return status;
}

/* Whether the weights that the bank names are the file of its own folder. */
static bool has_own_weights(const okng_grow_source *source)
{
    char *own = okng_path_join(source->folder, OKNG_BANK_BACKBONE_FILE);
    bool is = own && strcmp(own, source->file.config.options.weights) == 0;
    free(own);
    return is;
}

typedef struct opening {
    okng_grow_source *source;
    const char *what;
} opening;

static okng_status open_once(void *context, const char *folder, okng_error *error)
{
    const opening *o = context;
    okng_grow_source *source = o->source;
    source->folder = strdup(folder);
    okng_status status =
        source->folder ? okng_bank_file_open(&source->file, folder, error) : okng_fail_memory(error, strlen(folder));
    if (status == OKNG_OK) status = read_tau(source, folder, error);
    if (status == OKNG_OK) {
        status = check_method(source, o->what, error);
        if (status == OKNG_OK) status = okng_ignored_of_bank(&source->ignored, &source->file, error);
        if (status == OKNG_OK) status = take_ledger(source, o->what, error);
        if (status != OKNG_OK) status = okng_error_context(error, status, "%s", folder);
    }
    if (status == OKNG_OK) source->own_weights = has_own_weights(source);
    if (status != OKNG_OK) okng_grow_source_close(source);
    return status;
}

static void forget(void *context)
{
    okng_grow_source_close(((const opening *)context)->source);
}

okng_status okng_grow_source_open(okng_grow_source *source, const char *folder, const char *what, okng_error *error)
{
    opening o = {source, what};
    *source = (okng_grow_source){0};
    OKNG_TRY(okng_grow_check(folder, error));
    return okng_bank_read_settled(folder, open_once, forget, &o, error);
}

void okng_grow_source_close(okng_grow_source *source)
{
    okng_bank_file_close(&source->file);
    okng_ignored_free(&source->ignored);
    okng_ledger_free(&source->ledger);
    json_decref(source->tau);
    free(source->folder);
    *source = (okng_grow_source){0};
}

/* ---- weights ----------------------------------------------------------------------------------------------------- */

okng_status okng_grow_weights(const okng_grow_source *source, const char *override, okng_bank_config *config,
                              okng_weights **weights, okng_error *error)
{
    const okng_build_options *options = &source->file.config.options;
    if (override && strlen(override) >= sizeof config->options.weights)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: the path is too long", override);
    if (override) memcpy(config->options.weights, override, strlen(override) + 1);
    okng_status status = okng_recorded_weights_open(weights, options->backbone, override ? override : options->weights,
                                                    source->file.config.weights_sha256, error);
    if (status == OKNG_ERROR_NOT_FOUND && !override)
        return okng_error_context(error, status, "the bank's weight file is gone (give its new place as weights)");
    if (status == OKNG_OK && override) status = okng_provenance_of_path(config->options.weights, error);
    if (status != OKNG_OK) okng_weights_close(weights);
    return status;
}
