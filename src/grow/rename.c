#include <stdlib.h>
#include <string.h>

#include "bank/bank_config.h"
#include "bank/ensemble_file.h"
#include "bank/rois_file.h"
#include "features/provenance.h"
#include "grow/grow.h"
#include "model/methods.h"
#include "recipe/recipe.h"

/* What is to be written into which bank. */
typedef struct renaming {
    const char *weights; /* the new place */
    uint64_t changed;    /* banks */
    okng_error first;    /* why a bank was passed over: they are not its weights */
} renaming;

/* `config` says the new place, if those are its weights. MISMATCH where they are not. */
static okng_status take_place(okng_bank_config *config, const char *weights, okng_error *error)
{
    okng_weights *file = NULL;
    const okng_method *method;
    OKNG_TRY(okng_method_find(&method, config->options.method, error));
    config->recorded = method->options;
    if (strlen(weights) >= sizeof config->options.weights)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: the path is too long", weights);
    OKNG_TRY(okng_recorded_weights_open(&file, config->options.backbone, weights, config->weights_sha256, error));
    okng_weights_close(&file);
    memcpy(config->options.weights, weights, strlen(weights) + 1);
    return okng_provenance_of_path(config->options.weights, error);
}

static okng_status rename_in(const char *folder, const okng_lock *lock, renaming *r, okng_error *error)
{
    okng_bank_config config;
    okng_error why = {.status = OKNG_OK};
    char *path = okng_path_join(folder, OKNG_BANK_CONFIG_FILE);
    if (!path) return okng_fail_memory(error, strlen(folder));
    okng_status status = okng_bank_config_read(path, &config, error);
    if (status == OKNG_OK) {
        status = take_place(&config, r->weights, &why);
        if (status == OKNG_OK) status = okng_lock_check(lock, &why);
        if (status == OKNG_OK) status = okng_bank_config_write(&config, path, &why);
        if (status == OKNG_OK) r->changed++;
        if (status == OKNG_ERROR_MISMATCH) {
            if (r->first.status == OKNG_OK) r->first = why;
            status = OKNG_OK;
        } else if (status != OKNG_OK && error)
            *error = why;
    }
    free(path);
    return status;
}

/* How many banks lie in the folder of an ensemble or of regions; 0 where it is a bank itself. */
static okng_status count_parts(const char *folder, size_t *count, okng_error *error)
{
    const okng_bank_source from = {folder, NULL, ""};
    okng_ensemble_file ensemble;
    okng_rois_file rois;
    *count = 0;
    if (okng_ensemble_is(folder)) {
        OKNG_TRY(okng_ensemble_file_read(&ensemble, folder, error));
        *count = ensemble.count;
    } else if (okng_rois_are(folder)) {
        OKNG_TRY(okng_rois_source_look(&rois, &from, error));
        *count = rois.rois.count;
    }
    return OKNG_OK;
}

/* A bank, or those members of an ensemble, or banks of regions, whose weights they are. */
static okng_status rename_all(const char *folder, const okng_lock *lock, renaming *r, okng_error *error)
{
    size_t count;
    OKNG_TRY(count_parts(folder, &count, error));
    if (count == 0) return rename_in(folder, lock, r, error);
    const bool regions = okng_rois_are(folder);
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < count && status == OKNG_OK; i++) {
        char name[OKNG_NAME_MAX];
        (void)(regions ? okng_rois_part_name(i, name, sizeof name) : okng_ensemble_member_name(i, name, sizeof name));
        char *member = okng_path_join(folder, name);
        status = member ? rename_in(member, lock, r, error) : okng_fail_memory(error, strlen(folder));
        free(member);
    }
    return status;
}

static okng_status look(void *unused, const char *folder, okng_error *error)
{
    (void)unused;
    okng_bank_config config;
    if (okng_ensemble_is(folder) || okng_rois_are(folder)) return OKNG_OK;
    char *path = okng_path_join(folder, OKNG_BANK_CONFIG_FILE);
    okng_status status = path ? okng_bank_config_read(path, &config, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    free(path);
    return status;
}

static void forget(void *unused)
{
    (void)unused;
}

static okng_status rename_locked(const okng_bank_place *place, renaming *r, okng_error *error)
{
    okng_lock lock;
    OKNG_TRY(okng_lock_take(&lock, place->lock, error));
    okng_status status = okng_bank_place_recover(place, error);
    if (status == OKNG_OK) status = rename_all(place->folder, &lock, r, error);
    okng_lock_drop(&lock);
    if (status != OKNG_OK || r->changed > 0) return status;
    if (error) *error = r->first;
    return r->first.status;
}

okng_status okng_grow_rename_weights(const char *bank_dir, const char *weights, okng_error *error)
{
    okng_bank_place place;
    renaming r = {.weights = weights};
    if (okng_recipe_is(bank_dir))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: is a file; a recipe holds its weights itself, and names none", bank_dir);
    OKNG_TRY(okng_bank_read_settled(bank_dir, look, forget, NULL, error)); /* before a lock is left beside nothing */
    OKNG_TRY(okng_bank_place_find(&place, bank_dir, error));
    okng_status status = rename_locked(&place, &r, error);
    okng_bank_place_free(&place);
    return status;
}
