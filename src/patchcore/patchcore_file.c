#include "patchcore/patchcore_file.h"

#include <string.h>

#include "method/ledger.h"

/* memory_bank.pt: a bare tensor, so that torch.load gives the rows. */
okng_status okng_patchcore_find_rows(const okng_bank_file *bank, const float **out, okng_error *error)
{
    const okng_bank_data *data = &bank->config.data[0];
    if (bank->config.data_count < 1 || strcmp(data->file, OKNG_BANK_ROWS_FILE) != 0 || bank->config.data_count > 4)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%d data files, expected those that patchcore writes, %s and perhaps %s, %s and %s",
                         bank->config.data_count, OKNG_BANK_ROWS_FILE, OKNG_SOURCES_FILE, OKNG_LEDGER_FILE,
                         OKNG_BANK_IGNORED_FILE);
    const okng_array *rows = okng_weights_find(bank->data[0], "");
    char shape[96];
    if (!rows || rows->dtype != OKNG_F32 || rows->dims != 2 || rows->shape[0] != data->rows ||
        rows->shape[1] != data->dim || (uintptr_t)rows->data % sizeof(float) != 0)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: holds %s %s, expected float32 [%lld, %lld] as " OKNG_BANK_CONFIG_FILE " says",
                         okng_weights_path(bank->data[0]), rows ? okng_dtype_name(rows->dtype) : "no bare tensor",
                         rows ? okng_shape_text(rows->dims, rows->shape, shape, sizeof shape) : "",
                         (long long)data->rows, (long long)data->dim);
    *out = rows->data;
    return OKNG_OK;
}

okng_status okng_patchcore_find_sources(okng_sources **out, const okng_bank_file *bank, okng_error *error)
{
    *out = NULL;
    for (int32_t i = 1; i < bank->config.data_count; i++)
        if (strcmp(bank->config.data[i].file, OKNG_SOURCES_FILE) == 0)
            return okng_sources_read(out, bank->data[i], bank->config.data[0].rows, error);
    return OKNG_OK;
}
