#include "tensor/pth.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MAX_NESTING = 4 };

/* The sizes or strides of a tensor. */
static okng_status read_sizes(const okng_pth_collector *c, const okng_name *name, okng_pickle_ref ref, int32_t *dims,
                              int64_t *sizes)
{
    const okng_pickle_value *tuple = okng_pickle_get(c->p, ref);
    if (tuple->length > OKNG_MAX_DIMS)
        return okng_fail(c->error, OKNG_ERROR_UNSUPPORTED, "%s: tensor \"%.*s\": %u dimensions, expected at most %d",
                         c->weights->path, (int)name->length, name->text, (unsigned)tuple->length, OKNG_MAX_DIMS);
    *dims = (int32_t)tuple->length;
    for (uint32_t i = 0; i < tuple->length; i++) {
        const okng_pickle_value *size = okng_pickle_item(c->p, tuple, i);
        if (size->kind != OKNG_PICKLE_INT || size->as.integer < 0)
            return okng_fail(c->error, OKNG_ERROR_FORMAT,
                             "%s: tensor \"%.*s\": a size or stride that is no whole number of at least 0",
                             c->weights->path, (int)name->length, name->text);
        sizes[i] = size->as.integer;
    }
    return OKNG_OK;
}

/* Strides of dimensions of one element mean nothing. */
static bool is_contiguous(const okng_array *array, const int64_t *strides)
{
    int64_t expected = 1;
    for (int32_t i = array->dims; i-- > 0;) {
        if (array->shape[i] != 1 && strides[i] != expected) return false;
        expected *= array->shape[i]; /* cannot overflow: the bytes of the whole array were computed before */
    }
    return true;
}

/* Elements from the first to the last that a tensor reaches, offset included; false when over 2^63. */
static bool reach(const okng_array *array, const int64_t *strides, int64_t offset, int64_t *out)
{
    int64_t last = offset;
    for (int32_t i = 0; i < array->dims; i++) {
        int64_t step;
        if (array->shape[i] == 0) {
            *out = offset;
            return true;
        }
        if (!okng_mul_i64(array->shape[i] - 1, strides[i], &step) || __builtin_add_overflow(last, step, &last))
            return false;
    }
    return !__builtin_add_overflow(last, 1, out);
}

/* The elements of a view in row-major order. */
static void gather(const okng_array *array, const int64_t *strides, const uint8_t *from, uint8_t *to)
{
    size_t size = okng_dtype_size(array->dtype), count = array->bytes / size;
    int64_t at[OKNG_MAX_DIMS] = {0};
    const uint8_t *element = from;
    for (size_t i = 0; i < count; i++) {
        memcpy(to + i * size, element, size);
        for (int32_t d = array->dims; d-- > 0;) {
            if (array->shape[d] == 1) continue;
            int64_t step = strides[d] * (int64_t)size;
            if (++at[d] < array->shape[d]) {
                element += step;
                break;
            }
            element -= step * (array->shape[d] - 1);
            at[d] = 0;
        }
    }
}

/* Views with strides (weights that are channels_last) are copied, all of them to no more than the file's size: a view
 * may be of any size. One beyond that is there, without data. */
static okng_status add_view(const okng_pth_collector *c, const okng_name *name, okng_array *array,
                            const int64_t *strides, const uint8_t *from)
{
    size_t left = c->weights->file.size - c->weights->copied;
    if (c->weights->copied > c->weights->file.size || array->bytes > left)
        return okng_weights_add(c->weights, name->text, name->length, array, c->error);
    array->data = malloc(array->bytes);
    if (!array->data) return okng_fail_memory(c->error, array->bytes);
    gather(array, strides, from, array->data);
    return okng_weights_add_copy(c->weights, name, array, c->error);
}

/* One whose elements are not read: the shape and, where it is known, the size. */
static okng_status add_other(const okng_pth_collector *c, const okng_name *name, const okng_pickle_tensor *tensor,
                             okng_array *array)
{
    const okng_pickle_storage *storage = &c->p->storages[tensor->storage];
    okng_name type = {storage->type, storage->type_length, 0};
    size_t count;
    array->bytes = 0;
    if (tensor->type != OKNG_PICKLE_ABSENT) {
        const okng_pickle_class *named = &c->p->classes[okng_pickle_get(c->p, tensor->type)->as.integer];
        type = (okng_name){named->name, named->name_length, 0};
    } else if (!okng_shape_bytes(OKNG_U8, array->dims, array->shape, &count) ||
               !okng_mul_size(count, storage->size, &array->bytes)) {
        return okng_fail(c->error, OKNG_ERROR_FORMAT, "%s: tensor \"%.*s\": its sizes fit no memory", c->weights->path,
                         (int)name->length, name->text);
    }
    return okng_weights_add_other(c->weights, name, &type, array, c->error);
}

