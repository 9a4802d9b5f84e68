#include "bank/select.h"

enum { DIGIT = 11, DIGITS = 3, BUCKETS = 1 << DIGIT };

uint32_t okng_select_key(const uint32_t *keys, size_t count, size_t rank)
{
    uint32_t prefix = 0, known = 0; /* the digits found so far, from the top, and a mask of their bits */
    for (int digit = DIGITS - 1; digit >= 0; digit--) {
        int shift = digit * DIGIT;
        size_t counts[BUCKETS] = {0};
        for (size_t i = 0; i < count; i++)
            if ((keys[i] & known) == prefix) counts[keys[i] >> shift & (BUCKETS - 1)]++;
        uint32_t bucket = BUCKETS - 1;
        for (; rank > counts[bucket]; bucket--) rank -= counts[bucket];
        prefix |= bucket << shift;
        known |= (uint32_t)(BUCKETS - 1) << shift;
    }
    return prefix;
}
