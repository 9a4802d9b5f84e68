/* .safetensors: 8 bytes of header length, a JSON header, then the tensors' bytes back to back.
 * https://github.com/huggingface/safetensors */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/json.h"
#include "base/memory.h"
#include "tensor/bytes.h"
#include "tensor/weights_build.h"

enum { LENGTH_BYTES = 8 };

/* Some 15 items describe a tensor. Metadata are texts, which some programs keep whole configurations in. */
static const okng_json_limits header_limits = {
    .bytes = 32 << 20, .items = 20 * OKNG_MAX_TENSORS, .text = 8 << 20, .depth = 8};

typedef struct span {
    size_t begin, end;
    const char *name;
} span;

typedef struct reader {
    okng_weights *weights;
    okng_error *error;
    const uint8_t *data; /* where offsets count from */
    size_t size;
    span *spans;
    size_t count;
} reader;

bool okng_safetensors_matches(const okng_file_bytes *file)
{
    if (file->size < LENGTH_BYTES + 1 || file->data[LENGTH_BYTES] != '{') return false;
    return okng_load_u64(file->data) <= INT64_MAX; /* a wrong length is for the reader to name */
}

static okng_status bad(const reader *r, const char *name, const char *what)
{
    return okng_fail(r->error, OKNG_ERROR_FORMAT, "%s: tensor \"%s\": %s", r->weights->path, name, what);
}

/* A type of elements; the format's list grows, so a tensor may be of one that is not in the table. */
typedef struct element {
    const char *name;
    okng_dtype dtype;
    unsigned bits; /* 0: not known */
} element;

static okng_status read_dtype(const reader *r, const char *name, const json_t *member, element *out)
{
    static const element table[] = {
        {"F32", OKNG_F32, 32},
        {"F64", OKNG_F64, 64},
        {"F16", OKNG_F16, 16},
        {"BF16", OKNG_BF16, 16},
        {"I64", OKNG_I64, 64},
        {"I32", OKNG_I32, 32},
        {"I16", OKNG_I16, 16},
        {"I8", OKNG_I8, 8},
        {"U8", OKNG_U8, 8},
        {"BOOL", OKNG_BOOL, 8},
        {"F4", OKNG_DTYPE_OTHER, 4},
        {"F6_E2M3", OKNG_DTYPE_OTHER, 6},
        {"F6_E3M2", OKNG_DTYPE_OTHER, 6},
        {"F8_E4M3", OKNG_DTYPE_OTHER, 8},
        {"F8_E5M2", OKNG_DTYPE_OTHER, 8},
        {"F8_E8M0", OKNG_DTYPE_OTHER, 8},
        {"U16", OKNG_DTYPE_OTHER, 16},
        {"U32", OKNG_DTYPE_OTHER, 32},
        {"U64", OKNG_DTYPE_OTHER, 64},
        {"C64", OKNG_DTYPE_OTHER, 64},
    };
    const char *text = json_string_value(member);
    if (!text) return bad(r, name, "the header lacks its \"dtype\"");
    *out = (element){text, OKNG_DTYPE_OTHER, 0};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(text, table[i].name) == 0) *out = table[i];
    return OKNG_OK;
}

/* Whether `bytes` of data can hold the shape. */
static bool holds(const element *type, const okng_array *array, size_t bytes)
{
    size_t count, expected;
    if (type->dtype != OKNG_DTYPE_OTHER)
        return okng_shape_bytes(type->dtype, array->dims, array->shape, &expected) && bytes == expected;
    if (!okng_shape_bytes(OKNG_U8, array->dims, array->shape, &count)) return false;
    return type->bits == 0 ||
           (okng_mul_size(count, type->bits, &expected) && expected % 8 == 0 && bytes == expected / 8);
}

static okng_status read_shape(const reader *r, const char *name, const json_t *member, okng_array *array)
{
    if (!json_is_array(member)) return bad(r, name, "the header lacks its \"shape\"");
    size_t dims = json_array_size(member);
    if (dims > OKNG_MAX_DIMS)
        return okng_fail(r->error, OKNG_ERROR_UNSUPPORTED, "%s: tensor \"%s\": %zu dimensions, expected at most %d",
                         r->weights->path, name, dims, OKNG_MAX_DIMS);
    array->dims = (int32_t)dims;
    for (size_t i = 0; i < dims; i++) {
        const json_t *size = json_array_get(member, i);
        if (!json_is_integer(size) || json_integer_value(size) < 0)
            return bad(r, name, "a size in \"shape\" that is no whole number of at least 0");
        array->shape[i] = json_integer_value(size);
    }
    return OKNG_OK;
}

