/* Any bytes as the file of the areas that a bank leaves out. */
#include <stdlib.h>

#include "method/ignored_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In a picture of any size, no pixel beyond it is touched, and some are. */
static void use(const okng_ignored *ignored)
{
    enum { HEIGHT = 40, WIDTH = 60 };
    float map[(HEIGHT + 2) * WIDTH] = {0}, sum = 0;
    okng_ignored_fill(ignored, map + WIDTH, HEIGHT, WIDTH, 1);
    for (int i = 0; i < WIDTH; i++) sum += map[i] + map[(HEIGHT + 1) * WIDTH + i];
    if (sum != 0 || !okng_ignored_equal(ignored, ignored)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_weights *file;
    okng_ignored *ignored;
    okng_error error = {0};
    if (okng_weights_open_memory(&file, data, size, "fuzz", &error) != OKNG_OK) return 0;
    if (okng_ignored_read(&ignored, file, 3, &error) == OKNG_OK)
        use(ignored);
    else if (ignored || !error.message[0])
        abort();
    okng_ignored_free(&ignored);
    okng_weights_close(&file);
    return 0;
}
