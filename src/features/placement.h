/* How a picture is brought to the network's input: the sizes before and after resize and crop. */
#ifndef OKNG_FEATURES_PLACEMENT_H
#define OKNG_FEATURES_PLACEMENT_H

#include "base/error.h"

typedef struct okng_placement {
    int32_t original_height, original_width;
    int32_t resized_height, resized_width;
    int32_t crop_x, crop_y, height, width; /* the network's input inside the resized picture */
} okng_placement;

/* Auto: the picture's own aspect, see input_size.h. Shorter side: to N, the longer to int(N * long / short), without a
 * crop to the multiple of the network's patch that is nearest to it. Crop: at round-half-even((size - crop) / 2).
 * Errors: ARGUMENT when the crop is larger than the resized picture or a side is over 65535; LIMIT beyond 2^28 pixels
 * after the resize. */
okng_status okng_placement_of(const okng_build_options *options, int32_t width, int32_t height, okng_placement *out,
                              okng_error *error);

#endif
