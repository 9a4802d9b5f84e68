/* What the two towers of a CLIP are built of. */
#ifndef OKNG_NET_CLIP_TOWER_H
#define OKNG_NET_CLIP_TOWER_H

#include "net/builder.h"
#include "net/clip.h"

typedef struct okng_clip_tower {
    const char *prefix; /* of its blocks: "visual.transformer.resblocks" */
    int32_t width;      /* of a token */
    int32_t layers;
    int32_t sequences; /* that x holds one behind the other, and that do not see each other */
    bool causal;       /* a token sees those up to its own place */
    okng_activation activation;
} okng_clip_tower;

/* torch.nn.LayerNorm "prefix.name". */
okng_value okng_clip_norm(okng_builder *b, okng_value x, const char *prefix, const char *name);
/* Block `number` of the tower over x [N, sequences * T, width]. */
okng_value okng_clip_block(okng_builder *b, okng_value x, const okng_clip_tower *tower, int32_t number);
/* The first `count` of them, each marked as "blocks.number.tokens". */
okng_value okng_clip_blocks(okng_builder *b, okng_value x, const okng_clip_tower *tower, int32_t count);
/* The first token of each sequence: [N, sequences, width]. */
okng_value okng_clip_first(okng_builder *b, okng_value x, int64_t sequences, const char *prefix);
/* The same of what the last block makes of x, which computes no other token further than the attention needs it. */
okng_value okng_clip_last_block(okng_builder *b, okng_value x, const okng_clip_tower *tower);
/* Marks x as "name.tokens". */
void okng_clip_mark_tokens(okng_builder *b, okng_value x, const char *name);
/* x [N, T, width] into the joint space: times the tensor `name` [width, embedding]. */
okng_value okng_clip_project(okng_builder *b, okng_value x, const char *name, int32_t embedding);
/* Weights with one block more are of another tower. */
void okng_clip_no_deeper(okng_builder *b, const okng_clip_tower *tower);

/* ---- clip_text.c ---- */
/* From ids (TEXT), or from vectors in their place (VECTORS), to the marks "blocks.0.tokens" .., "norm.tokens" and, of
 * every token, "embedding": a text's is that of the token with the largest id. */
void okng_clip_build_text(okng_builder *b, const okng_clip_shape *clip, okng_activation activation,
                          const okng_graph_request *request);

/* ---- clip_adapter.c ---- */
/* ADAPTER: from tokens [N, length, width] to the mark "tokens.embedding" [N, length, embedding], not of length 1; MAPS
 * and HEADS: its halves. */
void okng_clip_build_adapter(okng_builder *b, const okng_clip_shape *clip, const okng_graph_request *request);

#endif
