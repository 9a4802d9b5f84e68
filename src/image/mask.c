#include "image/mask.h"

enum { BRIGHT = 128 };

okng_status okng_mask_load(okng_image *mask, const char *path, uint64_t max_pixels, okng_error *error)
{
    *mask = (okng_image){0};
    okng_image rgb;
    OKNG_TRY(okng_image_load(&rgb, path, max_pixels, error));
    okng_status status = okng_image_new(mask, rgb.width, rgb.height, 1, error);
    size_t count = (size_t)rgb.width * (size_t)rgb.height;
    uint8_t most = 0;
    for (size_t p = 0; p < count; p++)
        if (rgb.pixels[3 * p] > most) most = rgb.pixels[3 * p];
    uint8_t from = most >= BRIGHT ? BRIGHT : 1;
    for (size_t p = 0; p < count && status == OKNG_OK; p++) mask->pixels[p] = rgb.pixels[3 * p] >= from ? 255 : 0;
    okng_image_free(&rgb);
    return status;
}
