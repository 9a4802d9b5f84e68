/* The tensor: a dense row-major array of any supported type, owned or viewing memory that something else owns. */
#ifndef OKNG_TENSOR_ARRAY_H
#define OKNG_TENSOR_ARRAY_H

#include <stdbool.h>

#include "base/error.h"

struct okng_array {
    okng_dtype dtype;
    int32_t dims; /* 0 (a scalar) .. OKNG_MAX_DIMS */
    int64_t shape[OKNG_MAX_DIMS];
    void *data;   /* aligned to 64 bytes when owned; any alignment when a view of a file */
    size_t bytes; /* elements * size of dtype */
};

size_t okng_dtype_size(okng_dtype dtype);      /* bytes */
const char *okng_dtype_name(okng_dtype dtype); /* "float32" */
/* float32, float64, float16, bfloat16 */
bool okng_dtype_is_floating(okng_dtype dtype);
/* "[64, 3, 7, 7]" into `text`; cut when it does not fit. Returns text. */
const char *okng_shape_text(int32_t dims, const int64_t *shape, char *text, size_t size);
/* Product of the shape; false when negative or over PTRDIFF_MAX elements * size of dtype. */
bool okng_shape_bytes(okng_dtype dtype, int32_t dims, const int64_t *shape, size_t *bytes);

/* Copies any floating type into `out` as float32 (`count` elements of data, any alignment). */
void okng_to_float(okng_dtype dtype, const void *data, size_t count, float *out);
/* The other way: `count` floats as float32, float16 or bfloat16, to nearest, ties to even; what is too large for
 * float16 becomes infinity. False, and nothing is written, for another type. */
bool okng_from_float(okng_dtype dtype, const float *data, size_t count, void *out);

#endif
