/* Inputs, and operators over [N, C, H, W] beside the convolution. */
#include "engine/onednn/compiler.h"

okng_status okng_compile_input(okng_compiler *c, okng_value value)
{
    const okng_node *node = &c->graph->nodes[value];
    const okng_shape shape = okng_compiler_shape(c, value);
    int32_t number = 0; /* among the inputs of the graph */
    for (okng_value i = 0; i < value; i++) number += c->graph->nodes[i].op == OKNG_OP_INPUT;
    OKNG_TRY(okng_compiler_add_buffer(c, OKNG_PLACE_INPUT, number, &c->values[value]));
    if (c->compiled->pixels) {
        okng_error *error = c->error;
        OKNG_TRY_DNNL(okng_md_new(&okng_compiler_buffer(c, c->values[value])->md, shape.dims, 4, dnnl_u8, dnnl_nhwc),
                      "describe", node->name);
        return OKNG_OK;
    }
    return okng_compiler_plain_md(&okng_compiler_buffer(c, c->values[value])->md, &shape,
                                  node->dtype == OKNG_I32 ? dnnl_s32 : dnnl_f32, node->name, c->error);
}

/* ---- max pooling ---- */

/* Whether a map is float32 with channels last, as convolutions of ours leave it: oneDNN's pooling is slow there. */
static okng_status has_channels_last(const okng_compiler *c, okng_value value, bool *has)
{
    okng_md md;
    OKNG_TRY(okng_compiler_channels_last_md(c, value, &md));
    *has = okng_md_equal(&okng_compiler_buffer(c, c->values[value])->md, &md);
    okng_md_free(&md);
    return OKNG_OK;
}

static okng_status pool_line(const okng_work *work, const okng_work_call *call, int64_t index, okng_error *error)
{
    enum { DST, SRC };
    (void)error;
    okng_pool_line(&work->pool, index, call->data[SRC], call->data[DST]);
    return OKNG_OK;
}

static okng_status compile_own_max_pool(okng_compiler *c, okng_value value)
{
    const okng_node *node = &c->graph->nodes[value];
    const okng_window *w = &node->window;
    const okng_shape from = okng_compiler_shape(c, node->inputs[0]);
    const okng_pool_map map = {.pictures = from.dims[0],
                               .height = from.dims[2],
                               .width = from.dims[3],
                               .channels = from.dims[1],
                               .out_height = node->shape.dims[2],
                               .out_width = node->shape.dims[3],
                               .kernel = {w->kernel[0], w->kernel[1]},
                               .stride = {w->stride[0], w->stride[1]},
                               .padding = {w->padding[0], w->padding[1]}};
    OKNG_TRY(okng_compiler_add_channels_last_result(c, value));
    const okng_binding bindings[] = {{DNNL_ARG_DST, c->values[value]}, {DNNL_ARG_SRC, c->values[node->inputs[0]]}};
    return okng_compiler_add_own(c, &(okng_work){.tile = pool_line, .tiles = okng_pool_lines(&map), .pool = map},
                                 bindings, 2, value);
}

static okng_status add_max_pool(okng_compiler *c, okng_value value, const_dnnl_primitive_desc_t descriptor)
{
    okng_error *error = c->error;
    const okng_node *node = &c->graph->nodes[value];
    const int32_t src = c->values[node->inputs[0]];
    okng_md md;
    OKNG_TRY_DNNL(okng_md_of(&md, descriptor, dnnl_query_dst_md), "plan", node->name);
    okng_status status =
        okng_compiler_add_result(c, value, &md, okng_compiler_buffer(c, src)->scale, &c->values[value]);
    okng_md_free(&md);
    if (status != OKNG_OK) return status;
    okng_binding bindings[] = {{DNNL_ARG_SRC, src}, {DNNL_ARG_DST, c->values[value]}};
    return okng_compiler_add_step(c, descriptor, bindings, 2, value, node->name);
}

/* In the type of its source. */
okng_status okng_compile_max_pool(okng_compiler *c, okng_value value)
{
    okng_error *error = c->error;
    const okng_node *node = &c->graph->nodes[value];
    bool own;
    OKNG_TRY(has_channels_last(c, node->inputs[0], &own));
    if (own) return compile_own_max_pool(c, value);
    const okng_md *src = &okng_compiler_buffer(c, c->values[node->inputs[0]])->md;
    const okng_shape shape = okng_compiler_shape(c, value);
    okng_dnnl_window window = okng_compiler_window(node);
    dnnl_primitive_desc_t descriptor;
    okng_md any;
    OKNG_TRY_DNNL(okng_md_new(&any, shape.dims, 4, okng_md_type(src), dnnl_format_tag_any), "plan", node->name);
    dnnl_status_t planned = okng_dnnl_max_pool(&descriptor, c->compiled->dnnl, src, &any, &window);
    okng_md_free(&any);
    OKNG_TRY_DNNL(planned, "plan the pooling", node->name);
    okng_status status = add_max_pool(c, value, descriptor);
    (void)okng_dnnl.primitive_desc_destroy(descriptor);
    return status;
}
