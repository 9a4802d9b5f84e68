#include "image/mask.h"

#include <string.h>

#include "image/formats.h"

enum { BRIGHT = 128 };

okng_status okng_mask_load(okng_image *mask, const char *path, uint64_t max_pixels, okng_error *error)
{
    *mask = (okng_image){0};
    okng_image rgb;
    okng_encoded file = {.max_pixels = max_pixels, .is_mask = true};
    OKNG_TRY(okng_image_load_as(&rgb, path, &file, error));
    okng_status status = okng_image_new(mask, rgb.width, rgb.height, 1, error);
    size_t count = (size_t)rgb.width * (size_t)rgb.height;
    uint8_t from = strcmp(file.format, "JPEG") == 0 ? BRIGHT : 1;
    for (size_t p = 0; p < count && status == OKNG_OK; p++) {
        const uint8_t *pixel = &rgb.pixels[3 * p];
        mask->pixels[p] = pixel[0] >= from || pixel[1] >= from || pixel[2] >= from ? 255 : 0;
    }
    okng_image_free(&rgb);
    return status;
}

okng_status okng_masks_unite(const char *const *paths, size_t count, const char *of, int32_t width, int32_t height,
                             uint8_t *mask, okng_error *error)
{
    uint64_t pixels = (uint64_t)width * (uint64_t)height;
    uint64_t limit = pixels > OKNG_MAX_PIXELS_DEFAULT ? pixels : OKNG_MAX_PIXELS_DEFAULT;
    memset(mask, 0, pixels);
    for (size_t m = 0; m < count; m++) {
        okng_image one;
        OKNG_TRY(okng_mask_load(&one, paths[m], limit, error));
        okng_status status = OKNG_OK;
        if (one.width != width || one.height != height)
            status = okng_fail(error, OKNG_ERROR_MISMATCH, "%s: the mask is %dx%d, expected %dx%d as %s", paths[m],
                               one.width, one.height, width, height, of);
        for (uint64_t p = 0; p < pixels && status == OKNG_OK; p++) mask[p] |= one.pixels[p] & 1;
        okng_image_free(&one);
        OKNG_TRY(status);
    }
    return OKNG_OK;
}
