/* subspace.safetensors: any bytes must give directions and sums of four dimensions, or an error. */
#include "subspace/subspace_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { DIM = 4 };
    okng_weights *file = NULL;
    okng_error error;
    if (okng_weights_open_memory(&file, data, size, "subspace.safetensors", &error) != OKNG_OK) return 0;
    okng_directions directions;
    okng_sums sums;
    if (okng_subspace_file_directions(&directions, file, DIM, &error) == OKNG_OK) okng_directions_free(&directions);
    if (okng_subspace_file_sums(&sums, file, DIM, &error) == OKNG_OK) okng_sums_free(&sums);
    okng_weights_close(&file);
    return 0;
}
