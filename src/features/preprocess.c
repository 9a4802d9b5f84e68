#include "features/preprocess.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void okng_preprocess_table(const okng_build_options *options, float table[3][256])
{
    for (int channel = 0; channel < 3; channel++)
        for (int value = 0; value < 256; value++)
            table[channel][value] = ((float)value / 255.0f - options->mean[channel]) / options->std[channel];
}

bool okng_preprocess_in_floats(const okng_build_options *options)
{
    return options->interpolation == OKNG_BILINEAR_FLOAT || options->interpolation == OKNG_BICUBIC_FLOAT;
}

/* Resized without rounding, then the crop of it. */
static okng_status preprocess_float(const okng_build_options *options, const okng_placement *placement,
                                    const okng_image *rgb, float *tensor, okng_error *error)
{
    size_t width = (size_t)placement->resized_width, height = (size_t)placement->resized_height;
    float *resized = okng_alloc(3 * width, height * sizeof *resized);
    if (!resized) return okng_fail_memory(error, 3 * width * height * sizeof *resized);
    okng_status status = okng_image_resize_float(rgb, placement->resized_width, placement->resized_height,
                                                 options->interpolation, resized, error);
    for (size_t c = 0; c < 3 && status == OKNG_OK; c++)
        for (int32_t y = 0; y < placement->height; y++) {
            const float *in = resized + (c * height + (size_t)(placement->crop_y + y)) * width + placement->crop_x;
            for (int32_t x = 0; x < placement->width; x++) *tensor++ = (in[x] - options->mean[c]) / options->std[c];
        }
    free(resized);
    return status;
}

/* The picture at the size that it is resized to: itself, what it was decoded to, or *own, which is the caller's. */
static okng_status resize(const okng_build_options *options, const okng_placement *placement, const okng_image *rgb,
                          okng_image *own, const okng_image **out, okng_error *error)
{
    const int32_t width = placement->resized_width, height = placement->resized_height;
    const okng_image *given = rgb->resized;
    *own = (okng_image){0};
    *out = given && given->width == width && given->height == height ? given : rgb;
    if ((*out)->width == width && (*out)->height == height) return OKNG_OK;
    *out = own;
    return okng_image_resize(rgb, width, height, options->interpolation, own, error);
}

/* Row y of the crop. */
static const uint8_t *row_of(const okng_image *resized, const okng_placement *placement, int32_t y)
{
    return resized->pixels + 3 * ((int64_t)(placement->crop_y + y) * resized->width + placement->crop_x);
}

okng_status okng_preprocess_pixels(const okng_build_options *options, const okng_placement *placement,
                                   const okng_image *rgb, uint8_t *pixels, okng_error *error)
{
    okng_image own;
    const okng_image *resized;
    const size_t row = 3 * (size_t)placement->width;
    OKNG_TRY(resize(options, placement, rgb, &own, &resized, error));
    for (int32_t y = 0; y < placement->height; y++)
        memcpy(pixels + (size_t)y * row, row_of(resized, placement, y), row);
    okng_image_free(&own);
    return OKNG_OK;
}

okng_status okng_preprocess_image(const okng_build_options *options, const okng_placement *placement,
                                  const okng_image *rgb, float *tensor, okng_error *error)
{
    okng_image own;
    const okng_image *resized;
    float table[3][256];
    if (okng_preprocess_in_floats(options)) return preprocess_float(options, placement, rgb, tensor, error);
    OKNG_TRY(resize(options, placement, rgb, &own, &resized, error));
    okng_preprocess_table(options, table);
    for (int channel = 0; channel < 3; channel++)
        for (int32_t y = 0; y < placement->height; y++) {
            const uint8_t *in = row_of(resized, placement, y) + channel;
            for (int32_t x = 0; x < placement->width; x++) *tensor++ = table[channel][in[3 * x]];
        }
    okng_image_free(&own);
    return OKNG_OK;
}

static bool same_input(const okng_placement *a, const okng_placement *b)
{
    return a->resized_width == b->resized_width && a->resized_height == b->resized_height && a->crop_x == b->crop_x &&
           a->crop_y == b->crop_y && a->width == b->width && a->height == b->height;
}

bool okng_preprocess_may_shrink(const okng_build_options *options, int32_t width, int32_t height, int32_t to_width,
                                int32_t to_height)
{
    okng_placement whole, again;
    if (options->aspect == OKNG_ASPECT_TILES || options->tile_height > 0) return false; /* made of the whole picture */
    return okng_placement_of(options, width, height, &whole, NULL) == OKNG_OK &&
           okng_placement_of(options, to_width, to_height, &again, NULL) == OKNG_OK && same_input(&whole, &again);
}

int okng_preprocess_shrink(const void *context, int32_t width, int32_t height, okng_shrunk to[2])
{
    const okng_build_options *options = context;
    okng_placement whole;
    const bool known = options->resize_mode == OKNG_RESIZE_SHORTER || options->resize_mode == OKNG_RESIZE_EXACT;
    if (!known || options->aspect == OKNG_ASPECT_TILES || options->tile_height > 0 ||
        (int64_t)width * height <= OKNG_SHRINK_PIXELS)
        return 0;
    if (options->interpolation != OKNG_BILINEAR && options->interpolation != OKNG_BICUBIC) return 0;
    if (okng_placement_of(options, width, height, &whole, NULL) != OKNG_OK) return 0;
    if (whole.resized_width >= width || whole.resized_height >= height) return 0;
    to[0] = (okng_shrunk){whole.resized_width, whole.resized_height, options->interpolation};
    return okng_preprocess_may_shrink(options, width, height, to[0].width, to[0].height) ? 1 : 0;
}
