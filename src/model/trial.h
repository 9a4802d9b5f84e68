/* A bank that is learnt to be looked at and is never written: for those who compare settings. */
#ifndef OKNG_MODEL_TRIAL_H
#define OKNG_MODEL_TRIAL_H

#include "base/progress.h"
#include "features/pictures.h"

typedef struct okng_trial okng_trial;

/* Learns as okng_model_build does, with options that are complete and checked and name their network. `report` gets
 * what okng_build tells. Errors: as there. */
okng_status okng_trial_learn(okng_trial **out, const okng_pictures *pictures, const okng_build_options *options,
                             okng_ticker *ticker, okng_build_report *report, okng_error *error);
void okng_trial_free(okng_trial **trial); /* NULL is fine */

/* The score of a picture, by `threads` threads, on which it does not depend. Errors: as okng_model_inspect. */
okng_status okng_trial_score(okng_trial *trial, const okng_image *rgb, int threads, float *score, okng_error *error);

#endif
