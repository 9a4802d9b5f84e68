/* Masks (1 channel, 0 or 255): opening, closing, connected components. */
#ifndef OKNG_IMAGE_MORPHOLOGY_H
#define OKNG_IMAGE_MORPHOLOGY_H

#include "image/image.h"

/* With a disk of `radius` pixels (dx*dx + dy*dy <= radius*radius, as skimage.morphology.disk); pixels outside the
 * picture neither grow nor eat the mask (as skimage.morphology.opening and closing). Radius 0 changes nothing. */
okng_status okng_mask_open(okng_image *mask, int32_t radius, okng_error *error);
okng_status okng_mask_close(okng_image *mask, int32_t radius, okng_error *error);

/* Regions of 8-connected mask pixels; those with an area below min_area are cleared from the mask and not listed.
 * Peak: largest of scores [height, width] inside (NaN ignored; NaN where there is nothing else). Sorted by peak,
 * largest first, then by y, x of the box. Lengths are region_length.h's. *regions is malloc'd; NULL when *count is 0.
 */
okng_status okng_mask_regions(okng_image *mask, const float *scores, int64_t min_area, okng_region **regions,
                              size_t *count, okng_error *error);

#endif
