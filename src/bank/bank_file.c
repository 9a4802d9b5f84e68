#include "bank/bank_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bank/bank_config.h"
#include "base/sha256.h"

void okng_tau_free(okng_tau *tau)
{
    free(tau->image_scores);
    *tau = (okng_tau){0};
}

static okng_status open_rows(okng_bank_file *bank, const char *path, const char *expected_sha256, okng_error *error)
{
    OKNG_TRY(okng_weights_open(&bank->file, path, error));
    const okng_array *rows = okng_weights_find(bank->file, "");
    char shape[96];
    if (!rows || rows->dtype != OKNG_F32 || rows->dims != 2 || rows->shape[0] != bank->config.rows ||
        rows->shape[1] != bank->config.dim)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: holds %s %s, expected float32 [%lld, %lld] as " OKNG_BANK_CONFIG_FILE " says", path,
                         rows ? okng_dtype_name(rows->dtype) : "no bare tensor",
                         rows ? okng_shape_text(rows->dims, rows->shape, shape, sizeof shape) : "",
                         (long long)bank->config.rows, (long long)bank->config.dim);
    size_t size;
    const void *bytes = okng_weights_bytes(bank->file, &size);
    char actual[65];
    OKNG_TRY(okng_sha256(bytes, size, actual, error));
    if (strcmp(actual, expected_sha256) != 0 || (uintptr_t)rows->data % sizeof(float) != 0)
        return okng_fail(
            error, OKNG_ERROR_FORMAT,
            "%s: is not the file that was built (SHA-256 %.12s..., expected %.12s...); build the bank anew", path,
            actual, expected_sha256);
    bank->rows = rows->data;
    return OKNG_OK;
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

static okng_status open_all(okng_bank_file *bank, const char *folder, const char *const paths[3], okng_error *error)
{
    char rows_sha256[65];
    OKNG_TRY(okng_bank_config_read(paths[0], &bank->config, rows_sha256, error));
    OKNG_TRY(find_own_weights(bank, folder, error));
    OKNG_TRY(okng_tau_read(paths[1], &bank->tau, error));
    return open_rows(bank, paths[2], rows_sha256, error);
}

static okng_status open_once(okng_bank_file *bank, const char *folder, okng_error *error)
{
    *bank = (okng_bank_file){0};
    char *paths[3] = {okng_path_join(folder, OKNG_BANK_CONFIG_FILE), okng_path_join(folder, OKNG_BANK_TAU_FILE),
                      okng_path_join(folder, OKNG_BANK_ROWS_FILE)};
    okng_status status = paths[0] && paths[1] && paths[2] ? open_all(bank, folder, (const char *const *)paths, error)
                                                          : okng_fail_memory(error, OKNG_PATH_MAX);
    for (int i = 0; i < 3; i++) free(paths[i]);
    if (status != OKNG_OK) okng_bank_file_close(bank);
    return status;
}

okng_status okng_bank_file_open(okng_bank_file *bank, const char *folder, okng_error *error)
{
    *bank = (okng_bank_file){0};
    if (!okng_is_folder(folder))
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: there is no such folder; `okng build` makes a bank", folder);
    for (int tries = 1;; tries++) {
        struct stat before, after;
        bool known = stat(folder, &before) == 0;
        okng_status status = open_once(bank, folder, error);
        /* A build may have put another bank in its place between two of the files. */
        bool same =
            known && stat(folder, &after) == 0 && before.st_ino == after.st_ino && before.st_dev == after.st_dev;
        if (same || tries == 3) return status;
        okng_bank_file_close(bank);
    }
}

void okng_bank_file_close(okng_bank_file *bank)
{
    okng_tau_free(&bank->tau);
    okng_weights_close(&bank->file);
    *bank = (okng_bank_file){0};
}
