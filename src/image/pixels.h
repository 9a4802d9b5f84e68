/* Private to image/: pixels in memory. */
#ifndef OKNG_IMAGE_PIXELS_H
#define OKNG_IMAGE_PIXELS_H

#include "image/formats.h"

/* picture->pixels as RGB, or, where `out` is NULL, only how->depth. */
okng_status okng_pixels_convert(okng_image *out, const okng_picture *picture, okng_decoding *how, okng_error *error);

#endif
