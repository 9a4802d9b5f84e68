/* Cutting work into parts: whole numbers, none of them negative, divisors at least 1. */
#ifndef OKNG_BASE_PARTS_H
#define OKNG_BASE_PARTS_H

#include <stdint.h>

static inline int64_t okng_smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t okng_larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static inline int64_t okng_divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* How much a part has where `whole` (>= 1) is cut into as few even parts of at most `most` as can be; then rounded up
 * to a multiple of `unit`. The last part may have less. */
static inline int64_t okng_even_part(int64_t whole, int64_t most, int64_t unit)
{
    return okng_divide_up(okng_divide_up(whole, okng_divide_up(whole, most)), unit) * unit;
}

#endif
