/* What is found in one picture. */
#ifndef OKNG_METHOD_SCORED_H
#define OKNG_METHOD_SCORED_H

#include "features/placement.h"
#include "features/stages.h"
#include "image/image.h"

typedef struct okng_scored {
    float score; /* of the whole picture */
    float *map;  /* [placement.original_height, placement.original_width]: the picture's size; NaN where nothing was
                    looked at (outside a centre crop) */
    float *input_map; /* [placement.height, placement.width]: the same at the network's input size, all finite */
    okng_placement placement;
    int32_t grid_height, grid_width; /* of the patches; 0 where there are none */
    int32_t *nearest;   /* [grid_height, grid_width]: the row of what was learnt that is nearest to each, -1
                           where there is none; NULL where there are no patches */
    okng_stages stages; /* all but decode, which is the caller's */
} okng_scored;
void okng_scored_free(okng_scored *scored); /* zeroed is fine; zeroes it */

/* Makes both maps for scored->placement from scores [grid_height, grid_width]: brought to the input size, smoothed by a
 * Gaussian of `smoothing` pixels there, put back into the picture. What fails leaves nothing to be freed but by
 * okng_scored_free. Errors: MEMORY. */
okng_status okng_scored_fill(okng_scored *scored, const float *scores, int32_t grid_height, int32_t grid_width,
                             float smoothing, okng_error *error);

/* How a picture is scored: a method's `inspect`, or what stands for it. */
typedef okng_status (*okng_inspect_fn)(void *model, const okng_image *rgb, int threads, okng_scored *scored,
                                       okng_error *error);

#endif
