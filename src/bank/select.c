#include "bank/select.h"

enum { DIGIT = 11, DIGITS = 3, BUCKETS = 1 << DIGIT };

/* counts[v] := of the keys whose bits under `known` are `prefix`, those whose digit is v. */
static void count_digits(const uint32_t *keys, size_t count, uint32_t prefix, uint32_t known, int shift,
                         uint64_t counts[BUCKETS])
{
    for (int v = 0; v < BUCKETS; v++) counts[v] = 0;
    for (size_t i = 0; i < count; i++)
        if ((keys[i] & known) == prefix) counts[keys[i] >> shift & (BUCKETS - 1)]++;
}

okng_status okng_select_key_shared(const okng_ranks *ranks, const uint32_t *keys, size_t count, uint64_t rank,
                                   uint32_t *key, okng_error *error)
{
    uint32_t prefix = 0, known = 0; /* the digits found so far, from the top, and a mask of their bits */
    for (int digit = DIGITS - 1; digit >= 0; digit--) {
        const int shift = digit * DIGIT;
        uint64_t counts[BUCKETS];
        count_digits(keys, count, prefix, known, shift, counts);
        OKNG_TRY(okng_ranks_sum(ranks, counts, BUCKETS, error));
        uint32_t bucket = BUCKETS - 1;
        for (; bucket > 0 && rank > counts[bucket]; bucket--) rank -= counts[bucket];
        prefix |= bucket << shift;
        known |= (uint32_t)(BUCKETS - 1) << shift;
    }
    *key = prefix;
    return OKNG_OK;
}

uint32_t okng_select_key(const uint32_t *keys, size_t count, size_t rank)
{
    const okng_ranks alone = {.count = 1};
    uint32_t key = 0;
    (void)okng_select_key_shared(&alone, keys, count, rank, &key, NULL); /* one process cannot fail to reach itself */
    return key;
}
