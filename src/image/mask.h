/* Masks that tell where the defects of a picture are. */
#ifndef OKNG_IMAGE_MASK_H
#define OKNG_IMAGE_MASK_H

#include "image/image.h"

/* Reads a mask as 1 channel of 0 and 255: 255, a defect, is what is at least 128 in the file. Where nothing is that
 * high the file holds the numbers of classes, and all but 0 is a defect. A colour picture counts by its red. Errors: as
 * okng_image_load. */
okng_status okng_mask_load(okng_image *mask, const char *path, uint64_t max_pixels, okng_error *error);

#endif
