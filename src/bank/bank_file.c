#include "bank/bank_file.h"

#include <stdlib.h>
#include <string.h>

#include "bank/bank_config.h"
#include "bank/tau.h"
#include "base/sha256.h"

static okng_status open_data(okng_weights **file, const char *path, const char *expected_sha256, okng_error *error)
{
    OKNG_TRY(okng_weights_open(file, path, error));
    size_t size;
    const void *bytes = okng_weights_bytes(*file, &size);
    char actual[65];
    okng_sha256(bytes, size, actual);
    if (strcmp(actual, expected_sha256) == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s: is not the file that was built (SHA-256 %.12s..., expected %.12s...); build the bank anew",
                     path, actual, expected_sha256);
}

static okng_status open_all_data(okng_bank_file *bank, const char *folder, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (int32_t i = 0; i < bank->config.data_count && status == OKNG_OK; i++) {
        char *path = okng_path_join(folder, bank->config.data[i].file);
        status = path ? open_data(&bank->data[i], path, bank->config.data[i].sha256, error)
                      : okng_fail_memory(error, OKNG_PATH_MAX);
        free(path);
    }
    return status;
}

/* Weights in the bank's own folder: wherever that is now. */
static okng_status find_own_weights(okng_bank_file *bank, const char *folder, okng_error *error)
{
    char *weights = bank->config.options.weights;
    if (strcmp(weights, OKNG_BANK_BACKBONE_FILE) != 0) return OKNG_OK;
    char *path = okng_path_join(folder, OKNG_BANK_BACKBONE_FILE);
    if (!path) return okng_fail_memory(error, strlen(folder));
    size_t length = strlen(path);
    bool fits = length < sizeof bank->config.options.weights;
    if (fits) memcpy(weights, path, length + 1);
    free(path);
    return fits ? OKNG_OK : okng_fail(error, OKNG_ERROR_LIMIT, "%s: the path is too long", folder);
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

static okng_status read_documents(okng_bank_file *bank, const char *folder, okng_error *error)
{
    char *config = okng_path_join(folder, OKNG_BANK_CONFIG_FILE), *tau = okng_path_join(folder, OKNG_BANK_TAU_FILE);
    okng_status status = config && tau ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK) status = okng_bank_config_read(config, &bank->config, error);
    if (status == OKNG_OK) status = okng_tau_read(tau, &bank->tau, error);
    if (status == OKNG_OK) status = check_scores(bank, tau, error);
    free(config);
    free(tau);
    return status;
}

static okng_status open_once(void *context, const char *folder, okng_error *error)
{
    okng_bank_file *bank = context;
    *bank = (okng_bank_file){0};
    okng_status status = read_documents(bank, folder, error);
    if (status == OKNG_OK) status = find_own_weights(bank, folder, error);
    if (status == OKNG_OK) status = open_all_data(bank, folder, error);
    if (status != OKNG_OK) okng_bank_file_close(bank);
    return status;
}

static void forget(void *context)
{
    okng_bank_file_close(context);
}

okng_status okng_bank_file_open(okng_bank_file *bank, const char *folder, okng_error *error)
{
    *bank = (okng_bank_file){0};
    return okng_bank_read_settled(folder, open_once, forget, bank, error);
}

void okng_bank_file_close(okng_bank_file *bank)
{
    okng_tau_free(&bank->tau);
    for (int32_t i = 0; i < OKNG_BANK_DATA_MAX; i++) okng_weights_close(&bank->data[i]);
    *bank = (okng_bank_file){0};
}
