/* NumPy's .npy files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#ifndef OKNG_TENSOR_NPY_H
#define OKNG_TENSOR_NPY_H

#include "tensor/array.h"

/* Reads the bytes of a .npy file; `name` is used in errors. */
okng_status okng_npy_read_memory(okng_array **out, const void *data, size_t size, const char *name, okng_error *error);

#endif
