/* Decodes any bytes as a picture and as a mask of at most a megapixel. */
#include "image/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_image image;
    okng_error error;
    (void)okng_image_decode(&image, data, size, "fuzz", 1000000, &error);
    okng_image_free(&image);
    okng_encoded mask = {.data = data, .size = size, .name = "fuzz", .max_pixels = 1000000, .is_mask = true};
    (void)okng_image_decode_as(&image, &mask, &error);
    okng_image_free(&image);
    return 0;
}
