#include "image/webp_write.h"

#include <stdlib.h>
#include <string.h>
#include <webp/encode.h>

#include "base/memory.h"

/* Grey is repeated: WebP knows colour only. malloc'd. */
static uint8_t *rgb_of(const okng_image *image)
{
    size_t pixels = (size_t)image->width * (size_t)image->height;
    uint8_t *rgb = okng_alloc(pixels, 3);
    if (!rgb) return NULL;
    if (image->channels == 3)
        memcpy(rgb, image->pixels, pixels * 3);
    else
        for (size_t i = 0; i < pixels; i++) memset(rgb + 3 * i, image->pixels[i], 3);
    return rgb;
}

okng_status okng_image_encode_webp(const okng_image *image, int quality, void **data, size_t *size, okng_error *error)
{
    *data = NULL;
    *size = 0;
    if (image->width > WEBP_MAX_DIMENSION || image->height > WEBP_MAX_DIMENSION)
        return okng_fail(error, OKNG_ERROR_LIMIT, "a picture of %dx%d: WebP holds at most %dx%d", image->width,
                         image->height, WEBP_MAX_DIMENSION, WEBP_MAX_DIMENSION);
    uint8_t *rgb = rgb_of(image), *encoded = NULL;
    if (rgb) *size = WebPEncodeRGB(rgb, image->width, image->height, 3 * image->width, (float)quality, &encoded);
    free(rgb);
    okng_status status = OKNG_OK;
    if (*size > 0) *data = malloc(*size);
    if (*data)
        memcpy(*data, encoded, *size);
    else
        status = okng_fail_memory(error, *size);
    WebPFree(encoded);
    return status;
}
