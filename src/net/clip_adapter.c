/* AF-CLIP's adapter (Fang et al., "AF-CLIP: Zero-Shot Anomaly Detection via Anomaly-Focused CLIP Adaptation", 2025):
 * one layer of attention between tokens of any depth of the image tower, then the tower's last norm and projection. It
 * has no residual sum, and its heads are as many and as wide whatever the tower's width. */
#include <stdio.h>

#include "net/clip.h"
#include "net/clip_tower.h"

enum { HEADS = 8, HEAD_WIDTH = 64, INNER = HEADS * HEAD_WIDTH };

void okng_clip_build_adapter(okng_builder *b, const okng_clip_shape *clip, const okng_graph_request *request)
{
    static const char attention[] = "attention.attn";
    if (request->sequences != 1)
        okng_net_fail(b, OKNG_ERROR_ARGUMENT, "%d sequences for the adapter, expected 1 (more go in as a batch)",
                      (int)request->sequences);
    okng_value x = okng_net_input_vectors(b, "tokens", request->length, clip->width);
    x = okng_clip_norm(b, x, "attention", "norm");
    const okng_value qkv[3] = {okng_net_linear(b, x, attention, "to_q", INNER, false),
                               okng_net_linear(b, x, attention, "to_k", INNER, false),
                               okng_net_linear(b, x, attention, "to_v", INNER, false)};
    x = okng_net_attention(b, qkv, attention, "attend", HEADS, false);
    x = okng_net_linear(b, x, attention, "to_out.0", clip->width, true);
    x = okng_clip_norm(b, x, "visual", "ln_post");
    okng_clip_mark_tokens(b, x, "norm");
    okng_net_mark(b, okng_clip_project(b, x, "visual.proj", clip->embedding), "tokens.embedding");
}
