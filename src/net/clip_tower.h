/* What the two towers of a CLIP are built of. */
#ifndef OKNG_NET_CLIP_TOWER_H
#define OKNG_NET_CLIP_TOWER_H

#include "net/builder.h"

typedef struct okng_clip_tower {
    const char *prefix; /* of its blocks: "visual.transformer.resblocks" */
    int32_t width;      /* of a token */
    int32_t layers;
    bool causal; /* a token sees those up to its own place */
    okng_activation activation;
} okng_clip_tower;

/* torch.nn.LayerNorm "prefix.name". */
okng_value okng_clip_norm(okng_builder *b, okng_value x, const char *prefix, const char *name);
/* Block `number` of the tower over x [N, T, width] or [N, sequences, T, width]. */
okng_value okng_clip_block(okng_builder *b, okng_value x, const okng_clip_tower *tower, int32_t number);
/* Marks x as "name.tokens". */
void okng_clip_mark_tokens(okng_builder *b, okng_value x, const char *name);
/* x [..., width] into the joint space: times the tensor `name` [width, embedding]. */
okng_value okng_clip_project(okng_builder *b, okng_value x, const char *name, int32_t embedding);

#endif
