/* Masks that tell where the defects of a picture are: the one way to read them. */
#ifndef OKNG_IMAGE_MASK_H
#define OKNG_IMAGE_MASK_H

#include <stdbool.h>

#include "image/image.h"

/* Reads the masks of one picture, a file for each of its defects, and unites them: mask [height, width] becomes 1 where
 * one of them has a defect, 0 elsewhere; of no masks it is all 0. A pixel is a defect where any of its colours is above
 * 0, in 16 bits as in 8, since masks hold 0 and 255, 0 and 1 or numbers of classes; in a JPEG where one is at least
 * 128, as its compression leaves a dust of small values around an edge. Alpha counts nothing. Errors: MISMATCH when one
 * has not the size of `of`, the picture or map that they belong to; else as okng_image_load. */
okng_status okng_masks_unite(const char *const *paths, size_t count, const char *of, int32_t width, int32_t height,
                             uint8_t *mask, okng_error *error);

/* Reads one mask whose pixels are 0 or one other value: mask [height, width] becomes 1 where it is that, *value.
 * Errors: FORMAT where there is none, or more than one, or colours differ; else as okng_masks_unite. */
okng_status okng_mask_of_value(const char *path, const char *of, int32_t width, int32_t height, uint8_t *mask,
                               uint8_t *value, okng_error *error);

/* Whether a mask has a pixel that is a defect. Errors as okng_image_load. */
okng_status okng_mask_any(const char *path, bool *any, okng_error *error);

#endif
