/* Going through a result in order, beside operands that lie otherwise: repeated, turned, cut. */
#ifndef OKNG_PROGRAM_WALK_H
#define OKNG_PROGRAM_WALK_H

#include "program/node.h"

enum { OKNG_WALK_OPERANDS = 3 };

/* Begins zeroed but for rank and dims. A step may be 0. */
typedef struct okng_walk {
    int32_t rank;
    int64_t dims[OKNG_PROGRAM_RANK_MAX]; /* of the result */
    int32_t operands;
    int64_t steps[OKNG_WALK_OPERANDS][OKNG_PROGRAM_RANK_MAX]; /* elements from one place of an axis to the next */
    int64_t first[OKNG_WALK_OPERANDS];                        /* of the first element */
} okng_walk;

/* `count` elements from number `at` of the result on, in one row: operand k's first is at[k], the next is step[k] on.
 */
typedef void (*okng_walk_fn)(void *context, int64_t at, int64_t count, const int64_t from[OKNG_WALK_OPERANDS],
                             const int64_t step[OKNG_WALK_OPERANDS]);

/* Operand k as it lies row-major, repeated to the result's extents. */
void okng_walk_repeat(okng_walk *walk, int32_t k, const okng_program_type *type);
/* Joins axes that all operands go through in one; then does every row, shared among threads. */
void okng_walk_run(okng_walk *walk, int threads, okng_walk_fn fn, void *context);

#endif
