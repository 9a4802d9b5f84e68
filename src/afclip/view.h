/* What is found in a picture before its map is made. Private to afclip/. */
#ifndef OKNG_AFCLIP_VIEW_H
#define OKNG_AFCLIP_VIEW_H

#include <stdbool.h>

#include "afclip/plan.h"

typedef struct okng_afclip_view {
    void *data;       /* one piece of memory */
    double *words;    /* [12][T]: of each stream, the cosine of each token with bad parts less that with good ones */
    float *p;         /* [T]: how likely each token, the class token first, is of a bad part, by all streams */
    float *distances; /* [12][P]: of each stream, of patches from what is remembered; NULL where nothing is */
} okng_afclip_view;

/* Room, zeroed. Errors: MEMORY. */
okng_status okng_afclip_view_new(okng_afclip_view *view, const okng_afclip_plan *plan, bool distances,
                                 okng_error *error);
void okng_afclip_view_free(okng_afclip_view *view); /* zeroed is fine; zeroes it */

#endif
