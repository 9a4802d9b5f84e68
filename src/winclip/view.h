/* A picture as the network sees it through windows. Private to winclip/. */
#ifndef OKNG_WINCLIP_VIEW_H
#define OKNG_WINCLIP_VIEW_H

#include "clip/clip.h"
#include "winclip/windows.h"

/* What is looked at. */
typedef struct okng_view_plan {
    okng_patch_grid grid;
    int32_t scales[OKNG_MAX_SCALES], scale_count; /* rising; none larger than the grid's shorter side */
    int64_t embedding, width;                     /* E, W of the network */
    bool patches;                                 /* patch tokens are wanted too */
    okng_reference_tokens tokens;                 /* which */
    okng_windows kind;                            /* how windows are seen */
} okng_view_plan;

/* Every row has length 1. One piece of memory. */
typedef struct okng_view {
    float *data;
    float *whole;                    /* [E] */
    float *windows[OKNG_MAX_SCALES]; /* [okng_windows_count, E] of each scale */
    float *patches;                  /* [rows * columns, W]; NULL where they are not wanted */
} okng_view;

/* Floats of a view. */
size_t okng_view_floats(const okng_view_plan *plan);
okng_status okng_view_new(okng_view *view, const okng_view_plan *plan, okng_error *error);
void okng_view_free(okng_view *view); /* zeroed is fine; zeroes it */

/* Fills the view from the network's input, float32 [3, height, width]. Errors: MISMATCH (a row of no length), MEMORY,
 * those of the network. */
okng_status okng_view_take(okng_view *view, const okng_view_plan *plan, okng_clip_session *session, const float *tensor,
                           okng_error *error);

#endif
