/* Every patch with its neighbours: one depth of the tower as streams of several scales. Private to afclip/ and those
 * above it. */
#ifndef OKNG_AFCLIP_AGGREGATE_H
#define OKNG_AFCLIP_AGGREGATE_H

#include "afclip/plan.h"

/* tokens [T, width] of one depth, the class token first -> streams [OKNG_AFCLIP_SCALES][T, width]: the same; and the
 * mean of 3 x 3 and of 5 x 5 patches by a Gaussian of sigma 4 whose weights add up to 1, with zeros beyond the border
 * (so that patches there become smaller). The class token stays as it is. `width` is the plan's, or that of anything
 * linear that was made of the tokens. float32; the bits of a channel do not depend on the others. */
void okng_afclip_aggregate(const okng_afclip_plan *plan, int64_t width, const float *tokens, float *streams);

#endif
