/* Test pictures that other ranks score for rank 0. Private to experiment/ but for who follows. */
#ifndef OKNG_EXPERIMENT_SHARED_SCORES_H
#define OKNG_EXPERIMENT_SHARED_SCORES_H

#include "base/calls.h"
#include "experiment/category.h"

#define OKNG_JOB_SCORE "score"

/* Rank 0: the other ranks open the category's bank, and see that they have the same test pictures. *calls is NULL where
 * there are none. `threads`: within a picture. Errors: what the first rank says that cannot, by its name; MEMORY. */
okng_status okng_shared_scores_open(okng_calls **calls, const okng_category_job *job, int threads, okng_error *error);
/* Picture `path`, as okng_model_inspect gives it: score, window, placement and both maps alone. Errors: those of
 * decoding and of inspecting; those of asking. */
okng_status okng_shared_score(okng_calls *calls, int slot, const char *path, okng_scored *scored, okng_error *error);

/* Other ranks: an okng_follow_fn. */
okng_status okng_score_follow(const okng_ranks *ranks, okng_parcel *parcel, okng_error *error);

#endif
