/* A coreset of rows of which every process has a part. */
#ifndef OKNG_BANK_CORESET_SHARED_H
#define OKNG_BANK_CORESET_SHARED_H

#include "bank/knn.h"
#include "base/progress.h"
#include "base/ranks.h"

#define OKNG_JOB_CORESET "coreset"

/* By a greedy sampler: picks [count] of all rows, which are here. Where there are other ranks that are free each is
 * sent a part of them. Errors: as okng_coreset_pick. */
okng_status okng_coreset_pick_greedy(const okng_build_options *options, const okng_rows *rows, int64_t count,
                                     okng_ticker *ticker, int64_t *picks, okng_error *error);
/* Other ranks' part: an okng_follow_fn. */
okng_status okng_coreset_follow(const okng_ranks *ranks, okng_parcel *parcel, okng_error *error);

#endif
