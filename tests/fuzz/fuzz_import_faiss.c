/* Any bytes as a flat index of FAISS. */
#include <stdlib.h>

#include "import/flat_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_flat_index index;
    okng_error error = {0};
    if (okng_flat_index_parse(&index, data, size, "fuzz", &error) == OKNG_OK) {
        float sum = 0;
        for (int64_t i = 0; i < index.count * index.dim; i++) sum += 0 * index.rows[i];
        if (sum != 0 || (uint64_t)index.count * (uint64_t)index.dim * sizeof(float) > size) abort();
    } else if (index.rows || !error.message[0]) {
        abort();
    }
    okng_flat_index_free(&index);
    return 0;
}
