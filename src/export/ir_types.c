#include "export/ir_types.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *element, *precision;
} names[OKNG_DTYPE_OTHER] = {
    [OKNG_F32] = {"f32", "FP32"},      [OKNG_F64] = {"f64", "FP64"}, [OKNG_F16] = {"f16", "FP16"},
    [OKNG_BF16] = {"bf16", "BF16"},    [OKNG_I64] = {"i64", "I64"},  [OKNG_I32] = {"i32", "I32"},
    [OKNG_I16] = {"i16", "I16"},       [OKNG_I8] = {"i8", "I8"},     [OKNG_U8] = {"u8", "U8"},
    [OKNG_BOOL] = {"boolean", "BOOL"},
};

const char *okng_ir_element(okng_dtype dtype)
{
    return dtype < OKNG_DTYPE_OTHER ? names[dtype].element : NULL;
}

const char *okng_ir_precision(okng_dtype dtype)
{
    return dtype < OKNG_DTYPE_OTHER ? names[dtype].precision : NULL;
}

bool okng_ir_dtype_of_element(const char *element, okng_dtype *dtype)
{
    for (*dtype = 0; *dtype < OKNG_DTYPE_OTHER; ++*dtype)
        if (strcmp(names[*dtype].element, element) == 0) return true;
    return false;
}

bool okng_ir_dtype_of_precision(const char *precision, okng_dtype *dtype)
{
    for (*dtype = 0; *dtype < OKNG_DTYPE_OTHER; ++*dtype)
        if (strcmp(names[*dtype].precision, precision) == 0) return true;
    return false;
}
