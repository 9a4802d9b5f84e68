/* From what the adapter makes of tokens to how likely they are of a bad part. Private to afclip/ and those above it. */
#ifndef OKNG_AFCLIP_SCORE_H
#define OKNG_AFCLIP_SCORE_H

#include <stdint.h>

/* sums[t] += cosine of z[s][t] with the prototype of bad parts - that with the one of good parts, of all s: z [count]
 * [tokens, dim], of any length; prototypes [2, dim] of length 1, good and bad; sums [tokens]. A vector of no length
 * adds nothing, one that is not finite, or whose length is not, NaN. The bits do not depend on `threads`. */
void okng_afclip_score_add(const float *prototypes, int64_t dim, const float *z, int64_t count, int64_t tokens,
                           int threads, double *sums);
/* p[t] = softmax over both of the sums of their cosines / temperature, the share of bad: 1 / (1 + exp(-sums[t] /
 * temperature)). */
void okng_afclip_score_shares(const double *sums, int64_t tokens, double temperature, float *p);

#endif
