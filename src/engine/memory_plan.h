/* Places values that live for part of a run in one piece of memory, so that those that live together do not overlap. */
#ifndef OKNG_ENGINE_MEMORY_PLAN_H
#define OKNG_ENGINE_MEMORY_PLAN_H

#include "base/error.h"

typedef struct okng_block {
    size_t bytes;
    int32_t first, last; /* the steps from the one that writes it to the last one that reads it */
    size_t offset;       /* what okng_memory_plan finds; a multiple of OKNG_ALIGNMENT */
} okng_block;

/* *total: bytes of the whole. Errors: MEMORY, LIMIT when the sum does not fit a size_t. */
okng_status okng_memory_plan(okng_block *blocks, size_t count, size_t *total, okng_error *error);

#endif
