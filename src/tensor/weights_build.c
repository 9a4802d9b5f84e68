#include "tensor/weights_build.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

okng_status okng_weights_add(okng_weights *weights, const char *name, size_t length, const okng_array *array,
                             okng_error *error)
{
    if (length > OKNG_MAX_TENSOR_NAME)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: a tensor's name of %zu bytes, expected at most %d",
                         weights->path, length, OKNG_MAX_TENSOR_NAME);
    if (!okng_name_valid(name, length))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: tensor \"%.*s\": the name is not text (UTF-8 without NUL)",
                         weights->path, (int)length, name);
    if (weights->count == OKNG_MAX_TENSORS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: holds more than %d tensors", weights->path, OKNG_MAX_TENSORS);
    if (!okng_grow((void **)&weights->entries, &weights->capacity, weights->count + 1, sizeof *weights->entries))
        return okng_fail_memory(error, weights->count * sizeof *weights->entries);
    char *copy = malloc(length + 1);
    if (!copy) return okng_fail_memory(error, length + 1);
    memcpy(copy, name, length);
    copy[length] = '\0';
    weights->entries[weights->count++] = (okng_weights_entry){*array, copy};
    return OKNG_OK;
}
