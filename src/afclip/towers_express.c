#include "afclip/towers_inside.h"

static okng_status lower(const okng_afclip_towers *t, okng_afclip_graph_fn build, okng_program *p,
                         okng_program_value input, okng_program_value *outputs, okng_error *error)
{
    okng_graph *graph;
    if (t->request.precision != OKNG_PRECISION_FP32)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "precision bf16: an exported graph computes in float32, and its scores would differ from the "
                         "bank's; build the bank with precision fp32");
    OKNG_TRY(build(t, &graph, error));
    okng_status status = okng_program_lower(p, graph, t->weights, &input, outputs, error);
    okng_graph_free(&graph);
    return status;
}

okng_status okng_afclip_taps_express(const okng_afclip_towers *t, okng_program *p, okng_program_value pictures,
                                     okng_program_value taps[OKNG_AFCLIP_TAPS], okng_error *error)
{
    return lower(t, okng_afclip_graph_tower, p, pictures, taps, error);
}

okng_status okng_afclip_adapter_express(const okng_afclip_towers *t, okng_program *p, okng_program_value stream,
                                        okng_program_value *z, okng_error *error)
{
    return lower(t, okng_afclip_graph_adapter, p, stream, z, error);
}
