/* What the precision int8 is scaled by: the largest magnitude of every value of the network, in float32, over pictures
 * of good parts. */
#ifndef OKNG_FEATURES_RANGES_H
#define OKNG_FEATURES_RANGES_H

#include "features/extractor.h"
#include "features/pictures.h"

enum { OKNG_MEASURED_RANGES_MAX = 512 }; /* nodes of a network in int8 */

typedef struct okng_measured_ranges {
    float values[OKNG_MEASURED_RANGES_MAX];
    int32_t count; /* nodes of the network; 0 where the precision is not int8 and nothing was measured */
} okng_measured_ranges;

/* Over at most 32 of the pictures, spread evenly. height, width: of the network's input. The result does not depend on
 * `threads`. Errors: those of the first picture that fails; LIMIT for a network of too many nodes. */
okng_status okng_ranges_of_pictures(okng_measured_ranges *ranges, const okng_build_options *options,
                                    const okng_weights *weights, const okng_ignored *ignored,
                                    const okng_pictures *pictures, int32_t height, int32_t width, int threads,
                                    okng_error *error);
okng_status okng_ranges_of_image(okng_measured_ranges *ranges, const okng_build_options *options,
                                 const okng_weights *weights, const okng_image *rgb, int32_t height, int32_t width,
                                 okng_error *error);

#endif
