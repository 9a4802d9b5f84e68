/* The format: https://github.com/huggingface/safetensors. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tensor/bytes.h"
#include "tensor/weights_build.h"

enum { HEADER_ALIGNMENT = 8, MOST_SHARED = 16 };

/* NULL for types that are no weights. */
static const char *type_name(okng_dtype dtype)
{
    switch (dtype) {
    case OKNG_F32:
        return "F32";
    case OKNG_F64:
        return "F64";
    case OKNG_F16:
        return "F16";
    case OKNG_BF16:
        return "BF16";
    default:
        return NULL;
    }
}

static bool is_taken(const okng_weights_entry *entry, const char *prefix)
{
    return entry->array.data && type_name(entry->array.dtype) && strncmp(entry->name, prefix, strlen(prefix)) == 0;
}

static json_t *describe(const okng_weights_entry *entry, size_t begin)
{
    json_t *shape = json_array();
    for (int32_t i = 0; shape && i < entry->array.dims; i++)
        (void)json_array_append_new(shape, json_integer(entry->array.shape[i]));
    return json_pack("{s:s, s:o, s:[II]}", "dtype", type_name(entry->array.dtype), "shape", shape, "data_offsets",
                     (json_int_t)begin, (json_int_t)(begin + entry->array.bytes));
}

/* The header's text for the caller to free; NULL when memory is out. */
static char *make_header(const okng_weights *weights, const char *prefix, size_t *tensors, size_t *bytes)
{
    json_t *header = json_object();
    for (size_t i = 0; header && i < weights->count; i++) {
        const okng_weights_entry *entry = &weights->entries[i];
        if (!is_taken(entry, prefix)) continue;
        (void)json_object_set_new(header, entry->name + strlen(prefix), describe(entry, *bytes));
        *bytes += entry->array.bytes;
        (*tensors)++;
    }
    char *text = header ? json_dumps(header, JSON_COMPACT) : NULL;
    json_decref(header);
    return text;
}

/* Tensors may share their bytes: a small file could ask for any amount of them. */
static okng_status check_size(const okng_weights *weights, const char *prefix, size_t tensors, size_t bytes,
                              okng_error *error)
{
    if (tensors == 0)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: holds no tensors of floating type below \"%s\"",
                         weights->path, prefix);
    if (bytes / MOST_SHARED <= weights->map.size) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT,
                     "%s: its tensors below \"%s\" overlap: %zu bytes of them in a file of %zu, expected at most %d "
                     "times as many",
                     weights->path, prefix, bytes, weights->map.size, MOST_SHARED);
}

okng_status okng_safetensors_write(const char *path, const okng_weights *weights, const char *prefix, okng_error *error)
{
    size_t tensors = 0, bytes = 0;
    char *header = make_header(weights, prefix, &tensors, &bytes);
    if (!header) return okng_fail_memory(error, weights->count * sizeof(void *));
    okng_writer writer;
    okng_status status = check_size(weights, prefix, tensors, bytes, error);
    if (status == OKNG_OK) status = okng_writer_open(&writer, path, error);
    if (status == OKNG_OK) {
        uint8_t size[8];
        size_t length = strlen(header), padding = (HEADER_ALIGNMENT - length % HEADER_ALIGNMENT) % HEADER_ALIGNMENT;
        okng_store_u64(size, length + padding);
        (void)fwrite(size, 1, sizeof size, writer.stream);
        (void)fprintf(writer.stream, "%s%*s", header, (int)padding, "");
        for (size_t i = 0; i < weights->count; i++)
            if (is_taken(&weights->entries[i], prefix))
                (void)fwrite(weights->entries[i].array.data, 1, weights->entries[i].array.bytes, writer.stream);
        status = okng_writer_commit(&writer, error);
    }
    free(header);
    return status;
}
