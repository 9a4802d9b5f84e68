/* From a view to scores: what words say of its windows, how they differ from those of good pictures, and both joined.
 * Private to winclip/. */
#ifndef OKNG_WINCLIP_SCORE_H
#define OKNG_WINCLIP_SCORE_H

#include "method/scored.h"
#include "winclip/memory.h"

typedef struct okng_winclip_rule {
    okng_view_plan plan;
    const float *prototypes; /* [2, E], good and bad, of length 1 */
    double temperature;
    double weights[OKNG_MAX_SCALES]; /* of each scale */
    okng_fusion fusion;
} okng_winclip_rule;

/* Maps are [rows, columns] of the grid. One piece of memory. */
typedef struct okng_winclip_found {
    float *data;
    float whole;                      /* what words say of the whole picture */
    float *words[OKNG_MAX_SCALES];    /* of its windows, by scale */
    float *by_words;                  /* joined with `whole` */
    float *pictures[OKNG_MAX_SCALES]; /* how windows differ from those of good pictures, by scale */
    float *patches;                   /* how patches do */
    float *by_pictures;               /* the mean of those; all of these NULL where nothing is remembered */
    float *map;                       /* what is reported */
    float score;
    okng_scored_window window; /* pixels not filled in */
} okng_winclip_found;

/* `memory` may be empty; rows of its group `excluded` are passed over. The bits do not depend on `threads`. Release
 * with okng_winclip_found_free. Errors: MEMORY. */
okng_status okng_winclip_score(okng_winclip_found *found, const okng_winclip_rule *rule, const okng_view *view,
                               const okng_winclip_memory *memory, int32_t excluded, int threads, okng_error *error);
void okng_winclip_found_free(okng_winclip_found *found); /* zeroed is fine; zeroes it */

#endif
