/* Fits that several processes do together. */
#ifndef OKNG_MODEL_FIT_JOB_H
#define OKNG_MODEL_FIT_JOB_H

#include "base/ranks.h"

#define OKNG_JOB_FIT "fit"

/* Other ranks' part of okng_member_fit: an okng_follow_fn. */
okng_status okng_member_follow(const okng_ranks *ranks, okng_parcel *parcel, okng_error *error);

#endif
