#include "export/type_numbers.h"

#include <stddef.h>

/* TensorProto.DataType of onnx.proto. */
static const struct {
    okng_dtype dtype;
    int32_t number;
} types[] = {
    {OKNG_F32, 1}, {OKNG_U8, 2}, {OKNG_I32, 6}, {OKNG_I64, 7}, {OKNG_BOOL, 9}, {OKNG_F16, 10}, {OKNG_F64, 11},
};
enum { TYPES = sizeof types / sizeof types[0] };

int32_t okng_onnx_type(okng_dtype dtype)
{
    for (size_t i = 0; i < TYPES; i++)
        if (types[i].dtype == dtype) return types[i].number;
    return 0;
}

bool okng_onnx_dtype(int64_t number, okng_dtype *dtype)
{
    for (size_t i = 0; i < TYPES; i++)
        if (types[i].number == number) {
            *dtype = types[i].dtype;
            return true;
        }
    return false;
}
