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

static okng_gathered_shape shape_of(const okng_compiled *compiled, const okng_graph *graph, const okng_node *node,
                                    int64_t batch)
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
                                 .pixels = compiled->pixels && is_picture(graph, node->inputs[0])
                                               ? (const float(*)[256])compiled->pixels->values
                                               : NULL,
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

static bool is_ours(const okng_compiled *compiled, const okng_graph *graph, const okng_node *node)
{
    if (compiled->precision != OKNG_PRECISION_FP32 || !all_may(graph)) return false;
    return node->activation == OKNG_OP_INPUT || node->activation == OKNG_OP_RELU;
}

bool okng_gathered_map_of_node(okng_gathered_map *map, const okng_compiled *compiled, const okng_graph *graph,
                               const okng_node *node, int64_t batch)
{
    if (!is_ours(compiled, graph, node)) return false;
    const okng_gathered_shape shape = shape_of(compiled, graph, node, batch);
    return okng_gathered_map_of(map, &shape);
}

/* 3x3 pixels, each or every second one, and a border of one. */
static bool is_winograd(const okng_window *w)
{
    for (int i = 0; i < 2; i++)
        if (w->kernel[i] != 3 || w->stride[i] > 2 || w->padding[i] != 1) return false;
    return w->stride[0] == w->stride[1];
}

bool okng_winograd_map_of_node(okng_winograd_map *map, const okng_compiled *compiled, const okng_graph *graph,
                               const okng_node *node, int64_t batch)
{
    const okng_winograd *kernels = okng_winograd_get();
    if (!kernels || !compiled->winograd || !is_ours(compiled, graph, node) || !is_winograd(&node->window)) return false;
    const okng_gathered_shape s = shape_of(compiled, graph, node, batch);
    const okng_winograd_shape shape = {.pictures = s.pictures,
                                       .height = s.height,
                                       .width = s.width,
                                       .in = s.channels,
                                       .out = s.out_channels,
                                       .relu = s.relu,
                                       .added = s.added,
                                       .strided = s.stride[0] == 2};
    return !s.planes && okng_winograd_pays(&shape) && okng_winograd_map_of(map, kernels, &shape, compiled->threads);
}

/* A picture of three colours is the only input, and nothing but convolutions by gathered rows reads it. */
bool okng_may_read_pixels(const okng_compiled *compiled, const okng_graph *graph)
{
    okng_gathered_map map;
    okng_value picture = OKNG_NO_VALUE;
    for (size_t i = 0; i < graph->node_count; i++) {
        const okng_node *node = &graph->nodes[i];
        if (node->op == OKNG_OP_INPUT) {
            if (picture != OKNG_NO_VALUE || node->shape.rank != 4 || node->shape.dims[1] != 3) return false;
            picture = (okng_value)i;
        }
        for (int32_t k = 0; k < node->input_count; k++)
            if (node->inputs[k] == picture &&
                (node->op != OKNG_OP_CONV || k > 0 || !okng_gathered_map_of_node(&map, compiled, graph, node, 1)))
                return false;
    }
    for (int i = 0; i < graph->output_count; i++)
        if (graph->outputs[i] == picture) return false;
    return picture != OKNG_NO_VALUE;
}

/* ---- the work of a tile ---- */

static okng_status multiply_gathered(const okng_work *work, const okng_work_call *call, int64_t index,
                                     okng_error *error)
{
    void *const *data = call->data;
    (void)error;
    okng_gathered_multiply(&work->gathered, index, data[SRC], data[WEIGHTS], data[BIAS],
                           work->gathered.shape.added ? data[ADDED] : NULL, data[DST], call->scratch);
    return OKNG_OK;
}

static okng_status multiply_winograd(const okng_work *work, const okng_work_call *call, int64_t index,
                                     okng_error *error)
{
    void *const *data = call->data;
    (void)error;
    okng_winograd_tile(&work->winograd, index, data[SRC], data[WEIGHTS], data[BIAS],
                       work->winograd.shape.added ? data[ADDED] : NULL, data[DST], (float *)(void *)call->scratch);
    return OKNG_OK;
}

/* ---- steps ---- */

/* The constants of a convolution. */
typedef struct constants {
    int32_t weights, bias;
    const float *folded; /* the weights to be packed; NULL where a plan before has packed them */
} constants;

