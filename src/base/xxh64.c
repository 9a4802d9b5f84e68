#include "base/xxh64.h"

#include <string.h>

#define P1 UINT64_C(0x9E3779B185EBCA87)
#define P2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define P3 UINT64_C(0x165667B19E3779F9)
#define P4 UINT64_C(0x85EBCA77C2B2AE63)
#define P5 UINT64_C(0x27D4EB2F165667C5)

enum { LANES = 4, STRIPE = 32 };

static uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static uint64_t load64(const uint8_t *at)
{
    uint64_t value = 0;
    memcpy(&value, at, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

static uint64_t load32(const uint8_t *at)
{
    uint32_t value = 0;
    memcpy(&value, at, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap32(value);
#endif
    return value;
}

static uint64_t round_of(uint64_t sum, uint64_t input)
{
    return rotate(sum + input * P2, 31) * P1;
}

/* Whole stripes, a lane for each eighth of a line. */
static uint64_t stripes(const uint8_t *at, size_t count)
{
    static const int turns[LANES] = {1, 7, 12, 18};
    uint64_t lane[LANES] = {P1 + P2, P2, 0, 0 - P1}, sum = 0;
    for (size_t i = 0; i < count; i++, at += STRIPE)
        for (int k = 0; k < LANES; k++) lane[k] = round_of(lane[k], load64(at + 8 * k));
    for (int k = 0; k < LANES; k++) sum += rotate(lane[k], turns[k]);
    for (int k = 0; k < LANES; k++) sum = (sum ^ round_of(0, lane[k])) * P1 + P4;
    return sum;
}

uint64_t okng_xxh64(const void *data, size_t size)
{
    const uint8_t *at = data;
    const size_t whole = size / STRIPE;
    uint64_t sum = whole > 0 ? stripes(at, whole) : P5;
    size_t left = size % STRIPE;
    at = whole > 0 ? at + whole * STRIPE : at;
    sum += (uint64_t)size;
    for (; left >= 8; left -= 8, at += 8) sum = rotate(sum ^ round_of(0, load64(at)), 27) * P1 + P4;
    for (; left >= 4; left -= 4, at += 4) sum = rotate(sum ^ load32(at) * P1, 23) * P2 + P3;
    for (; left > 0; left--, at++) sum = rotate(sum ^ *at * P5, 11) * P1;
    sum = (sum ^ sum >> 33) * P2;
    sum = (sum ^ sum >> 29) * P3;
    return sum ^ sum >> 32;
}
