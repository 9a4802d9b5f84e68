/* Decodes any bytes as a picture, as a mask and as a picture that is made smaller, of at most a megapixel. */
#include "image/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int shrink(const void *context, int32_t width, int32_t height, okng_shrunk to[2])
{
    (void)context;
    to[0] = (okng_shrunk){(width + 1) / 2, (height + 1) / 2, OKNG_BICUBIC};
    to[1] = (okng_shrunk){1, 1, OKNG_BILINEAR};
    return width > 1 && height > 1 ? 2 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_image image;
    okng_error error;
    (void)okng_image_decode(&image, data, size, "fuzz", 1000000, &error);
    okng_image_free(&image);
    okng_encoded mask = {.data = data, .size = size, .name = "fuzz", .max_pixels = 1000000, .is_mask = true};
    (void)okng_image_decode_as(&image, &mask, &error);
    okng_image_free(&image);
    okng_image second = {0};
    okng_decoding how = {.max_pixels = 1000000, .bit_depth = 12, .shrink = shrink, .second = &second};
    const okng_picture picture = {.struct_size = sizeof picture, .data = data, .data_size = size};
    (void)okng_image_look(&picture, &how, &error);
    (void)okng_image_take(&image, &picture, &how, &error);
    okng_image_free(&image);
    okng_image_free(&second);
    return 0;
}
