/* The score of a picture from those of its patches. */
#ifndef OKNG_METHOD_IMAGE_SCORE_H
#define OKNG_METHOD_IMAGE_SCORE_H

#include <stdint.h>

#include "base/error.h"

/* The mean of the floor(count * part) highest of scores [count] (count >= 1), of at least one: part 0 is the maximum. A
 * NaN counts as the highest. Errors: MEMORY. */
okng_status okng_image_score_top(const float *scores, int64_t count, double part, float *score, okng_error *error);

/* Patches that are not foreground (NULL: all are) score 0. */
void okng_scores_mask(float *scores, int64_t count, const uint8_t *foreground);

#endif
