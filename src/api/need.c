#include "api/need.h"

#include "tensor/array.h"

okng_status okng_need_matrix(const okng_array *array, const char *what, okng_error *error)
{
    char shape[96];
    if (array && array->dtype == OKNG_F32 && array->dims == 2 && array->shape[0] > 0 && array->shape[1] > 0)
        return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: found %s %s, expected float32 [rows, dimensions]", what,
                     array ? okng_dtype_name(array->dtype) : "nothing",
                     array ? okng_shape_text(array->dims, array->shape, shape, sizeof shape) : "");
}
