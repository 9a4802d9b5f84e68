/* From a convolution to its step by kernels of ours, and the rule of which convolutions go that way. */
#include <stdlib.h>

#include "base/memory.h"
#include "engine/onednn/compiler.h"
#include "net/fold_weights.h"

/* The arguments of the step. */
enum { DST, SRC, WEIGHTS, BIAS, ADDED };

/* A picture comes as planes; more of them than colours would rather be laid out otherwise first. */
static bool is_picture(const okng_graph *graph, okng_value value)
{
    enum { COLOURS = 4 };
    const okng_node *node = &graph->nodes[value];
    return node->op == OKNG_OP_INPUT && node->shape.dims[1] <= COLOURS;
}

static okng_gathered_shape shape_of(const okng_graph *graph, const okng_node *node, int64_t batch)
{
    const okng_shape *from = &graph->nodes[node->inputs[0]].shape, *to = &node->shape;
    okng_gathered_shape shape = {.pictures = from->dims[0] * batch,
                                 .height = from->dims[2],
                                 .width = from->dims[3],
                                 .channels = from->dims[1],
                                 .out_height = to->dims[2],
                                 .out_width = to->dims[3],
                                 .out_channels = to->dims[1],
                                 .planes = is_picture(graph, node->inputs[0]),
                                 .relu = node->activation == OKNG_OP_RELU,
                                 .added = okng_node_residual(node) != OKNG_NO_VALUE};
    for (int i = 0; i < 2; i++) {
        shape.kernel[i] = node->window.kernel[i];
        shape.stride[i] = node->window.stride[i];
        shape.padding[i] = node->window.padding[i];
    }
    return shape;
}

/* Whether all convolutions of the graph may be ours: between ours and oneDNN's lies a change of layout. */
static bool all_may(const okng_graph *graph)
{
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i].op == OKNG_OP_CONV && graph->nodes[i].groups != 1) return false;
    return true;
}

bool okng_gathered_map_of_node(okng_gathered_map *map, const okng_compiled *compiled, const okng_graph *graph,
                               const okng_node *node, int64_t batch)
{
    if (compiled->precision != OKNG_PRECISION_FP32 || !all_may(graph)) return false;
    if (node->activation != OKNG_OP_INPUT && node->activation != OKNG_OP_RELU) return false;
    if (compiled->winograd && okng_dnnl_has_avx512()) return false; /* oneDNN has Winograd's transform there */
    const okng_gathered_shape shape = shape_of(graph, node, batch);
    return okng_gathered_map_of(map, &shape);
}

static okng_status multiply(const okng_work *work, const okng_work_call *call, int64_t index, okng_error *error)
{
    void *const *data = call->data;
    (void)error;
    okng_gathered_multiply(&work->gathered, index, data[SRC], data[WEIGHTS], data[BIAS],
                           work->gathered.shape.added ? data[ADDED] : NULL, data[DST], call->scratch);
    return OKNG_OK;
}

static okng_status load(okng_compiler *c, okng_value value, const okng_gathered_map *map, int32_t *weights,
                        int32_t *bias)
{
    const okng_node *node = &c->graph->nodes[value];
    const okng_gathered_shape *s = &map->shape;
    bool fresh, fresh_bias;
    OKNG_TRY(okng_compiler_constant_line(c, value, OKNG_CONSTANT_BIAS, (size_t)s->out_channels, bias, &fresh_bias));
    OKNG_TRY(okng_compiler_constant_line(c, value, OKNG_CONSTANT_WEIGHTS, okng_gathered_weights(map), weights, &fresh));
    if (!fresh) return OKNG_OK;
    OKNG_TRY(okng_compiler_reserve(c, (size_t)(s->out_channels * map->taps * map->inner) * sizeof(float)));
    const float *folded;
    OKNG_TRY(okng_fold_weights_found(node, &c->naming, 1, c->compiled->threads, c->folded, &folded,
                                     okng_compiler_buffer(c, *bias)->data, c->error));
    okng_gathered_pack(map, c->compiled->threads, folded, okng_compiler_buffer(c, *weights)->data);
    return OKNG_OK;
}

okng_status okng_compile_gathered(okng_compiler *c, okng_value value, const okng_gathered_map *map)
{
    const okng_node *node = &c->graph->nodes[value];
    int32_t src = c->values[node->inputs[0]], weights, bias, added = 0;
    OKNG_TRY(load(c, value, map, &weights, &bias));
    if (!map->shape.planes) OKNG_TRY(okng_compiler_channels_last(c, node->inputs[0], &src));
    if (map->shape.added) OKNG_TRY(okng_compiler_channels_last(c, okng_node_residual(node), &added));
    OKNG_TRY(okng_compiler_add_channels_last_result(c, value));
    const okng_binding bindings[] = {{DNNL_ARG_DST, c->values[value]},
                                     {DNNL_ARG_SRC, src},
                                     {DNNL_ARG_WEIGHTS, weights},
                                     {DNNL_ARG_BIAS, bias},
                                     {DNNL_ARG_SRC_1, added}};
    const size_t room = (okng_gathered_scratch(map) + OKNG_ALIGNMENT - 1) / OKNG_ALIGNMENT * OKNG_ALIGNMENT;
    return okng_compiler_add_own(
        c, &(okng_work){.tile = multiply, .tiles = okng_gathered_tiles(map), .room = room, .gathered = *map}, bindings,
        map->shape.added ? 5 : 4, value);
}
