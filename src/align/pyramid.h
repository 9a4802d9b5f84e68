/* Grey pictures in halving sizes, for a search from coarse to fine. */
#ifndef OKNG_ALIGN_PYRAMID_H
#define OKNG_ALIGN_PYRAMID_H

#include "image/image.h"

enum { OKNG_PYRAMID_LEVELS = 10 };

/* One size: a pixel of level n + 1 is the mean of four of level n, rounded half up. An odd last row or column is left
 * out. */
typedef struct okng_level {
    int32_t width, height;
    uint8_t *pixels; /* [height, width], owned */
} okng_level;

typedef struct okng_pyramid {
    int32_t count; /* 1..OKNG_PYRAMID_LEVELS */
    okng_level levels[OKNG_PYRAMID_LEVELS];
} okng_pyramid;

/* Level 0 is the picture in grey, of RGB Pillow's luma (299 R + 587 G + 114 B) / 1000. At most `levels` levels (at
 * least one), fewer where a side would come to less than 4 pixels. `out` is for okng_pyramid_free, on failure too.
 * Errors: MEMORY. */
okng_status okng_pyramid_build(okng_pyramid *out, const okng_image *image, int32_t levels, int threads,
                               okng_error *error);
void okng_pyramid_free(okng_pyramid *pyramid); /* zeroed is fine; zeroes it */

#endif
