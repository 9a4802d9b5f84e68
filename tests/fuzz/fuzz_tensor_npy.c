/* Any bytes as a .npy file. */
#include "tensor/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_array *array;
    okng_error error;
    if (okng_npy_read_memory(&array, data, size, "fuzz.npy", &error) == OKNG_OK) okng_array_free(&array);
    return 0;
}
