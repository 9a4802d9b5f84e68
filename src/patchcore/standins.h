/* What stands in for the rows of a picture that is left out of a bank.
 *
 * A coreset covers all rows of all pictures: a row that is near one of a picture's own is not kept, whoever it is of. A
 * bank from which a picture's rows are only taken out has holes there, which no bank has that was made without the
 * picture, and the picture's score is too high. So where a row is taken out, one of those of other pictures that it was
 * the nearest row of the bank for comes in: as a coreset goes on, the one that is now farthest from the bank, and only
 * where that is farther than 99 in 100 of all rows are. */
#ifndef OKNG_PATCHCORE_STANDINS_H
#define OKNG_PATCHCORE_STANDINS_H

#include "bank/knn_index.h"
#include "patchcore/fitting.h"

typedef struct okng_standins {
    int64_t count, dim;
    float *rows;     /* [count, dim], those for origin 0 first, then 1, ... */
    int64_t *first;  /* [origins + 1]: those for `origin` are first[origin]..first[origin + 1] - 1 */
    int32_t origins; /* 0 = there are none */
} okng_standins;

/* Once rows are chosen. One step of the ticker for each of fitting->picture_count pictures. Deterministic. On failure
 * *standins is zeroed. Errors: MEMORY, IO, CANCELLED. */
okng_status okng_standins_find(okng_standins *standins, const okng_fitting *fitting, const okng_knn_index *bank,
                               okng_error *error);
void okng_standins_free(okng_standins *standins); /* zeroed is fine; zeroes it */

/* Those for `origin` >= 0. */
okng_rows okng_standins_of(const okng_standins *standins, int32_t origin);

/* What finding and keeping them takes beside the bank, at most, for `threads` threads. */
uint64_t okng_standins_bytes(const okng_fitting *fitting);

#endif
