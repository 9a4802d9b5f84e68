/* CLIP: two towers of the same blocks, of pictures and of texts, into one space (docs/clip.md). */
#ifndef OKNG_NET_CLIP_H
#define OKNG_NET_CLIP_H

#include "net/graph.h"

/* The extents of both towers; heads are 64 wide everywhere. */
typedef struct okng_clip_shape {
    int32_t width, layers;           /* of the image tower */
    int32_t patch, side;             /* pixels along a patch; patches along the trained square */
    int32_t text_width, text_layers; /* of the text tower */
    int32_t embedding;               /* E, of the joint space */
} okng_clip_shape;

enum {
    OKNG_CLIP_TOKENS = 77,        /* the longest text */
    OKNG_CLIP_VOCABULARY = 49408, /* ids 0..49407 */
};

/* NOT_FOUND where the backbone is no CLIP, naming those known. */
okng_status okng_clip_shape_of(const char *backbone, okng_clip_shape *out, okng_error *error);

#endif
