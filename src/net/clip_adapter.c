/* AF-CLIP's adapter (Fang et al., "AF-CLIP: Zero-Shot Anomaly Detection via Anomaly-Focused CLIP Adaptation", 2025):
 * one layer of attention between tokens of any depth of the image tower, then the tower's last norm and projection. It
 * has no residual sum, and its heads are as many and as wide whatever the tower's width. */
#include <stdio.h>

#include "net/clip.h"
#include "net/clip_tower.h"

enum { HEADS = 8, HEAD_WIDTH = 64, INNER = HEADS * HEAD_WIDTH };

static const char attention[] = "attention.attn";

/* What follows the heads: back to the tower's width, into the joint space by the tensor `projection`. */
static void finish(okng_builder *b, okng_value x, const okng_clip_shape *clip, const char *projection, int32_t dim)
{
    x = okng_net_linear(b, x, attention, "to_out.0", clip->width, true);
    x = okng_clip_norm(b, x, "visual", "ln_post");
    okng_net_mark(b, okng_clip_project(b, x, projection, dim), "tokens.embedding");
}

static void build_whole(okng_builder *b, const okng_clip_shape *clip, int32_t length)
{
    okng_value x = okng_net_input_vectors(b, "tokens", length, clip->width);
    x = okng_clip_norm(b, x, "attention", "norm");
    const okng_value qkv[3] = {okng_net_linear(b, x, attention, "to_q", INNER, false),
                               okng_net_linear(b, x, attention, "to_k", INNER, false),
                               okng_net_linear(b, x, attention, "to_v", INNER, false)};
    finish(b, okng_net_attention(b, qkv, attention, "attend", HEADS, false), clip, "visual.proj", clip->embedding);
}

static void build_maps(okng_builder *b, const okng_clip_shape *clip, int32_t length)
{
    okng_value x = okng_net_input_vectors(b, "tokens", length, clip->width);
    okng_net_mark(b, okng_net_linear(b, x, "folded", "maps", 3 * INNER, false), "maps");
}

static void build_heads(okng_builder *b, const okng_clip_shape *clip, int32_t length)
{
    const bool wider = clip->embedding > clip->width;
    okng_value x = okng_net_input_vectors(b, "maps", length, 3 * INNER);
    finish(b, okng_net_attention_packed(b, x, attention, "attend", HEADS, false), clip,
           wider ? "folded.projection" : "visual.proj", wider ? clip->width : clip->embedding);
}

void okng_clip_build_adapter(okng_builder *b, const okng_clip_shape *clip, const okng_graph_request *request)
{
    if (request->sequences != 1)
        okng_net_fail(b, OKNG_ERROR_ARGUMENT, "%d sequences for the adapter, expected 1 (more go in as a batch)",
                      (int)request->sequences);
    if (request->part == OKNG_PART_ADAPTER)
        build_whole(b, clip, request->length);
    else if (request->part == OKNG_PART_ADAPTER_MAPS)
        build_maps(b, clip, request->length);
    else
        build_heads(b, clip, request->length);
}
