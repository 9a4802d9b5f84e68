/* How odd each good picture is beside the others: what finds a bad part among them. Private to patchcore/. */
#ifndef OKNG_PATCHCORE_DOUBT_H
#define OKNG_PATCHCORE_DOUBT_H

#include "patchcore/fitting.h"

/* What is compared, and what has been measured so far. May be shared by threads. */
typedef struct okng_doubter okng_doubter;

/* Bytes that it takes with its threads, at most. */
uint64_t okng_doubter_bytes(const okng_fitting *fitting);
/* Takes patches of up to 25 pictures, spread evenly over the list, as what all are compared with: of each every second
 * in both directions, of the first layer alone where layers are concatenated, which finds more than all layers. `count`
 * pictures will be measured. *out is NULL where there are less than three pictures: nothing can be said. Errors: IO,
 * MEMORY. */
okng_status okng_doubter_new(okng_doubter **out, const okng_fitting *fitting, size_t count, okng_error *error);
void okng_doubter_free(okng_doubter **doubter); /* NULL is fine */

/* Measures a good picture of `origin` (okng_fitting_origin: those of one group are not held against each other) with
 * patches `rows` [patches, dim] as number i < count of those measured: for every
 * patch the mean distance to the three nearest other pictures. So a second picture with the same fault does not hide
 * it. Errors: MEMORY. */
okng_status okng_doubter_measure(okng_doubter *doubter, size_t i, int64_t origin, const float *rows, okng_error *error);

/* Every rank of those that fit together, which has measured `mine` behind those that the ranks before it have: all are
 * measured afterwards. Errors: those of the ranks. */
okng_status okng_doubter_gather(okng_doubter *doubter, int64_t mine, okng_error *error);

/* Once all are measured: out [count, patches] = 1 for patches that stand out by more than `limit` as below, else 0.
 * Errors: MEMORY. */
okng_status okng_doubter_mark(const okng_doubter *doubter, float limit, uint8_t *out, okng_error *error);

/* Once all are measured: doubts [count]. A patch is held against the same place of all pictures (its distance less the
 * median of those there, in deviations: border, edges and print are far from their neighbours in every picture, and
 * vary more), then against the rest of its own picture (less its upper quartile: a darker part is darker everywhere).
 * The doubt is the mean of the hundredth of patches that stand out most. Errors: MEMORY. */
okng_status okng_doubter_conclude(const okng_doubter *doubter, float *doubts, okng_error *error);

#endif
