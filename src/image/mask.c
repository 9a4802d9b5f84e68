#include "image/mask.h"

#include <string.h>

#include "image/formats.h"

enum { BRIGHT = 128 };

static okng_status check_size(const okng_image *rgb, const char *path, const char *of, int32_t width, int32_t height,
                              okng_error *error)
{
    if (rgb->width == width && rgb->height == height) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: the mask is %dx%d, expected %dx%d as %s", path, rgb->width,
                     rgb->height, width, height, of);
}

/* From which value on a colour of a mask of this format is a defect. */
static uint8_t least_of(const okng_encoded *file)
{
    return strcmp(file->format, "JPEG") == 0 ? BRIGHT : 1;
}

okng_status okng_mask_any(const char *path, bool *any, okng_error *error)
{
    okng_encoded file = {.max_pixels = OKNG_MAX_PIXELS_DEFAULT, .is_mask = true};
    okng_image rgb;
    *any = false;
    OKNG_TRY(okng_image_load_as(&rgb, path, &file, error));
    const size_t bytes = 3 * (size_t)rgb.width * (size_t)rgb.height;
    const uint8_t from = least_of(&file);
    for (size_t i = 0; i < bytes && !*any; i++) *any = rgb.pixels[i] >= from;
    okng_image_free(&rgb);
    return OKNG_OK;
}

okng_status okng_masks_unite(const char *const *paths, size_t count, const char *of, int32_t width, int32_t height,
                             uint8_t *mask, okng_error *error)
{
    uint64_t pixels = (uint64_t)width * (uint64_t)height;
    uint64_t limit = pixels > OKNG_MAX_PIXELS_DEFAULT ? pixels : OKNG_MAX_PIXELS_DEFAULT;
    memset(mask, 0, pixels);
    for (size_t m = 0; m < count; m++) {
        okng_encoded file = {.max_pixels = limit, .is_mask = true};
        okng_image rgb;
        OKNG_TRY(okng_image_load_as(&rgb, paths[m], &file, error));
        okng_status status = check_size(&rgb, paths[m], of, width, height, error);
        uint8_t from = least_of(&file);
        for (uint64_t p = 0; p < pixels && status == OKNG_OK; p++) {
            const uint8_t *pixel = &rgb.pixels[3 * p];
            mask[p] |= pixel[0] >= from || pixel[1] >= from || pixel[2] >= from;
        }
        okng_image_free(&rgb);
        OKNG_TRY(status);
    }
    return OKNG_OK;
}

static okng_status check_value(const uint8_t *pixel, const char *path, uint8_t *value, okng_error *error)
{
    if (pixel[0] != pixel[1] || pixel[0] != pixel[2])
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: the mask has colours, expected grey levels", path);
    if (*value != 0 && *value != pixel[0])
        return okng_fail(
            error, OKNG_ERROR_FORMAT,
            "%s: the mask holds the values %d and %d, expected 0 and one other, the kind of its one defect", path,
            *value, pixel[0]);
    *value = pixel[0];
    return OKNG_OK;
}

okng_status okng_mask_of_value(const char *path, const char *of, int32_t width, int32_t height, uint8_t *mask,
                               uint8_t *value, okng_error *error)
{
    const uint64_t pixels = (uint64_t)width * (uint64_t)height;
    okng_encoded file = {.max_pixels = pixels > OKNG_MAX_PIXELS_DEFAULT ? pixels : OKNG_MAX_PIXELS_DEFAULT,
                         .is_mask = true};
    okng_image rgb;
    *value = 0;
    OKNG_TRY(okng_image_load_as(&rgb, path, &file, error));
    okng_status status = check_size(&rgb, path, of, width, height, error);
    for (uint64_t p = 0; p < pixels && status == OKNG_OK; p++) {
        const uint8_t *pixel = &rgb.pixels[3 * p];
        mask[p] = (pixel[0] | pixel[1] | pixel[2]) != 0;
        if (mask[p]) status = check_value(pixel, path, value, error);
    }
    if (status == OKNG_OK && *value == 0)
        status = okng_fail(error, OKNG_ERROR_FORMAT, "%s: the mask of a defect is all 0", path);
    okng_image_free(&rgb);
    return status;
}
