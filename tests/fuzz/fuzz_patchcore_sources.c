/* Any bytes as the file that says where the rows of a bank came from. */
#include <stdlib.h>
#include <string.h>

#include "patchcore/sources.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const okng_sources *sources)
{
    okng_source one;
    for (int64_t i = 0; i < sources->count; i++) {
        if (!okng_sources_get(sources, i, &one)) abort();
        if (strlen(one.name) == 0 || one.row >= one.grid_height || one.turn >= one.turns || one.width < 1) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_weights *file;
    okng_sources *sources;
    okng_error error = {0};
    if (okng_weights_open_memory(&file, data, size, "fuzz", &error) != OKNG_OK) return 0;
    if (okng_sources_read(&sources, file, 3, &error) == OKNG_OK)
        use(sources);
    else if (sources || !error.message[0])
        abort();
    okng_sources_free(&sources);
    okng_weights_close(&file);
    return 0;
}
