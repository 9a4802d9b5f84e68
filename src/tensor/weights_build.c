#include "tensor/weights_build.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MAX_TYPE = 64 };

static char *copy_text(const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

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
    if (length > OKNG_MAX_TENSOR_NAMES - weights->named)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: its tensors' names have more than %d bytes", weights->path,
                         OKNG_MAX_TENSOR_NAMES);
    if (!okng_grow((void **)&weights->entries, &weights->capacity, weights->count + 1, sizeof *weights->entries))
        return okng_fail_memory(error, weights->count * sizeof *weights->entries);
    char *copy = copy_text(name, length);
    if (!copy) return okng_fail_memory(error, length + 1);
    weights->named += length;
    weights->entries[weights->count++] = (okng_weights_entry){.array = *array, .name = copy};
    return OKNG_OK;
}

okng_status okng_weights_add_other(okng_weights *weights, const okng_name *name, const okng_name *type,
                                   const okng_array *array, okng_error *error)
{
    if (type->length == 0 || type->length > MAX_TYPE || !okng_name_valid(type->text, type->length))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: tensor \"%.*s\": the name of its type is no short text",
                         weights->path, (int)name->length, name->text);
    okng_array unread = *array;
    unread.dtype = OKNG_DTYPE_OTHER;
    unread.data = NULL;
    OKNG_TRY(okng_weights_add(weights, name->text, name->length, &unread, error));
    weights->entries[weights->count - 1].type = copy_text(type->text, type->length);
    return weights->entries[weights->count - 1].type ? OKNG_OK : okng_fail_memory(error, type->length);
}

okng_status okng_weights_add_copy(okng_weights *weights, const okng_name *name, const okng_array *array,
                                  okng_error *error)
{
    okng_status status = okng_weights_add(weights, name->text, name->length, array, error);
    if (status != OKNG_OK) {
        free(array->data);
        return status;
    }
    weights->entries[weights->count - 1].owned = array->data;
    weights->copied += array->bytes;
    return OKNG_OK;
}

okng_status okng_weights_keep(okng_weights *weights, okng_pickle *pickle, okng_pickle_ref root, okng_error *error)
{
    weights->object = malloc(sizeof *weights->object);
    if (!weights->object) return okng_fail_memory(error, sizeof *weights->object);
    *weights->object = *pickle;
    weights->object->error = NULL; /* whose was the reader's caller */
    weights->root = root;
    *pickle = (okng_pickle){0};
    return OKNG_OK;
}

okng_status okng_weights_build_index(okng_weights *weights, okng_error *error)
{
    size_t count = weights->count;
    weights->index = okng_alloc(count, sizeof *weights->index);
    if (!weights->index) return okng_fail_memory(error, count * sizeof *weights->index);
    for (size_t i = 0; i < count; i++) {
        const char *name = weights->entries[i].name;
        weights->index[i] = (okng_name){name, strlen(name), i};
    }
    okng_names_sort_index(weights->index, count);
    const okng_name *twice = okng_names_duplicate(weights->index, count);
    if (!twice) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: holds tensor \"%s\" twice", weights->path, twice->text);
}
