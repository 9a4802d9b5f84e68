/* Decodes any bytes as a picture of at most a megapixel. */
#include "image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_image image;
    okng_error error;
    (void)okng_image_decode(&image, data, size, "fuzz", 1000000, &error);
    okng_image_free(&image);
    return 0;
}
