/* Opens bytes as a weight file and reads every tensor that can be found in them. */
#ifndef OKNG_TESTS_TENSOR_FUZZ_H
#define OKNG_TESTS_TENSOR_FUZZ_H

#include <stdlib.h>

#include "tensor/weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_read_tensor(const okng_weights *weights, size_t i, const uint8_t *data, size_t size)
{
    okng_tensor_info info = {.struct_size = sizeof info};
    const okng_array *array;
    if (okng_weights_tensor(weights, i, &info, NULL) != OKNG_OK) abort();
    okng_status status = okng_weights_get(weights, info.name, &array, NULL);
    if (status == OKNG_ERROR_UNSUPPORTED) return; /* of another type, or a view larger than the file */
    if (status != OKNG_OK) abort();
    size_t bytes;
    if (!okng_shape_bytes(info.dtype, info.dims, info.shape, &bytes) || bytes != array->bytes) abort();
    const uint8_t *begin = array->data; /* inside the file, or a copy of a view with strides */
    volatile uint8_t sum = 0;
    for (size_t k = 0; k < bytes; k += 1 + bytes / 4096) sum = (uint8_t)(sum + begin[k]);
    bool inside = begin >= data && begin <= data + size;
    if (inside && bytes > (size_t)(data + size - begin)) abort();
}

static inline void fuzz_open(const uint8_t *data, size_t size)
{
    okng_weights *weights;
    okng_error error = {0};
    if (okng_weights_open_memory(&weights, data, size, "fuzz", &error) == OKNG_OK) {
        for (size_t i = 0; i < okng_weights_count(weights); i++) fuzz_read_tensor(weights, i, data, size);
        okng_weights_close(&weights);
    } else if (weights || !error.message[0])
        abort();
}

#endif
