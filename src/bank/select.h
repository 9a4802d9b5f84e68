/* Order statistics of floats through keys: unsigned integers that order as the numbers do. */
#ifndef OKNG_BANK_SELECT_H
#define OKNG_BANK_SELECT_H

#include <stddef.h>
#include <stdint.h>

#include "base/ranks.h"

/* The rank-th largest of `count` keys; rank 1..count. Three passes, whatever the keys are. */
uint32_t okng_select_key(const uint32_t *keys, size_t count, size_t rank);

/* Every rank: the rank-th largest of the keys of all ranks together, of which `count` are here. Errors: those of
 * reaching the others. */
okng_status okng_select_key_shared(const okng_ranks *ranks, const uint32_t *keys, size_t count, uint64_t rank,
                                   uint32_t *key, okng_error *error);

#endif
