/* ONNX's numbers of the types of elements. */
#ifndef OKNG_EXPORT_TYPE_NUMBERS_H
#define OKNG_EXPORT_TYPE_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "okng/okng.h"

/* 0 (undefined) of a type that programs do not have; false where a program has none of that number. */
int32_t okng_onnx_type(okng_dtype dtype);
bool okng_onnx_dtype(int64_t type, okng_dtype *dtype);

#endif
