/* What the scores of OK pictures say about a new one, without any assumption on how scores are distributed (Vovk,
 * Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005). */
#ifndef OKNG_BANK_CONFORMAL_H
#define OKNG_BANK_CONFORMAL_H

#include <stddef.h>

/* scores [count]: of OK pictures, ascending. NaN when there are none. */

/* (1 + OK pictures scoring at least as high) / (1 + OK pictures), in (0, 1]. */
double okng_conformal_p_value(const float *scores, size_t count, float score);

/* The lowest threshold above which a score has a p-value of at most `rate` (0..1), so that at most this part of OK
 * parts is called NG. `count` pictures cannot promise a rate under 1 / (count + 1): for such the largest OK score is
 * the threshold, the highest that anything is known of, and what it promises is okng_conformal_promise. A rate of 1
 * calls everything NG. */
float okng_conformal_threshold(const float *scores, size_t count, double rate);

/* The part of OK parts that at most is called NG by that threshold, on average over all draws of `count` OK pictures:
 * the largest multiple of 1 / (count + 1) up to `rate`, and 1 / (count + 1) for rates under that. */
double okng_conformal_promise(size_t count, double rate);

#endif
