#include "features/preprocess.h"

#include <stdlib.h>

#include "base/memory.h"

static void normalise(const okng_build_options *options, const okng_image *rgb, float *tensor)
{
    size_t pixels = (size_t)rgb->width * (size_t)rgb->height;
    for (size_t channel = 0; channel < 3; channel++) {
        float table[256];
        for (int value = 0; value < 256; value++)
            table[value] = ((float)value / 255.0f - options->mean[channel]) / options->std[channel];
        const uint8_t *in = rgb->pixels + channel;
        float *out = tensor + channel * pixels;
        for (size_t i = 0; i < pixels; i++) out[i] = table[in[3 * i]];
    }
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

okng_status okng_preprocess_image(const okng_build_options *options, const okng_placement *placement,
                                  const okng_image *rgb, float *tensor, okng_error *error)
{
    if (options->interpolation == OKNG_BILINEAR_FLOAT || options->interpolation == OKNG_BICUBIC_FLOAT)
        return preprocess_float(options, placement, rgb, tensor, error);
    okng_image resized = {0}, cropped = {0};
    const okng_image *image = rgb;
    okng_status status = OKNG_OK;
    const okng_image *given = rgb->resized;
    if (given && given->width == placement->resized_width && given->height == placement->resized_height) {
        image = given;
    } else if (placement->resized_width != rgb->width || placement->resized_height != rgb->height) {
        status = okng_image_resize(image, placement->resized_width, placement->resized_height, options->interpolation,
                                   &resized, error);
        image = &resized;
    }
    if (status == OKNG_OK && (placement->width != image->width || placement->height != image->height)) {
        status = okng_image_crop(image, placement->crop_x, placement->crop_y, placement->width, placement->height,
                                 &cropped, error);
        image = &cropped;
    }
    if (status == OKNG_OK) normalise(options, image, tensor);
    okng_image_free(&resized);
    okng_image_free(&cropped);
    return status;
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
