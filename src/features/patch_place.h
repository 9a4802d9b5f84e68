/* Where the patches of a grid lie in the picture. */
#ifndef OKNG_FEATURES_PATCH_PLACE_H
#define OKNG_FEATURES_PATCH_PLACE_H

#include "features/placement.h"

typedef struct okng_box {
    int32_t x, y, width, height; /* pixels of the picture; inside it, at least 1 x 1 */
} okng_box;

/* What the patch in `row`, `column` of the grid stands for: an equal part of the network's input, brought back. (The
 * network sees more than that around it.) */
okng_box okng_patch_box(const okng_placement *placement, int32_t grid_height, int32_t grid_width, int32_t row,
                        int32_t column);
/* The patch that stands for pixel (x, y); the nearest where that lies outside the crop. */
void okng_patch_at(const okng_placement *placement, int32_t grid_height, int32_t grid_width, int32_t x, int32_t y,
                   int32_t *row, int32_t *column);

#endif
