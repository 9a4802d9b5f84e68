/* Scores of pixels by the upper 16 bits of their sort key, with the lower 16 bits kept: half of a float's memory.
 *
 * A bin is a chain of blocks that grow with it. A good pixel is one word, the lower half of its key; a bad one is
 * three, the other two being the number of its region. */
#ifndef OKNG_EVAL_SCORE_BINS_H
#define OKNG_EVAL_SCORE_BINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { OKNG_BINS = 65536, OKNG_GOOD_WORDS = 1, OKNG_BAD_WORDS = 3 };

typedef struct okng_score_block {
    struct okng_score_block *next;
    uint32_t used, room; /* words */
    uint16_t words[];
} okng_score_block;

typedef struct okng_score_bins {
    okng_score_block *bins[OKNG_BINS];
} okng_score_bins;

/* Bits of a float, turned so that they sort as unsigned numbers like the floats do; -0 equals 0. */
static inline uint32_t okng_score_key(float score)
{
    uint32_t bits;
    score += 0.0f;
    memcpy(&bits, &score, sizeof bits);
    return bits ^ (0x80000000u | (uint32_t)((int32_t)bits >> 31));
}

static inline float okng_key_score(uint32_t key)
{
    uint32_t bits = key & 0x80000000u ? key & 0x7fffffffu : ~key;
    float score;
    memcpy(&score, &bits, sizeof score);
    return score;
}

/* Adds what is not NaN of `count` good scores; *added counts them. False when memory is out, *added is right then too.
 */
bool okng_bins_add_good(okng_score_bins *bins, const float *scores, size_t count, uint64_t *added);
/* The same of bad ones in a region. */
bool okng_bins_add_bad(okng_score_bins *bins, const float *scores, size_t count, uint32_t region, uint64_t *added);
void okng_bins_clear(okng_score_bins *bins, size_t bin);

static inline uint32_t okng_block_region(const uint16_t *words)
{
    return (uint32_t)words[1] | (uint32_t)words[2] << 16;
}

#endif
