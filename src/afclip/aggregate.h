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

/* What is done with the streams on the way: the token t of stream s becomes factors[s * T + t] x it + offsets. */
typedef struct okng_afclip_scaling {
    const float *factors; /* [OKNG_AFCLIP_SCALES][T] */
    const float *offsets; /* [width] */
} okng_afclip_scaling;
/* The same by `threads` threads, of which no bit depends on the number. scaling: NULL for none. */
void okng_afclip_aggregate_scaled(const okng_afclip_plan *plan, int64_t width, const float *tokens,
                                  const okng_afclip_scaling *scaling, int threads, float *streams);

/* weights[i], i <= reach < OKNG_AFCLIP_SCALES: of the neighbours `i` patches away, either side, along one axis; the
 * products of those of both axes are those of the square. */
void okng_afclip_gaussian(int32_t reach, float weights[OKNG_AFCLIP_SCALES]);

/* out [T, width] := tokens [T, width], each less its mean. */
void okng_afclip_centre(const okng_afclip_plan *plan, int64_t width, const float *tokens, int threads, float *out);
/* factors [OKNG_AFCLIP_SCALES][T] := 1 / sqrt(variance + 1e-5) of each token of the streams, as a LayerNorm has it;
 * NaN where the variance is not finite. */
void okng_afclip_deviations(const okng_afclip_plan *plan, int64_t width, const float *streams, int threads,
                            float *factors);

#endif
