/* Decodes any bytes as a picture, as a mask and as a picture that is made smaller, of at most a megapixel. What decodes
 * has the size that its header was said to have. */
#include <stdlib.h>

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
    const okng_picture picture = {.struct_size = sizeof picture, .data = data, .data_size = size};
    int32_t width = 0, height = 0;
    okng_status sized = size > 0 ? okng_image_size(&picture, 1000000, &width, &height, &error) : OKNG_ERROR_FORMAT;
    okng_status status = okng_image_decode(&image, data, size, "fuzz", 1000000, &error);
    if (status == OKNG_OK && (sized != OKNG_OK || image.width != width || image.height != height)) abort();
    okng_image_free(&image);
    okng_encoded mask = {.data = data, .size = size, .name = "fuzz", .max_pixels = 1000000, .is_mask = true};
    (void)okng_image_decode_as(&image, &mask, &error);
    okng_image_free(&image);
    okng_image second = {0};
    okng_decoding how = {.max_pixels = 1000000, .bit_depth = 12, .shrink = shrink, .second = &second};
    (void)okng_image_look(&picture, &how, &error);
    (void)okng_image_take(&image, &picture, &how, &error);
    okng_image_free(&image);
    okng_image_free(&second);
    return 0;
}