okng_status okng_pth_add(const okng_pth_collector *c, const okng_name *name, const okng_pickle_tensor *tensor)
{
    const okng_pickle_storage *storage = &c->p->storages[tensor->storage];
    okng_array array = {.dtype = storage->dtype};
    int64_t strides[OKNG_MAX_DIMS];
    int32_t stride_dims;
    OKNG_TRY(read_sizes(c, name, tensor->shape, &array.dims, array.shape));
    OKNG_TRY(read_sizes(c, name, tensor->strides, &stride_dims, strides));
    if (array.dtype == OKNG_DTYPE_OTHER || tensor->type != OKNG_PICKLE_ABSENT)
        return add_other(c, name, tensor, &array);
    char text[256];
    okng_shape_text(array.dims, array.shape, text, sizeof text);
    int64_t end = 0;
    if (stride_dims != array.dims || tensor->offset < 0 ||
        !okng_shape_bytes(array.dtype, array.dims, array.shape, &array.bytes) ||
        !reach(&array, strides, tensor->offset, &end) || end > storage->available)
        return okng_fail(c->error, OKNG_ERROR_FORMAT,
                         "%s: tensor \"%.*s\": %s at offset %" PRId64 " does not fit its storage of %" PRId64
                         " elements",
                         c->weights->path, (int)name->length, name->text, text, tensor->offset, storage->available);
    size_t begin = (size_t)(storage->offset + tensor->offset) * okng_dtype_size(array.dtype);
    const uint8_t *data = c->data[tensor->storage] + begin;
    if (array.bytes > 0 && !is_contiguous(&array, strides)) return add_view(c, name, &array, strides, data);
    array.data = (void *)(uintptr_t)data;
    return okng_weights_add(c->weights, name->text, name->length, &array, c->error);
}

static okng_status add_dict(const okng_pth_collector *c, const okng_pickle_value *dict)
{
    uint32_t cell = dict->as.items.first;
    for (uint32_t i = 0; i < dict->length; i += 2) {
        const okng_pickle_value *key = okng_pickle_get(c->p, c->p->cells[cell].value);
        cell = c->p->cells[cell].next;
        const okng_pickle_value *value = okng_pickle_get(c->p, c->p->cells[cell].value);
        cell = c->p->cells[cell].next;
        if (value->kind != OKNG_PICKLE_TENSOR || key->kind != OKNG_PICKLE_TEXT) continue;
        okng_name name = {key->as.text, key->length, 0};
        OKNG_TRY(okng_pth_add(c, &name, &c->p->tensors[value->as.integer]));
    }
    return OKNG_OK;
}

/* The dict under `name` in a dict; NULL when there is none. */
static const okng_pickle_value *member_dict(const okng_pickle *p, const okng_pickle_value *dict, const char *name)
{
    uint32_t cell = dict->as.items.first;
    for (uint32_t i = 0; i < dict->length; i += 2) {
        const okng_pickle_value *key = okng_pickle_get(p, p->cells[cell].value);
        cell = p->cells[cell].next;
        const okng_pickle_value *value = okng_pickle_get(p, p->cells[cell].value);
        cell = p->cells[cell].next;
        if (value->kind == OKNG_PICKLE_DICT && okng_pickle_is_text(key, name)) return value;
    }
    return NULL;
}

okng_status okng_pth_collect(okng_weights *weights, const okng_pickle *p, okng_pickle_ref root,
                             const uint8_t *const *data, okng_error *error)
{
    const okng_pth_collector c = {weights, p, data, error};
    const okng_pickle_value *value = okng_pickle_get(p, root);
    if (value->kind == OKNG_PICKLE_TENSOR) {
        const okng_name unnamed = {"", 0, 0};
        return okng_pth_add(&c, &unnamed, &p->tensors[value->as.integer]);
    }
    if (value->kind != OKNG_PICKLE_DICT)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: holds %s, expected a dict of tensors or one tensor",
                         weights->path, okng_pickle_kind_name(value->kind));
    for (int depth = 0; depth < MAX_NESTING; depth++) { /* a hostile dict may hold itself */
        const okng_pickle_value *inner = member_dict(p, value, "state_dict");
        if (!inner) inner = member_dict(p, value, "model");
        if (!inner) return add_dict(&c, value);
        value = inner;
    }
    return okng_fail(error, OKNG_ERROR_LIMIT, "%s: a state_dict nested deeper than %d", weights->path, MAX_NESTING);
}
