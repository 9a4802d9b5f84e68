#include "tensor/array.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const struct {
    const char *name;
    size_t size;
} dtypes[] = {
    [OKNG_F32] = {"float32", 4},   [OKNG_F64] = {"float64", 8}, [OKNG_F16] = {"float16", 2},
    [OKNG_BF16] = {"bfloat16", 2}, [OKNG_I64] = {"int64", 8},   [OKNG_I32] = {"int32", 4},
    [OKNG_I16] = {"int16", 2},     [OKNG_I8] = {"int8", 1},     [OKNG_U8] = {"uint8", 1},
    [OKNG_BOOL] = {"bool", 1},
};

static bool known(okng_dtype dtype)
{
    return (size_t)dtype < sizeof dtypes / sizeof *dtypes;
}

size_t okng_dtype_size(okng_dtype dtype)
{
    return known(dtype) ? dtypes[dtype].size : 0;
}

bool okng_dtype_is_floating(okng_dtype dtype)
{
    return dtype == OKNG_F32 || dtype == OKNG_F64 || dtype == OKNG_F16 || dtype == OKNG_BF16;
}

const char *okng_dtype_name(okng_dtype dtype)
{
    return known(dtype) ? dtypes[dtype].name : "another type";
}

const char *okng_shape_text(int32_t dims, const int64_t *shape, char *text, size_t size)
{
    if (size == 0) return text;
    size_t used = 0;
    for (int32_t i = 0; i < dims && used < size; i++) {
        int wrote = snprintf(text + used, size - used, "%s%" PRId64, i ? ", " : "[", shape[i]);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    if (used < size) (void)snprintf(text + used, size - used, dims > 0 ? "]" : "[]");
    return text;
}

bool okng_shape_bytes(okng_dtype dtype, int32_t dims, const int64_t *shape, size_t *bytes)
{
    if (!known(dtype) || dims < 0 || dims > OKNG_MAX_DIMS) return false;
    bool empty = false;
    for (int32_t i = 0; i < dims; i++) {
        if (shape[i] < 0) return false;
        if (shape[i] == 0) empty = true;
    }
    size_t product = dtypes[dtype].size;
    for (int32_t i = 0; i < dims && !empty; i++)
        if (!okng_mul_size(product, (size_t)shape[i], &product) || product > PTRDIFF_MAX) return false;
    *bytes = empty ? 0 : product;
    return true;
}

okng_status okng_array_new(okng_array **out, okng_dtype dtype, int32_t dims, const int64_t *shape, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the array", error));
    *out = NULL;
    if (dims < 0 || dims > OKNG_MAX_DIMS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "an array of %d dimensions, expected 0 to %d", (int)dims,
                         OKNG_MAX_DIMS);
    if (dims > 0) OKNG_TRY(okng_need(shape, "the shape of an array", error));
    char text[256];
    size_t bytes;
    if (!okng_shape_bytes(dtype, dims, shape, &bytes))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "an array of %s %s, expected sizes that fit in memory",
                         okng_dtype_name(dtype), okng_shape_text(dims, shape, text, sizeof text));
    okng_array *array = calloc(1, sizeof *array);
    if (!array) return okng_fail_memory(error, sizeof *array);
    array->dtype = dtype;
    array->dims = dims;
    for (int32_t i = 0; i < dims; i++) array->shape[i] = shape[i];
    array->bytes = bytes;
    array->data = okng_alloc_zero(bytes, 1);
    if (!array->data) {
        free(array);
        return okng_fail_memory(error, bytes);
    }
    *out = array;
    return OKNG_OK;
}

okng_dtype okng_array_dtype(const okng_array *array)
{
    return array ? array->dtype : OKNG_F32;
}

int32_t okng_array_dims(const okng_array *array)
{
    return array ? array->dims : 0;
}

int64_t okng_array_shape(const okng_array *array, int32_t dim)
{
    return array && dim >= 0 && dim < array->dims ? array->shape[dim] : 0;
}

void *okng_array_data(okng_array *array)
{
    return array ? array->data : NULL;
}

void okng_array_free(okng_array **array)
{
    if (!array || !*array) return;
    free((*array)->data);
    free(*array);
    *array = NULL;
}

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Exact, without branches so that the compiler can vectorise it: the exponent moves from bias 15 to 127; what came out
 * as an all-ones exponent stays one (infinity, NaN with its payload); a subnormal is counted in units of 2^-24. */
static float half_to_float(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t magnitude = half & 0x7fff;
    uint32_t normal = (magnitude << 13) + ((127u - 15u) << 23);
    uint32_t special = (magnitude << 13) | 0x7f800000u;
    float tiny = (float)(int32_t)magnitude * 0x1p-24f;
    uint32_t subnormal;
    memcpy(&subnormal, &tiny, sizeof subnormal);
    uint32_t bits = magnitude < 0x400 ? subnormal : magnitude >= 0x7c00 ? special : normal;
    return float_of_bits(sign | bits);
}

static void half_row(const uint8_t *from, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t half;
        memcpy(&half, from + 2 * i, sizeof half);
        out[i] = half_to_float(half);
    }
}

static void bfloat_row(const uint8_t *from, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t high;
        memcpy(&high, from + 2 * i, sizeof high);
        out[i] = float_of_bits((uint32_t)high << 16);
    }
}

static void double_row(const uint8_t *from, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++) {
        double value;
        memcpy(&value, from + 8 * i, sizeof value);
        out[i] = (float)value; /* to nearest, ties to even; too large becomes infinity */
    }
}

void okng_to_float(okng_dtype dtype, const void *data, size_t count, float *out)
{
    if (count == 0) return;
    switch (dtype) {
    case OKNG_F32:
        memcpy(out, data, count * sizeof *out);
        break;
    case OKNG_F64:
        double_row(data, count, out);
        break;
    case OKNG_F16:
        half_row(data, count, out);
        break;
    case OKNG_BF16:
        bfloat_row(data, count, out);
        break;
    default: /* a caller's mistake must not pass for numbers */
        for (size_t i = 0; i < count; i++) out[i] = NAN;
    }
}

static uint32_t bits_of_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Below 2^-14 steps are 2^-24, those of a float32 between 0.5 and 1: adding 0.5 rounds to them. */
static uint16_t float_to_half(float value)
{
    const uint32_t bits = bits_of_float(value), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return (uint16_t)(sign | 0x7e00);
    if (magnitude >= 0x47800000) return (uint16_t)(sign | 0x7c00);
    if (magnitude < 0x38800000)
        return (uint16_t)(sign | (bits_of_float(float_of_bits(magnitude) + 0.5f) - bits_of_float(0.5f)));
    return (uint16_t)(sign | ((magnitude - ((127u - 15u) << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13));
}

static uint16_t float_to_bfloat(float value)
{
    const uint32_t bits = bits_of_float(value);
    if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

bool okng_from_float(okng_dtype dtype, const float *data, size_t count, void *out)
{
    if (dtype == OKNG_F32) {
        memcpy(out, data, count * sizeof *data);
        return true;
    }
    if (dtype != OKNG_F16 && dtype != OKNG_BF16) return false;
    for (size_t i = 0; i < count; i++) {
        const uint16_t half = dtype == OKNG_F16 ? float_to_half(data[i]) : float_to_bfloat(data[i]);
        memcpy((char *)out + 2 * i, &half, sizeof half);
    }
    return true;
}
