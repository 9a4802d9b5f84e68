#include "method/ignored_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tensor/array.h"

static okng_array view(int32_t dims, int64_t rows, int64_t columns, const int32_t *data)
{
    okng_array array = {.dtype = OKNG_I32, .dims = dims, .shape = {rows, columns}};
    array.data = (void *)(uintptr_t)data; /* written from, never to */
    (void)okng_shape_bytes(OKNG_I32, dims, array.shape, &array.bytes);
    return array;
}

okng_status okng_ignored_save(okng_bank_config *config, const char *folder, okng_error *error)
{
    const okng_ignored *ignored = config->ignored;
    if (!ignored) return OKNG_OK;
    const int32_t sides[] = {ignored->height, ignored->width};
    okng_array size = view(1, 2, 0, sides), runs = view(2, ignored->count, 3, ignored->runs);
    const okng_named_array tensors[] = {{"size", &size}, {"runs", &runs}};
    char *path = okng_path_join(folder, OKNG_BANK_IGNORED_FILE);
    if (!path) return okng_fail_memory(error, strlen(folder));
    okng_status status = okng_safetensors_write_arrays(path, tensors, 2, error);
    free(path);
    config->data[config->data_count++] =
        (okng_bank_data){.file = OKNG_BANK_IGNORED_FILE, .rows = ignored->count, .dim = 3};
    return status;
}

okng_status okng_ignored_read(okng_ignored **out, const okng_weights *file, int64_t count, okng_error *error)
{
    const okng_array *size, *runs;
    *out = NULL;
    OKNG_TRY(okng_weights_get(file, "size", &size, error));
    OKNG_TRY(okng_weights_get(file, "runs", &runs, error));
    if (size->dtype == OKNG_I32 && size->dims == 1 && size->shape[0] == 2 && runs->dtype == OKNG_I32 &&
        runs->dims == 2 && runs->shape[0] == count && runs->shape[1] == 3) {
        const int32_t *sides = size->data;
        okng_status status = okng_ignored_new(out, sides[1], sides[0], runs->data, count, error);
        return status == OKNG_OK ? status : okng_error_context(error, status, "%s", okng_weights_path(file));
    }
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s: expected tensors \"size\" int32 [2] and \"runs\" int32 [%lld, 3]; build the bank anew",
                     okng_weights_path(file), (long long)count);
}

okng_status okng_ignored_of_bank(okng_ignored **out, okng_bank_file *bank, okng_error *error)
{
    okng_bank_config *config = &bank->config;
    *out = NULL;
    for (int32_t i = 1; i < config->data_count; i++)
        if (strcmp(config->data[i].file, OKNG_BANK_IGNORED_FILE) == 0)
            OKNG_TRY(okng_ignored_read(out, bank->data[i], config->data[i].rows, error));
    config->ignored = *out;
    return OKNG_OK;
}