static okng_status read_offsets(const reader *r, const char *name, const json_t *member, span *out)
{
    const json_t *first = json_array_get(member, 0), *last = json_array_get(member, 1);
    if (json_array_size(member) != 2 || !json_is_integer(first) || !json_is_integer(last))
        return bad(r, name, "the header lacks its two \"data_offsets\"");
    json_int_t begin = json_integer_value(first), end = json_integer_value(last);
    if (begin < 0 || end < begin || (uint64_t)end > r->size)
        return okng_fail(r->error, OKNG_ERROR_FORMAT,
                         "%s: tensor \"%s\": data_offsets %" PRId64 " to %" PRId64
                         " in %zu bytes of data; the file may be cut off",
                         r->weights->path, name, (int64_t)begin, (int64_t)end, r->size);
    *out = (span){(size_t)begin, (size_t)end, name};
    return OKNG_OK;
}

static okng_status read_tensor(reader *r, const char *name, const json_t *value)
{
    okng_array array = {0};
    span place;
    element type = {0};
    OKNG_TRY(read_dtype(r, name, json_object_get(value, "dtype"), &type));
    OKNG_TRY(read_shape(r, name, json_object_get(value, "shape"), &array));
    OKNG_TRY(read_offsets(r, name, json_object_get(value, "data_offsets"), &place));
    char text[256];
    array.dtype = type.dtype;
    array.bytes = place.end - place.begin;
    if (!holds(&type, &array, array.bytes))
        return okng_fail(r->error, OKNG_ERROR_FORMAT, "%s: tensor \"%s\": %zu bytes of data do not match %s %s",
                         r->weights->path, name, array.bytes,
                         type.dtype == OKNG_DTYPE_OTHER ? type.name : okng_dtype_name(type.dtype),
                         okng_shape_text(array.dims, array.shape, text, sizeof text));
    r->spans[r->count++] = place;
    if (type.dtype == OKNG_DTYPE_OTHER) {
        const okng_name called = {name, strlen(name), 0}, what = {type.name, strlen(type.name), 0};
        return okng_weights_add_other(r->weights, &called, &what, &array, r->error);
    }
    array.data = (void *)(uintptr_t)(r->data + place.begin);
    return okng_weights_add(r->weights, name, strlen(name), &array, r->error);
}

static int by_begin(const void *left, const void *right)
{
    const span *a = left, *b = right;
    if (a->begin != b->begin) return a->begin < b->begin ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

/* The format asks that the tensors fill the data without overlap or hole. */
static okng_status check_layout(reader *r)
{
    if (r->count > 1) qsort(r->spans, r->count, sizeof *r->spans, by_begin);
    size_t next = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (r->spans[i].begin < next) return bad(r, r->spans[i].name, "its data overlap those of another tensor");
        if (r->spans[i].begin > next) return bad(r, r->spans[i].name, "there is a hole before its data");
        next = r->spans[i].end;
    }
    if (next == r->size) return OKNG_OK;
    return okng_fail(r->error, OKNG_ERROR_FORMAT, "%s: %zu bytes of data, expected %zu by the header", r->weights->path,
                     r->size, next);
}

static okng_status read_members(reader *r, json_t *header)
{
    r->spans = okng_alloc(json_object_size(header), sizeof *r->spans);
    if (!r->spans) return okng_fail_memory(r->error, json_object_size(header) * sizeof *r->spans);
    const char *name;
    json_t *value;
    json_object_foreach(header, name, value) if (strcmp(name, "__metadata__") != 0)
        OKNG_TRY(read_tensor(r, name, value));
    r->weights->metadata = json_incref(json_object_get(header, "__metadata__"));
    return check_layout(r);
}

okng_status okng_safetensors_check_length(const char *path, const uint8_t *head, size_t whole, okng_error *error)
{
    const uint64_t length = okng_load_u64(head);
    if (length > header_limits.bytes)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "%s: a .safetensors header of %" PRIu64 " bytes, expected at most %zu", path, length,
                         header_limits.bytes);
    if (length > whole - LENGTH_BYTES)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: a .safetensors header of %" PRIu64 " bytes in a file of %zu; the file may be cut off",
                         path, length, whole);
    return OKNG_OK;
}

okng_status okng_safetensors_read(okng_weights *weights, okng_error *error)
{
    const okng_file_bytes *file = &weights->file;
    OKNG_TRY(okng_safetensors_check_length(weights->path, file->data, file->size, error));
    const uint64_t length = okng_load_u64(file->data);
    json_t *header;
    okng_status status = okng_json_parse(&header, (const char *)file->data + LENGTH_BYTES, (size_t)length,
                                         okng_translate(N_("the .safetensors header")), &header_limits, error);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", weights->path);
    reader r = {.weights = weights, .error = error};
    r.data = file->data + LENGTH_BYTES + length;
    r.size = file->size - LENGTH_BYTES - (size_t)length;
    status = json_is_object(header)
                 ? read_members(&r, header)
                 : okng_fail(error, OKNG_ERROR_FORMAT, "%s: the .safetensors header is no object", weights->path);
    free(r.spans);
    json_decref(header);
    return status;
}
