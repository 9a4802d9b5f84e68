/* What is known of a test picture's defect. */
#ifndef OKNG_EXPERIMENT_TRUTH_H
#define OKNG_EXPERIMENT_TRUTH_H

#include "base/error.h"
#include "features/placement.h"

typedef struct okng_truth {
    uint8_t *full; /* [original_height, original_width], 1 where the defect is */
    uint8_t *crop; /* [height, width]: the same at the network's input size */
} okng_truth;

/* The mask of a bad sample at both sizes. At the network's input it is what patchcore-inspection evaluates with: the
 * mask as a grey picture goes through the same resize (bilinear, as Pillow does it) and centre crop, and only pixels
 * that are still fully white count, because the original turns the values 0..1 into whole numbers. Errors: as
 * okng_sample_mask. */
okng_status okng_truth_open(okng_truth *truth, const okng_sample *sample, const okng_placement *placement,
                            okng_error *error);
void okng_truth_close(okng_truth *truth); /* zeroed is fine */

/* The mask [original_height, original_width] of 0 and 1 at the network's input: crop [height, width]. */
okng_status okng_truth_crop(const uint8_t *full, const okng_placement *placement, uint8_t *crop, okng_error *error);

#endif
