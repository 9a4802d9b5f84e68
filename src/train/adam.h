/* Adam (Kingma and Ba, 2015) as torch computes it: betas 0.5 and 0.999, eps 1e-8, both moments corrected for their
 * start, no decay. */
#ifndef OKNG_TRAIN_ADAM_H
#define OKNG_TRAIN_ADAM_H

#include "base/error.h"

/* Moments of `count` numbers, as zeros at first; owned. */
typedef struct okng_adam {
    size_t count;
    float *mean, *square; /* [count] */
} okng_adam;

okng_status okng_adam_new(okng_adam *out, size_t count, okng_error *error);
void okng_adam_free(okng_adam *adam); /* zeroed is fine; zeroes it */
/* Step number `step`, from 1 on: moves values [count] against gradients [count]. */
void okng_adam_step(okng_adam *adam, uint64_t step, double rate, const float *gradients, float *values);

#endif
