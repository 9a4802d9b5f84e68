/* Farthest-first selection, the core of the greedy samplers. */
#ifndef OKNG_BANK_FARTHEST_H
#define OKNG_BANK_FARTHEST_H

#include "bank/hunt.h"
#include "base/error.h"
#include "base/progress.h"

/* picks [count] from finite rows [n, dim], as this plain loop picks them:
 *     value[r] = infinity, or ceiling[r] where `ceiling` is not NULL
 *     for each pick: the row not picked yet that has the largest value, ties to the lowest index (`first` for the
 * first) value[r] = min(value[r], squared distance of r to the pick, or its root where `ceiling` is not NULL) One tick
 * of the ticker for each pick. Errors: MEMORY, LIMIT, CANCELLED. */
okng_status okng_pick_farthest(const float *rows, int64_t n, int64_t dim, const float *ceiling, int64_t first,
                               int64_t count, int threads, okng_ticker *ticker, int64_t *picks, okng_error *error);

#endif
