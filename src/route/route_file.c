#include "route/route_file.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "tensor/array.h"

static const char tensor_name[] = "embeddings";

okng_status okng_route_write(const okng_route_vectors *vectors, const char *folder, okng_error *error)
{
    okng_array array = {.dtype = OKNG_F32, .dims = 2, .shape = {vectors->count, vectors->dim}, .data = vectors->values};
    const okng_named_array tensors[] = {{tensor_name, &array}};
    array.bytes = (size_t)vectors->count * (size_t)vectors->dim * sizeof *vectors->values;
    char *path = okng_path_join(folder, OKNG_BANK_ROUTE_FILE);
    if (!path) return okng_fail_memory(error, strlen(folder));
    okng_status status = okng_safetensors_write_arrays(path, tensors, 1, error);
    free(path);
    return status;
}

static okng_status take(okng_route_vectors *out, const okng_weights *file, int64_t dim, okng_error *error)
{
    const okng_array *array;
    OKNG_TRY(okng_weights_get(file, tensor_name, &array, error));
    bool fits = array->dtype == OKNG_F32 && array->dims == 2 && array->shape[0] >= 2 &&
                array->shape[0] <= OKNG_ROUTE_PICTURES_MAX && array->shape[1] == dim;
    const float *values = array->data;
    for (int64_t i = 0; fits && i < array->shape[0] * dim; i++) fits = isfinite(values[i]);
    if (!fits)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: expected 2 to %d finite vectors of %lld dimensions; let the bank be learnt by the router "
                         "anew",
                         okng_weights_path(file), OKNG_ROUTE_PICTURES_MAX, (long long)dim);
    *out = (okng_route_vectors){array->shape[0], dim, okng_alloc(1, array->bytes)};
    if (!out->values) return okng_fail_memory(error, array->bytes);
    memcpy(out->values, values, array->bytes);
    return OKNG_OK;
}

okng_status okng_route_read(okng_route_vectors *out, const okng_bank_source *from, int64_t dim, okng_error *error)
{
    okng_weights *file;
    *out = (okng_route_vectors){0};
    if (!okng_bank_source_has(from, OKNG_BANK_ROUTE_FILE))
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: holds no %s", from->path, OKNG_BANK_ROUTE_FILE);
    OKNG_TRY(okng_bank_source_open(from, OKNG_BANK_ROUTE_FILE, &file, error));
    okng_status status = take(out, file, dim, error);
    okng_weights_close(&file);
    return status;
}
