/* winclip.safetensors: any bytes must give prototypes and a memory of that shape, or an error. */
#include "winclip/winclip_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const okng_view_plan plan = {
        .grid = {3, 3}, .scales = {2}, .scale_count = 1, .embedding = 4, .width = 3, .patches = true};
    okng_weights *file = NULL;
    okng_error error;
    float prototypes[8];
    if (okng_weights_open_memory(&file, data, size, "winclip.safetensors", &error) != OKNG_OK) return 0;
    for (int64_t views = 0; views < 3; views++) {
        okng_winclip_memory memory;
        if (okng_winclip_file_read(file, &plan, views, prototypes, &memory, &error) == OKNG_OK)
            okng_winclip_memory_free(&memory);
    }
    okng_weights_close(&file);
    return 0;
}
