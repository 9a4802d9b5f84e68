/* The sizes of a list's pictures, and the input that they share. */
#ifndef OKNG_FEATURES_PICTURE_SIZES_H
#define OKNG_FEATURES_PICTURE_SIZES_H

#include <stdbool.h>

#include "features/pictures.h"

enum { OKNG_ASPECT_PERCENT = 2 }; /* pictures whose aspects differ by no more share one */

/* What is known of a list's pictures without decoding them all. */
typedef struct okng_picture_sizes {
    int32_t height, width; /* of the picture of middle aspect */
    bool differ;           /* some aspects are apart by more than OKNG_ASPECT_PERCENT */
} okng_picture_sizes;

/* Looks at the pictures' headers, and turns the resize `auto` of the options into an exact one: of the pictures' aspect
 * where they share it, of a square where they do not, or where a square crop follows. Any other resize stays, and then
 * only the first picture is looked at. A picture whose size cannot be had counts for nothing: whoever decodes it will
 * say why. Errors: those of the first picture where none has a size; MEMORY. */
okng_status okng_input_size_choose(okng_build_options *options, const okng_pictures *pictures,
                                   okng_picture_sizes *sizes, okng_error *error);

#endif
