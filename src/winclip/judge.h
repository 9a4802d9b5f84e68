/* From what the network saw of a picture to its map and score. Private to winclip/. */
#ifndef OKNG_WINCLIP_JUDGE_H
#define OKNG_WINCLIP_JUDGE_H

#include "method/method.h"
#include "winclip/score.h"
#include "winclip/tiles.h"

/* What pictures are judged by; all borrowed. */
typedef struct okng_judging {
    const okng_bank_config *config; /* options and input size */
    const okng_winclip_rule *rule;
    const okng_winclip_memory *memory;
} okng_judging;

/* Map and score of a picture from the views [tiles->count] of its tiles; rows of the group `excluded` (-1: none) are
 * passed over. On failure *scored is zeroed. Errors: MEMORY. */
okng_status okng_judge(const okng_judging *judging, const okng_tiles *tiles, const okng_view *views, int32_t excluded,
                       int threads, okng_scored *scored, okng_error *error);

#endif
