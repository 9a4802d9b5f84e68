#include "experiment/truth.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/image.h"

okng_status okng_truth_crop(const uint8_t *full, const okng_placement *placement, okng_mask_rule rule, uint8_t *crop,
                            okng_error *error)
{
    const okng_interpolation filter = rule == OKNG_MASK_HALF ? OKNG_BICUBIC : OKNG_BILINEAR;
    const uint8_t least = rule == OKNG_MASK_HALF ? 128 : 255;
    okng_image grey = {0}, resized = {0}, cropped = {0};
    okng_status status = okng_image_new(&grey, placement->original_width, placement->original_height, 1, error);
    size_t whole = (size_t)placement->original_width * (size_t)placement->original_height;
    for (size_t i = 0; i < whole && status == OKNG_OK; i++) grey.pixels[i] = full[i] ? 255 : 0;
    if (status == OKNG_OK)
        status = okng_image_resize(&grey, placement->resized_width, placement->resized_height, filter, &resized, error);
    if (status == OKNG_OK)
        status = okng_image_crop(&resized, placement->crop_x, placement->crop_y, placement->width, placement->height,
                                 &cropped, error);
    size_t seen = (size_t)placement->width * (size_t)placement->height;
    for (size_t i = 0; i < seen && status == OKNG_OK; i++) crop[i] = cropped.pixels[i] >= least;
    okng_image_free(&grey);
    okng_image_free(&resized);
    okng_image_free(&cropped);
    return status;
}

okng_status okng_truth_open(okng_truth *truth, const okng_sample *sample, const okng_placement *placement,
                            okng_mask_rule rule, okng_error *error)
{
    size_t whole = (size_t)placement->original_width * (size_t)placement->original_height;
    size_t seen = (size_t)placement->width * (size_t)placement->height;
    truth->full = malloc(whole);
    truth->crop = malloc(seen);
    okng_status status = truth->full && truth->crop ? OKNG_OK : okng_fail_memory(error, whole + seen);
    if (status == OKNG_OK)
        status = okng_sample_mask(sample, placement->original_width, placement->original_height, truth->full, error);
    if (status == OKNG_OK) status = okng_truth_crop(truth->full, placement, rule, truth->crop, error);
    if (status != OKNG_OK) okng_truth_close(truth);
    return status;
}

void okng_truth_close(okng_truth *truth)
{
    free(truth->full);
    free(truth->crop);
    *truth = (okng_truth){0};
}
