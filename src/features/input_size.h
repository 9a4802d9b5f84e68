/* The size of the network's input for pictures of any size: what the resize `auto` comes to. */
#ifndef OKNG_FEATURES_INPUT_SIZE_H
#define OKNG_FEATURES_INPUT_SIZE_H

#include "base/error.h"

typedef struct okng_input_size {
    int32_t height, width;
} okng_input_size;

/* How many pixels the options ask for; where they leave it to the network, as many as it was made for. */
int64_t okng_input_pixels(const okng_build_options *options);

/* For pictures of height x width: their aspect at about okng_input_pixels, both sides multiples of the network's step
 * and at least one of it. Of the multiples around either side those are taken that come closest, aspect counting twice
 * as much as area. */
okng_input_size okng_input_size_of(const okng_build_options *options, int64_t height, int64_t width);

#endif
