/* Farthest-first selection, the core of the greedy samplers. */
#ifndef OKNG_BANK_FARTHEST_H
#define OKNG_BANK_FARTHEST_H

#include "bank/hunt.h"
#include "base/error.h"
#include "base/progress.h"

/* picks [count] from finite rows [n, dim], as a plain loop picks them: every row has a value, at first infinity, or
 * ceiling[r] where `ceiling` is not NULL. The first pick is `first`; each later one is the row not picked yet that has
 * the largest value, of equal ones the lowest. Then the value of every row becomes its squared distance to the pick
 * where that is less, or the root of it where `ceiling` is not NULL. One tick of the ticker for each pick. Errors:
 * MEMORY, LIMIT, CANCELLED. */
okng_status okng_pick_farthest(const float *rows, int64_t n, int64_t dim, const float *ceiling, int64_t first,
                               int64_t count, int threads, okng_ticker *ticker, int64_t *picks, okng_error *error);

#endif
