#include "bank/bank_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bank/bank_config.h"
#include "bank/tau.h"
#include "base/sha256.h"

static okng_status check_hash(const okng_weights *file, const char *expected_sha256, okng_error *error)
{
    size_t size;
    const void *bytes = okng_weights_bytes(file, &size);
    char actual[65];
    okng_sha256(bytes, size, actual);
    if (strcmp(actual, expected_sha256) == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s: is not the file that was built (SHA-256 %.12s..., expected %.12s...); build the bank anew",
                     okng_weights_path(file), actual, expected_sha256);
}

bool okng_bank_data_grows(const okng_bank_config *config, int32_t i)
{
    return i > 0 && strcmp(config->data[i].file, OKNG_BANK_LEDGER_FILE) == 0;
}

/* What a recipe holds are the tensors, with sums of their own, which were checked. */
static okng_status open_all_data(okng_bank_file *bank, const okng_bank_source *from, okng_error *error)
{
    for (int32_t i = 0; i < bank->config.data_count; i++) {
        if (from->recipe && okng_bank_data_grows(&bank->config, i)) continue;
        OKNG_TRY(okng_bank_source_open(from, bank->config.data[i].file, &bank->data[i], error));
        if (!from->recipe) OKNG_TRY(check_hash(bank->data[i], bank->config.data[i].sha256, error));
    }
    return OKNG_OK;
}

/* Weights in the bank's own folder: wherever that is now. In a recipe they are always its own. */
static okng_status find_own_weights(okng_bank_file *bank, const okng_bank_source *from, okng_error *error)
{
    char *weights = bank->config.options.weights;
    if (from->recipe || strcmp(weights, OKNG_BANK_BACKBONE_FILE) != 0) return OKNG_OK;
    char *path = okng_path_join(from->path, OKNG_BANK_BACKBONE_FILE);
    if (!path) return okng_fail_memory(error, strlen(from->path));
    size_t length = strlen(path);
    bool fits = length < sizeof bank->config.options.weights;
    if (fits) memcpy(weights, path, length + 1);
    free(path);
    return fits ? OKNG_OK : okng_fail(error, OKNG_ERROR_LIMIT, "%s: the path is too long", from->path);
}

/* One score for each picture that the thresholds come from, as the configuration, which nobody edits, has it.
 * Thresholds that were taken anew from other pictures are not what it tells of. */
static okng_status check_scores(const okng_bank_file *bank, const char *path, okng_error *error)
{
    const okng_bank_config *config = &bank->config;
    const okng_tau *tau = &bank->tau;
    if (tau->source != OKNG_TAU_OK_PICTURES || tau->basis == OKNG_TAU_VALIDATION) return OKNG_OK;
    if (config->scores > 0 && tau->image_count != (size_t)config->scores)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: \"image_scores\" has %zu entries, expected one of each of the %lld pictures that "
                         "bank_config.json tells of; restore it, or build the bank anew",
                         path, tau->image_count, (long long)config->scores);
    if (config->scores < 0 && config->pictures > 0 && tau->image_count > config->pictures)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: \"image_scores\" has %zu entries, but the bank was built from %llu pictures; restore it, "
                         "or build the bank anew",
                         path, tau->image_count, (unsigned long long)config->pictures);
    return OKNG_OK;
}

static okng_status read_config(okng_bank_file *bank, const okng_bank_source *from, okng_error *error)
{
    json_t *document;
    char *where;
    OKNG_TRY(okng_bank_source_read(from, OKNG_BANK_CONFIG_FILE, &okng_json_small, &document, &where, error));
    okng_status status = okng_bank_config_parse(document, where, &bank->config, error);
    json_decref(document);
    free(where);
    return status;
}

static okng_status read_tau(okng_bank_file *bank, const okng_bank_source *from, okng_error *error)
{
    json_t *document;
    char *where;
    OKNG_TRY(okng_bank_source_read(from, OKNG_BANK_TAU_FILE, &okng_tau_limits, &document, &where, error));
    okng_status status = okng_tau_parse(document, where, &bank->tau, error);
    if (status == OKNG_OK) status = check_scores(bank, where, error);
    json_decref(document);
    free(where);
    return status;
}

okng_status okng_bank_file_read(okng_bank_file *bank, const okng_bank_source *from, okng_error *error)
{
    *bank = (okng_bank_file){0};
    OKNG_TRY(okng_bank_need_whole(from, error));
    if (from->recipe) bank->recipe = okng_recipe_share(from->recipe);
    (void)snprintf(bank->part, sizeof bank->part, "%s", from->part);
    okng_status status = read_config(bank, from, error);
    if (status == OKNG_OK) status = read_tau(bank, from, error);
    if (status == OKNG_OK) status = find_own_weights(bank, from, error);
    if (status == OKNG_OK) status = open_all_data(bank, from, error);
    if (status != OKNG_OK) okng_bank_file_close(bank);
    return status;
}

static okng_status open_once(void *context, const char *folder, okng_error *error)
{
    const okng_bank_source from = {folder, NULL, ""};
    return okng_bank_file_read(context, &from, error);
}

static void forget(void *context)
{
    okng_bank_file_close(context);
}

static okng_status open_recipe(okng_bank_file *bank, const char *path, okng_error *error)
{
    okng_recipe *recipe;
    OKNG_TRY(okng_recipe_open(&recipe, path, error));
    const okng_bank_source from = {path, recipe, ""};
    okng_status status = okng_bank_file_read(bank, &from, error);
    okng_recipe_close(&recipe);
    return status;
}

okng_status okng_bank_file_open(okng_bank_file *bank, const char *path, okng_error *error)
{
    *bank = (okng_bank_file){0};
    return okng_recipe_is(path) ? open_recipe(bank, path, error)
                                : okng_bank_read_settled(path, open_once, forget, bank, error);
}

okng_status okng_bank_file_packed(const okng_bank_file *bank, const char *name, int threads, okng_weights **out,
                                  okng_error *error)
{
    char full[OKNG_RECIPE_NAME_MAX];
    *out = NULL;
    if (!bank->recipe) return OKNG_OK;
    const okng_bank_source from = {okng_recipe_path(bank->recipe), bank->recipe, bank->part};
    (void)okng_bank_source_name(&from, name, full);
    if (!okng_recipe_has_file(bank->recipe, full)) return OKNG_OK;
    if (threads > 0) OKNG_TRY(okng_recipe_check(bank->recipe, full, threads, error));
    return okng_recipe_weights(out, bank->recipe, full, OKNG_RECIPE_NUMBERS, error);
}

void okng_bank_file_close(okng_bank_file *bank)
{
    okng_tau_free(&bank->tau);
    for (int32_t i = 0; i < OKNG_BANK_DATA_MAX; i++) okng_weights_close(&bank->data[i]);
    okng_recipe_close(&bank->recipe);
    *bank = (okng_bank_file){0};
}
