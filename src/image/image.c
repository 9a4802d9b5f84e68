#include "image/image.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/formats.h"

okng_status okng_image_new(okng_image *out, int32_t width, int32_t height, int32_t channels, okng_error *error)
{
    *out = (okng_image){0};
    if (width < 1 || height < 1 || (channels != 1 && channels != 3))
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "a picture of %d x %d pixels with %d channels was asked for, expected at least 1 x 1 and 1 or 3 "
            "channels",
            width, height, channels);
    size_t row, size;
    if (!okng_mul_size((size_t)width, (size_t)channels, &row) || !okng_mul_size(row, (size_t)height, &size))
        return okng_fail_memory(error, SIZE_MAX);
    uint8_t *pixels = okng_alloc_zero(size, 1);
    if (!pixels) return okng_fail_memory(error, size);
    *out = (okng_image){.width = width, .height = height, .channels = channels, .pixels = pixels};
    return OKNG_OK;
}

void okng_image_free(okng_image *image)
{
    if (!image) return;
    free(image->pixels);
    if (image->resized) free(image->resized->pixels);
    free(image->resized);
    *image = (okng_image){0};
}

okng_status okng_image_crop(const okng_image *image, int32_t x, int32_t y, int32_t width, int32_t height,
                            okng_image *out, okng_error *error)
{
    *out = (okng_image){0};
    if (x < 0 || y < 0 || width < 1 || height < 1 || x > image->width - width || y > image->height - height)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "a crop of %d x %d at %d,%d does not lie inside a picture of %d x %d; make it smaller", width,
                         height, x, y, image->width, image->height);
    OKNG_TRY(okng_image_new(out, width, height, image->channels, error));
    size_t channels = (size_t)image->channels;
    size_t from_row = (size_t)image->width * channels, row = (size_t)width * channels;
    const uint8_t *from = image->pixels + (size_t)y * from_row + (size_t)x * channels;
    for (int32_t line = 0; line < height; line++)
        memcpy(out->pixels + (size_t)line * row, from + (size_t)line * from_row, row);
    return OKNG_OK;
}

/* a * b / 255, rounded, as Pillow computes it. */
static unsigned multiply_255(unsigned a, unsigned b)
{
    unsigned product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

void okng_cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, size_t pixels)
{
    for (size_t i = 0; i < pixels; i++, cmyk += 4, rgb += 3) {
        unsigned white = 255u - cmyk[3];
        for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)(white - multiply_255(cmyk[c], white));
    }
}
