/* A program with one float32 input and one float32 output, for tests of those who write programs. */
#ifndef OKNG_TESTS_PROGRAM_RUN_H
#define OKNG_TESTS_PROGRAM_RUN_H

#include "program/program.h"
#include "test.h"

static inline okng_array *program_array(okng_dtype dtype, int32_t rank, const int64_t *dims, const void *data)
{
    okng_array *array;
    assert_ok(okng_array_new(&array, dtype, rank, dims, error));
    memcpy(array->data, data, array->bytes);
    return array;
}

/* Runs it on `inputs`, which are freed; the outputs are the caller's. */
static inline void program_run(const okng_program *p, okng_array **inputs, int32_t count, okng_array **outputs)
{
    okng_array *const *given = inputs;
    assert_ok(okng_program_check(p, error));
    assert_ok(okng_program_run(p, (const okng_array *const *)given, 2, outputs, error));
    for (int32_t i = 0; i < count; i++) okng_array_free(&inputs[i]);
}

#endif
