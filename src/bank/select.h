/* Order statistics of floats through keys: unsigned integers that order as the numbers do. */
#ifndef OKNG_BANK_SELECT_H
#define OKNG_BANK_SELECT_H

#include <stddef.h>
#include <stdint.h>

/* The rank-th largest of `count` keys; rank 1..count. Three passes, whatever the keys are. */
uint32_t okng_select_key(const uint32_t *keys, size_t count, size_t rank);

#endif
