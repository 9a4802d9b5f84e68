/* Which tokens of which network AF-CLIP looks at, and their extents. Private to afclip/ and those above it. */
#ifndef OKNG_AFCLIP_PLAN_H
#define OKNG_AFCLIP_PLAN_H

#include "base/error.h"

enum {
    OKNG_AFCLIP_TAPS = 4,                                       /* depths of the image tower */
    OKNG_AFCLIP_SCALES = 3,                                     /* neighbourhoods of 1, 3 and 5 patches to a side */
    OKNG_AFCLIP_STREAMS = OKNG_AFCLIP_TAPS * OKNG_AFCLIP_SCALES /* one of each; the scales of a tap follow each other */
};

typedef struct okng_afclip_plan {
    int32_t rows, columns;          /* of the patch grid */
    int32_t tokens;                 /* T = 1 + rows * columns: the class token first */
    int32_t width;                  /* W, of a token of a picture */
    int32_t text_width;             /* of a token of a text */
    int32_t embedding;              /* E, of the joint space */
    int32_t taps[OKNG_AFCLIP_TAPS]; /* blocks whose results are taken, from 0 ("blocks.5.tokens"), rising */
} okng_afclip_plan;

/* For a network whose input is height x width pixels. taps: NULL for the quarters of its depth, halves rounded up: of
 * 24 blocks 5, 11, 17, 23; of 12 2, 5, 8, 11; of 10 2, 4, 7, 9. Errors: NOT_FOUND where the backbone is no CLIP;
 * ARGUMENT for sides that are no multiples of its patch, and for taps that do not rise or that it has not. */
okng_status okng_afclip_plan_of(okng_afclip_plan *out, const char *backbone, int32_t height, int32_t width,
                                const int32_t taps[OKNG_AFCLIP_TAPS], okng_error *error);

#endif
