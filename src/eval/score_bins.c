#include "eval/score_bins.h"

#include <math.h>
#include <stdlib.h>

enum { FIRST_ROOM = 24, LARGEST_ROOM = FIRST_ROOM << 9 }; /* words, whole pixels of either kind */

static okng_score_block *add_block(okng_score_block **bin)
{
    uint32_t room = *bin ? (*bin)->room * 2 : FIRST_ROOM;
    if (room > LARGEST_ROOM) room = LARGEST_ROOM;
    okng_score_block *block = malloc(sizeof *block + room * sizeof block->words[0]);
    if (!block) return NULL;
    *block = (okng_score_block){.next = *bin, .room = room};
    return *bin = block;
}

/* The place for a pixel of `words` words; NULL when memory is out. */
static inline uint16_t *take_place(okng_score_bins *bins, uint32_t key, uint32_t words)
{
    okng_score_block **bin = &bins->bins[key >> 16], *block = *bin;
    if (!block || block->used == block->room) {
        block = add_block(bin);
        if (!block) return NULL;
    }
    uint16_t *place = block->words + block->used;
    block->used += words;
    place[0] = (uint16_t)key;
    return place;
}

bool okng_bins_add_good(okng_score_bins *bins, const float *scores, size_t count, uint64_t *added)
{
    for (size_t i = 0; i < count; i++) {
        if (isnan(scores[i])) continue;
        if (!take_place(bins, okng_score_key(scores[i]), OKNG_GOOD_WORDS)) return false;
        ++*added;
    }
    return true;
}

bool okng_bins_add_bad(okng_score_bins *bins, const float *scores, size_t count, uint32_t region, uint64_t *added)
{
    for (size_t i = 0; i < count; i++) {
        if (isnan(scores[i])) continue;
        uint16_t *place = take_place(bins, okng_score_key(scores[i]), OKNG_BAD_WORDS);
        if (!place) return false;
        place[1] = (uint16_t)region;
        place[2] = (uint16_t)(region >> 16);
        ++*added;
    }
    return true;
}

void okng_bins_clear(okng_score_bins *bins, size_t bin)
{
    for (okng_score_block *block = bins->bins[bin]; block;) {
        okng_score_block *next = block->next;
        free(block);
        block = next;
    }
    bins->bins[bin] = NULL;
}
