/* The format: https://github.com/huggingface/safetensors. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "tensor/bytes.h"
#include "tensor/weights_build.h"

enum { HEADER_ALIGNMENT = 8, MOST_SHARED = 16 };

static const char *type_name(okng_dtype dtype)
{
    static const char *const names[] = {
        [OKNG_F32] = "F32", [OKNG_F64] = "F64", [OKNG_F16] = "F16", [OKNG_BF16] = "BF16", [OKNG_I64] = "I64",
        [OKNG_I32] = "I32", [OKNG_I16] = "I16", [OKNG_I8] = "I8",   [OKNG_U8] = "U8",     [OKNG_BOOL] = "BOOL"};
    return names[dtype];
}

static json_t *describe(const okng_array *array, size_t begin)
{
    json_t *shape = json_array();
    for (int32_t i = 0; i < array->dims; i++) okng_json_add(&shape, json_integer(array->shape[i]));
    return json_pack("{s:s, s:o, s:[II]}", "dtype", type_name(array->dtype), "shape", shape, "data_offsets",
                     (json_int_t)begin, (json_int_t)(begin + array->bytes));
}

/* The header's text for the caller to free. */
static okng_status make_header(const char *path, const okng_named_array *tensors, size_t count, char **text,
                               okng_error *error)
{
    json_t *header = json_object();
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        okng_json_put(&header, tensors[i].name, describe(tensors[i].array, bytes));
        bytes += tensors[i].array->bytes;
    }
    okng_status status = okng_json_text(header, JSON_COMPACT, path, text, NULL, error);
    json_decref(header);
    return status;
}

okng_status okng_safetensors_write_arrays(const char *path, const okng_named_array *tensors, size_t count,
                                          okng_error *error)
{
    char *header;
    OKNG_TRY(make_header(path, tensors, count, &header, error));
    okng_writer writer;
    okng_status status = okng_writer_open(&writer, path, error);
    if (status == OKNG_OK) {
        uint8_t size[8];
        size_t length = strlen(header), padding = (HEADER_ALIGNMENT - length % HEADER_ALIGNMENT) % HEADER_ALIGNMENT;
        okng_store_u64(size, length + padding);
        (void)fwrite(size, 1, sizeof size, writer.stream);
        (void)fprintf(writer.stream, "%s%*s", header, (int)padding, "");
        for (size_t i = 0; i < count; i++)
            (void)fwrite(tensors[i].array->data, 1, tensors[i].array->bytes, writer.stream);
        status = okng_writer_commit(&writer, error);
    }
    free(header);
    return status;
}

/* Tensors may share their bytes: a small file could ask for any amount of them. */
static okng_status check_size(const okng_weights *weights, const char *prefix, const okng_named_array *tensors,
                              size_t count, okng_error *error)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) bytes += tensors[i].array->bytes;
    if (count == 0)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: holds no tensors of floating type below \"%s\"",
                         weights->path, prefix);
    if (bytes / MOST_SHARED <= weights->file.size) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT,
                     "%s: its tensors below \"%s\" overlap: %zu bytes of them in a file of %zu, expected at most %d "
                     "times as many",
                     weights->path, prefix, bytes, weights->file.size, MOST_SHARED);
}

okng_status okng_safetensors_write(const char *path, const okng_weights *weights, const char *prefix, okng_error *error)
{
    size_t length = strlen(prefix), count = 0;
    okng_named_array *tensors = okng_alloc(weights->count, sizeof *tensors);
    if (!tensors) return okng_fail_memory(error, weights->count * sizeof *tensors);
    for (size_t i = 0; i < weights->count; i++) {
        const okng_weights_entry *entry = &weights->entries[i];
        if (entry->array.data && okng_dtype_is_floating(entry->array.dtype) &&
            strncmp(entry->name, prefix, length) == 0)
            tensors[count++] = (okng_named_array){entry->name + length, &entry->array};
    }
    okng_status status = check_size(weights, prefix, tensors, count, error);
    if (status == OKNG_OK) status = okng_safetensors_write_arrays(path, tensors, count, error);
    free(tensors);
    return status;
}
