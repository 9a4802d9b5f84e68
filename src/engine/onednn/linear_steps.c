/* From a linear map to its steps by kernels of ours: packing the rows, where they are, and the product. */
#include <stdlib.h>

#include "base/memory.h"
#include "engine/onednn/compiler.h"
#include "net/fold_weights.h"

/* The arguments of the steps. */
enum { DST, SRC, WEIGHTS, BIAS, ADDED };

static okng_linear_curve curve_of(okng_op activation)
{
    return activation == OKNG_OP_GELU         ? OKNG_LINEAR_GELU
           : activation == OKNG_OP_QUICK_GELU ? OKNG_LINEAR_QUICK_GELU
                                              : OKNG_LINEAR_NONE;
}

bool okng_linear_map_of_node(okng_linear_map *map, const okng_compiled *compiled, const okng_graph *graph,
                             const okng_node *node, int64_t batch)
{
    const okng_shape *x = &graph->nodes[node->inputs[0]].shape;
    int64_t rows = 1;
    if (compiled->precision != OKNG_PRECISION_FP32 || node->activation == OKNG_OP_RELU) return false;
    for (int32_t i = 1; i < x->rank - 1; i++) rows *= x->dims[i];
    if (!okng_linear_map_of(map, x->dims[0] * batch, rows, x->dims[x->rank - 1], node->shape.dims[node->shape.rank - 1],
                            compiled->winograd))
        return false;
    map->curve = curve_of(node->activation);
    map->added = okng_node_residual(node) != OKNG_NO_VALUE;
    return true;
}

/* ---- the work of a tile ---- */

static okng_status sum_rows(const okng_work *work, const okng_work_call *call, int64_t index, okng_error *error)
{
    (void)error;
    okng_linear_sum(&work->map, index, call->data[SRC], call->data[DST]);
    return OKNG_OK;
}

static okng_status multiply(const okng_work *work, const okng_work_call *call, int64_t index, okng_error *error)
{
    void *const *data = call->data;
    (void)error;
    okng_linear_multiply(&work->map, index, data[SRC], data[WEIGHTS], data[BIAS], work->map.added ? data[ADDED] : NULL,
                         data[DST], (float *)(void *)call->scratch);
    return OKNG_OK;
}

/* ---- steps ---- */

static okng_status load(okng_compiler *c, okng_value value, const okng_linear_map *map, int32_t *weights, int32_t *bias)
{
    const okng_node *node = &c->graph->nodes[value];
    const size_t columns = (size_t)node->shape.dims[node->shape.rank - 1];
    const okng_shape *x = &c->graph->nodes[node->inputs[0]].shape;
    bool fresh, fresh_bias;
    OKNG_TRY(okng_compiler_constant_line(c, value, OKNG_CONSTANT_BIAS, columns, bias, &fresh_bias));
    OKNG_TRY(okng_compiler_constant_line(c, value, OKNG_CONSTANT_WEIGHTS, okng_linear_weights(map), weights, &fresh));
    if (!fresh) return OKNG_OK;
    OKNG_TRY(okng_compiler_reserve(c, (size_t)x->dims[x->rank - 1] * columns * sizeof(float)));
    const float *folded;
    OKNG_TRY(okng_fold_weights_found(node, &c->naming, 1, c->compiled->threads, c->folded, &folded,
                                     okng_compiler_buffer(c, *bias)->data, c->error));
    okng_linear_pack(map, c->compiled->threads, folded, okng_compiler_buffer(c, *weights)->data);
    return OKNG_OK;
}

/* *index: the rows as the product wants them. */
static okng_status add_rows(okng_compiler *c, okng_value value, const okng_linear_map *map, int32_t src, int32_t *index)
{
    okng_md md;
    *index = src;
    if (!map->strassen) return OKNG_OK;
    OKNG_TRY(okng_compiler_line_md(&md, okng_linear_rows(map), c->graph->nodes[value].name, c->error));
    okng_status status = okng_compiler_add_arena(c, &md, 1.0f, index);
    okng_md_free(&md);
    if (status != OKNG_OK) return status;
    const okng_binding bindings[] = {{DNNL_ARG_DST, *index}, {DNNL_ARG_SRC, src}};
    return okng_compiler_add_own(c, &(okng_work){.tile = sum_rows, .tiles = okng_linear_sum_tiles(map), .map = *map},
                                 bindings, 2, OKNG_NO_VALUE);
}

okng_status okng_compile_linear_map(okng_compiler *c, okng_value value, const okng_linear_map *map)
{
    const okng_node *node = &c->graph->nodes[value];
    int32_t src, rows, weights, bias, added = 0;
    OKNG_TRY(load(c, value, map, &weights, &bias));
    OKNG_TRY(okng_compiler_plain(c, node->inputs[0], dnnl_f32, &src));
    OKNG_TRY(add_rows(c, value, map, src, &rows));
    if (map->added) OKNG_TRY(okng_compiler_plain(c, okng_node_residual(node), dnnl_f32, &added));
    OKNG_TRY(okng_compiler_add_plain_result(c, value, dnnl_f32));
    const okng_binding bindings[] = {{DNNL_ARG_DST, c->values[value]},
                                     {DNNL_ARG_SRC, rows},
                                     {DNNL_ARG_WEIGHTS, weights},
                                     {DNNL_ARG_BIAS, bias},
                                     {DNNL_ARG_SRC_1, added}};
    const size_t room = (okng_linear_scratch(map) + OKNG_ALIGNMENT - 1) / OKNG_ALIGNMENT * OKNG_ALIGNMENT;
    return okng_compiler_add_own(
        c, &(okng_work){.tile = multiply, .tiles = okng_linear_tiles(map), .room = room, .map = *map}, bindings,
        map->added ? 5 : 4, value);
}
