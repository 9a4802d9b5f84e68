/* The networks of AF-CLIP as graphs and engines. */
#include <stdio.h>

#include "afclip/towers_inside.h"

static okng_graph_request request_of(const okng_afclip_towers *t)
{
    return (okng_graph_request){.backbone = t->backbone,
                                .height = t->request.height,
                                .width = t->request.width,
                                .activation = t->request.activation,
                                .positions = t->request.positions};
}

okng_status okng_afclip_graph_tower(const okng_afclip_towers *t, okng_graph **out, okng_error *error)
{
    char names[OKNG_AFCLIP_TAPS][OKNG_NAME_MAX];
    const char *layers[OKNG_AFCLIP_TAPS];
    okng_graph_request request = request_of(t);
    for (int i = 0; i < OKNG_AFCLIP_TAPS; i++) {
        (void)snprintf(names[i], sizeof names[i], "blocks.%d.tokens", (int)t->plan.taps[i]);
        layers[i] = names[i];
    }
    request.layers = layers;
    request.layer_count = OKNG_AFCLIP_TAPS;
    return okng_graph_build(out, &request, error);
}

static okng_status adapter_part(const okng_afclip_towers *t, okng_part part, const char *layer, okng_graph **out,
                                okng_error *error)
{
    okng_graph_request request = request_of(t);
    request.layers = &layer;
    request.layer_count = 1;
    request.part = part;
    request.sequences = 1;
    request.length = t->plan.tokens;
    return okng_graph_build(out, &request, error);
}

okng_status okng_afclip_graph_adapter(const okng_afclip_towers *t, okng_graph **out, okng_error *error)
{
    return adapter_part(t, OKNG_PART_ADAPTER, "tokens.embedding", out, error);
}

okng_status okng_afclip_graph_maps(const okng_afclip_towers *t, okng_graph **out, okng_error *error)
{
    return adapter_part(t, OKNG_PART_ADAPTER_MAPS, "maps", out, error);
}

okng_status okng_afclip_graph_heads(const okng_afclip_towers *t, okng_graph **out, okng_error *error)
{
    return adapter_part(t, OKNG_PART_ADAPTER_HEADS, "tokens.embedding", out, error);
}

okng_status okng_afclip_graph_words(const okng_afclip_towers *t, int32_t length, okng_graph **out, okng_error *error)
{
    static const char *const layer = "embedding";
    okng_graph_request request = request_of(t);
    request.layers = &layer;
    request.layer_count = 1;
    request.part = OKNG_PART_VECTORS;
    request.sequences = OKNG_AFCLIP_STATES;
    request.length = length;
    return okng_graph_build(out, &request, error);
}

okng_status okng_afclip_compile(const okng_afclip_towers *t, const okng_graph *graph, int threads, bool winograd,
                                const okng_engine *share, okng_engine **out, okng_error *error)
{
    const okng_engine_options options = {.device = t->device,
                                         .threads = threads,
                                         .precision = t->request.precision,
                                         .winograd = winograd,
                                         .share = share};
    return okng_engine_compile(out, graph, t->weights, &options, error);
}
