/* NumPy's .npy files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#ifndef OKNG_TENSOR_NPY_H
#define OKNG_TENSOR_NPY_H

#include "base/file.h"
#include "tensor/array.h"

/* Reads the bytes of a .npy file; `name` is used in errors. */
okng_status okng_npy_read_memory(okng_array **out, const void *data, size_t size, const char *name, okng_error *error);

/* A file of float32 [count, dim] whose rows are read one after another, for what need not all be in memory. */
typedef struct okng_npy_rows {
    okng_reader reader;
    int64_t count, dim, left; /* left: rows not read yet */
    uint8_t *head;            /* what was read with the header, [known], up to `at` handed out */
    size_t known, at;
} okng_npy_rows;

/* `path` is borrowed. Errors: those of okng_array_read_npy; FORMAT where it holds something else. */
okng_status okng_npy_rows_open(okng_npy_rows *rows, const char *path, okng_error *error);
/* The next `count` rows, at most rows->left. Errors: IO. */
okng_status okng_npy_rows_next(okng_npy_rows *rows, int64_t count, float *to, okng_error *error);
/* Must follow a successful open; see okng_reader_close. */
okng_status okng_npy_rows_close(okng_npy_rows *rows, okng_status status, okng_error *error);

#endif
