/* What is known of a test picture's defect. */
#ifndef OKNG_EXPERIMENT_TRUTH_H
#define OKNG_EXPERIMENT_TRUTH_H

#include "base/error.h"
#include "features/placement.h"

typedef struct okng_truth {
    uint8_t *full; /* [original_height, original_width], 1 where the defect is */
    uint8_t *crop; /* [height, width]: the same at the network's input size */
} okng_truth;

/* What a pixel of a mask is at the network's input, once the mask as a grey picture has gone through the same resize
 * and centre crop, as Pillow does it. */
typedef enum okng_mask_rule {
    OKNG_MASK_WHITE = 0, /* a defect where it is still fully white after a bilinear resize: so patchcore-inspection
                            evaluates, because it turns the values 0..1 into whole numbers */
    OKNG_MASK_HALF       /* a defect above half of white after a bicubic one: so AF-CLIP does */
} okng_mask_rule;

/* The mask of a bad sample at both sizes. Errors: as okng_sample_mask. */
okng_status okng_truth_open(okng_truth *truth, const okng_sample *sample, const okng_placement *placement,
                            okng_mask_rule rule, okng_error *error);
void okng_truth_close(okng_truth *truth); /* zeroed is fine */

/* The mask [original_height, original_width] of 0 and 1 at the network's input: crop [height, width]. */
okng_status okng_truth_crop(const uint8_t *full, const okng_placement *placement, okng_mask_rule rule, uint8_t *crop,
                            okng_error *error);

#endif
