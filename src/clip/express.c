#include "clip/express.h"

#include <stdio.h>

#include "base/error.h"
#include "clip/handle.h"

void okng_clip_tokens_name(const okng_clip *clip, bool after, char name[OKNG_NAME_MAX])
{
    (void)snprintf(name, OKNG_NAME_MAX, "blocks.%d.tokens", (int)clip->shape.layers - (after ? 1 : 2));
}

/* The request's part, sequences and length and layers are the caller's, all else is the clip's. */
static okng_status lower(const okng_clip *clip, okng_graph_request request, okng_program *p, okng_program_value input,
                         okng_program_value *values, okng_error *error)
{
    okng_graph *graph;
    if (clip->request.precision != OKNG_PRECISION_FP32)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "precision bf16: an exported graph computes in float32, and its scores would differ from the "
                         "bank's; build the bank with precision fp32");
    request.backbone = clip->backbone;
    request.height = clip->request.height;
    request.width = clip->request.width;
    request.activation = clip->request.activation;
    request.positions = clip->request.positions;
    OKNG_TRY(okng_graph_build(&graph, &request, error));
    okng_status status = okng_program_lower(p, graph, clip->weights, &input, values, error);
    okng_graph_free(&graph);
    return status;
}

okng_status okng_clip_express(const okng_clip *clip, const char *const *layers, int count, okng_program *p,
                              okng_program_value pictures, okng_program_value *values, okng_error *error)
{
    const okng_graph_request request = {.layers = layers, .layer_count = count, .part = OKNG_PART_PICTURE};
    return lower(clip, request, p, pictures, values, error);
}

okng_status okng_clip_windows_express(const okng_clip *clip, bool last, int64_t length, okng_program *p,
                                      okng_program_value windows, okng_program_value *embeddings, okng_error *error)
{
    const okng_graph_request request = {.layers = (const char *const[]){"embedding"},
                                        .layer_count = 1,
                                        .part = last ? OKNG_PART_LAST : OKNG_PART_TOKENS,
                                        .sequences = 1,
                                        .length = (int32_t)length};
    okng_program_value vectors; /* [M, 1, E] */
    OKNG_TRY(lower(clip, request, p, windows, &vectors, error));
    *embeddings = okng_program_reshape(p, vectors, 2, (int64_t[]){OKNG_ANY, clip->sizes.embedding});
    return okng_program_check(p, error);
}
