/* Where what a method learnt came from. */
#ifndef OKNG_METHOD_SOURCE_H
#define OKNG_METHOD_SOURCE_H

#include <stdint.h>

/* A patch of a good picture. Strings are the model's. */
typedef struct okng_source {
    const char *folder, *name; /* folder of all pictures, "" where it is not known; name below it */
    int32_t width, height;     /* of the picture */
    int32_t part_x, part_y, part_width, part_height; /* what of it the grid is of: all of it, or a tile */
    int32_t turn, turns;             /* it was turned by so many parts of a full turn (okng_image_rotate) */
    int32_t grid_height, grid_width; /* of the patches */
    int32_t row, column;
} okng_source;

#endif
