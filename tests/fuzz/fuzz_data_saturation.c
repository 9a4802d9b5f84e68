/* Any bytes as defects_config.json of MVTec LOCO: thresholds within their ranges, or an error. */
#include "data/saturation.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_saturations found;
    okng_error error = {0};
    memory_file("defects_config.json", data, size);
    if (okng_saturations_read(&found, memory_path, &error) != OKNG_OK) {
        if (!error.message[0] || found.path) abort();
        return 0;
    }
    for (int value = 0; value < 256; value++) {
        const okng_saturation *one = &found.values[value];
        if (!one->known) continue;
        if (value == 0 || !(one->threshold > 0) || (one->relative && one->threshold > 1)) abort();
        const uint64_t area = okng_saturation_area(one, 1000);
        if (area < 1 || area > 1000) abort();
    }
    okng_saturations_free(&found);
    return 0;
}
