/* CLIP's text towers (open_clip/transformer.py, TextTransformer). */
#include <stdio.h>
#include <string.h>

#include "net/clip.h"
#include "net/clip_tower.h"

/* The first places, once for each sequence. sizes: sequences, length. */
static okng_status repeat_positions(const int64_t sizes[OKNG_RANK_MAX], const okng_shape *stored_shape,
                                    const float *stored, const okng_shape *shape, float *value, okng_error *error)
{
    (void)shape, (void)error;
    const size_t count = (size_t)(sizes[1] * stored_shape->dims[1]);
    for (int64_t i = 0; i < sizes[0]; i++) memcpy(value + (size_t)i * count, stored, count * sizeof *value);
    return OKNG_OK;
}

/* [N, sequences * length, width] */
static okng_value embed(okng_builder *b, const okng_clip_shape *clip, const okng_graph_request *request)
{
    const int64_t width = clip->text_width, tokens = (int64_t)request->sequences * request->length;
    if (request->length < 1 || request->length > OKNG_CLIP_TOKENS)
        okng_net_fail(b, OKNG_ERROR_ARGUMENT, "texts of %d tokens, expected 1..%d", (int)request->length,
                      OKNG_CLIP_TOKENS);
    okng_value x;
    if (request->part == OKNG_PART_VECTORS) {
        x = okng_net_input_vectors(b, "vectors", tokens, width);
    } else {
        x = okng_net_input_numbers(b, "ids", tokens);
        x = okng_net_embedding(b, x, "", "token_embedding", OKNG_CLIP_VOCABULARY, width);
    }
    okng_value places = okng_net_constant_made(b, "", "positional_embedding", OKNG_SHAPE(OKNG_CLIP_TOKENS, width),
                                               OKNG_SHAPE(1, tokens, width), repeat_positions,
                                               (int64_t[OKNG_RANK_MAX]){request->sequences, request->length});
    return okng_net_add(b, x, places, "", "pos_add");
}

void okng_clip_build_text(okng_builder *b, const okng_clip_shape *clip, okng_activation activation,
                          const okng_graph_request *request)
{
    const okng_clip_tower tower = {.prefix = "transformer.resblocks",
                                   .width = clip->text_width,
                                   .layers = clip->text_layers,
                                   .sequences = request->sequences,
                                   .causal = true,
                                   .activation = activation};
    okng_value x = okng_clip_blocks(b, embed(b, clip, request), &tower, tower.layers);
    x = okng_clip_norm(b, x, "", "ln_final");
    okng_clip_mark_tokens(b, x, "norm");
    okng_net_mark(b, okng_clip_project(b, x, "text_projection", clip->embedding), "embedding");
    okng_clip_no_deeper(b, &tower);
}