/* packed: floats of the packed weights */
static okng_status load(okng_compiler *c, okng_value value, size_t packed, constants *k)
{
    const okng_node *node = &c->graph->nodes[value];
    const okng_shape *weights = &okng_node_param(node, OKNG_ROLE_WEIGHT)->shape;
    bool fresh, fresh_bias;
    k->folded = NULL;
    OKNG_TRY(
        okng_compiler_constant_line(c, value, OKNG_CONSTANT_BIAS, (size_t)node->shape.dims[1], &k->bias, &fresh_bias));
    OKNG_TRY(okng_compiler_constant_line(c, value, OKNG_CONSTANT_WEIGHTS, packed, &k->weights, &fresh));
    if (!fresh) return OKNG_OK;
    OKNG_TRY(okng_compiler_reserve(c, (size_t)okng_shape_elements(weights) * sizeof(float)));
    return okng_fold_weights_found(node, &c->naming, 1, c->compiled->threads, c->folded, &k->folded,
                                   okng_compiler_buffer(c, k->bias)->data, c->error);
}

/* Whether the result may take the place of what is added, in buffer `added`, which nobody reads later: a third less of
 * what goes through memory. The caller's results go to the caller. */
static bool is_in_place(const okng_compiler *c, okng_value value, int32_t added)
{
    const okng_node *node = &c->graph->nodes[value];
    const okng_value root = c->roots[okng_node_residual(node)];
    return okng_compiler_buffer(c, added)->place == OKNG_PLACE_ARENA && c->last_reads[root] == value &&
           root != c->roots[node->inputs[0]] && !okng_compiler_is_output(c, value);
}

/* `src` is where the source lies. */
static okng_status add_step(okng_compiler *c, okng_value value, const okng_work *model, int32_t src, const constants *k)
{
    const okng_value other = okng_node_residual(&c->graph->nodes[value]);
    int32_t added = 0;
    if (other != OKNG_NO_VALUE) OKNG_TRY(okng_compiler_channels_last(c, other, &added));
    if (other != OKNG_NO_VALUE && is_in_place(c, value, added))
        c->values[value] = added;
    else
        OKNG_TRY(okng_compiler_add_channels_last_result(c, value));
    const okng_binding bindings[] = {{DNNL_ARG_DST, c->values[value]},
                                     {DNNL_ARG_SRC, src},
                                     {DNNL_ARG_WEIGHTS, k->weights},
                                     {DNNL_ARG_BIAS, k->bias},
                                     {DNNL_ARG_SRC_1, added}};
    return okng_compiler_add_own(c, model, bindings, other != OKNG_NO_VALUE ? 5 : 4, value);
}

static size_t aligned(size_t bytes)
{
    return (bytes + OKNG_ALIGNMENT - 1) / OKNG_ALIGNMENT * OKNG_ALIGNMENT;
}

okng_status okng_compile_gathered(okng_compiler *c, okng_value value, const okng_gathered_map *map)
{
    int32_t src = c->values[c->graph->nodes[value].inputs[0]];
    constants k;
    OKNG_TRY(load(c, value, okng_gathered_weights(map), &k));
    if (k.folded) okng_gathered_pack(map, c->compiled->threads, k.folded, okng_compiler_buffer(c, k.weights)->data);
    if (!map->shape.planes) OKNG_TRY(okng_compiler_channels_last(c, c->graph->nodes[value].inputs[0], &src));
    const okng_work work = {.tile = multiply_gathered,
                            .tiles = okng_gathered_tiles(map),
                            .room = aligned(okng_gathered_scratch(map)),
                            .gathered = *map};
    return add_step(c, value, &work, src, &k);
}

okng_status okng_compile_winograd(okng_compiler *c, okng_value value, const okng_winograd_map *map)
{
    int32_t src;
    constants k;
    OKNG_TRY(load(c, value, okng_winograd_packed(map), &k));
    if (k.folded) okng_winograd_pack(map, c->compiled->threads, k.folded, okng_compiler_buffer(c, k.weights)->data);
    OKNG_TRY(okng_compiler_channels_last(c, c->graph->nodes[value].inputs[0], &src));
    const okng_work work = {.tile = multiply_winograd,
                            .tiles = okng_winograd_tiles(map),
                            .room = aligned(okng_winograd_scratch(map)),
                            .winograd = *map};
    return add_step(c, value, &work, src, &k);
}
