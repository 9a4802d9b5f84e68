#include "method/preprocess.h"

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

okng_status okng_preprocess_image(const okng_build_options *options, const okng_placement *placement,
                                  const okng_image *rgb, float *tensor, okng_error *error)
{
    okng_image resized = {0}, cropped = {0};
    const okng_image *image = rgb;
    okng_status status = OKNG_OK;
    if (placement->resized_width != rgb->width || placement->resized_height != rgb->height) {
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
