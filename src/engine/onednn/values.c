/* Operators over values of any rank that are one primitive each, float32 and row-major; constants and embeddings. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/onednn/compiler.h"
#include "net/fold_weights.h"

/* Appends what was planned, and releases its descriptor. */
static okng_status add_planned(okng_compiler *c, dnnl_status_t planned, dnnl_primitive_desc_t descriptor,
                               const okng_binding *bindings, int32_t count, okng_value value)
{
    const okng_node *node = &c->graph->nodes[value];
    if (planned != dnnl_success) return okng_fail_dnnl(c->error, planned, "plan the operator", node->name);
    okng_status status = okng_compiler_add_step(c, descriptor, bindings, count, value, node->name);
    (void)okng_dnnl.primitive_desc_destroy(descriptor);
    return status;
}

/* ---- one operand ---- */

/* A result laid out as its source. */
static okng_status begin_unary(okng_compiler *c, okng_value value, okng_binding bindings[2])
{
    bindings[0].arg = DNNL_ARG_SRC;
    bindings[1].arg = DNNL_ARG_DST;
    OKNG_TRY(okng_compiler_plain(c, c->graph->nodes[value].inputs[0], dnnl_f32, &bindings[0].buffer));
    OKNG_TRY(okng_compiler_add_plain_result(c, value, dnnl_f32));
    bindings[1].buffer = c->values[value];
    return OKNG_OK;
}

okng_status okng_compile_curve(okng_compiler *c, okng_value value)
{
    okng_binding bindings[2];
    dnnl_primitive_desc_t descriptor;
    OKNG_TRY(begin_unary(c, value, bindings));
    const okng_md md = okng_compiler_buffer(c, bindings[0].buffer)->md;
    dnnl_status_t planned =
        okng_dnnl_eltwise(&descriptor, c->compiled->dnnl, &md, okng_compiler_curve(c->graph->nodes[value].op));
    return add_planned(c, planned, descriptor, bindings, 2, value);
}

okng_status okng_compile_softmax(okng_compiler *c, okng_value value)
{
    okng_binding bindings[2];
    dnnl_primitive_desc_t descriptor;
    OKNG_TRY(begin_unary(c, value, bindings));
    const okng_md md = okng_compiler_buffer(c, bindings[0].buffer)->md;
    dnnl_status_t planned =
        okng_dnnl_softmax(&descriptor, c->compiled->dnnl, &md, c->graph->nodes[value].shape.rank - 1);
    return add_planned(c, planned, descriptor, bindings, 2, value);
}

/* A parameter as a constant. */
static okng_status load_line(okng_compiler *c, okng_value value, okng_role role, okng_constant_kind kind,
                             int32_t *index)
{
    const okng_param *param = okng_node_param(&c->graph->nodes[value], role);
    bool fresh;
    okng_md md;
    OKNG_TRY(okng_compiler_plain_md(&md, &param->shape, dnnl_f32, param->name, c->error));
    okng_status status = okng_compiler_constant(c, value, kind, &md, index, &fresh);
    okng_md_free(&md);
    if (status != OKNG_OK || !fresh) return status;
    return okng_fold_param(param, &c->naming, okng_compiler_buffer(c, *index)->data, c->error);
}

okng_status okng_compile_layer_norm(okng_compiler *c, okng_value value)
{
    okng_binding bindings[4] = {{0}, {0}, {.arg = DNNL_ARG_SCALE}, {.arg = DNNL_ARG_SHIFT}};
    dnnl_primitive_desc_t descriptor;
    OKNG_TRY(load_line(c, value, OKNG_ROLE_SCALE, OKNG_CONSTANT_WEIGHTS, &bindings[2].buffer));
    OKNG_TRY(load_line(c, value, OKNG_ROLE_SHIFT, OKNG_CONSTANT_BIAS, &bindings[3].buffer));
    OKNG_TRY(begin_unary(c, value, bindings));
    const okng_md md = okng_compiler_buffer(c, bindings[0].buffer)->md;
    dnnl_status_t planned =
        okng_dnnl_layer_norm(&descriptor, c->compiled->dnnl, &md, (float)c->graph->nodes[value].epsilon);
    return add_planned(c, planned, descriptor, bindings, 4, value);
}

/* ---- constants ---- */

okng_status okng_compile_constant(okng_compiler *c, okng_value value)
{
    const okng_node *node = &c->graph->nodes[value];
    bool fresh;
    okng_md md;
    OKNG_TRY(okng_compiler_plain_md(&md, &node->shape, dnnl_f32, node->name, c->error));
    okng_status status = okng_compiler_constant(c, value, OKNG_CONSTANT_WEIGHTS, &md, &c->values[value], &fresh);
    okng_md_free(&md);
    if (status != OKNG_OK || !fresh) return status;
    return okng_fold_constant(node, &c->naming, okng_compiler_buffer(c, c->values[value])->data, c->error);
}

/* A constant of the first axis 1, once per picture. */
static okng_status repeat_constant(okng_compiler *c, okng_value value, int32_t *index)
{
    const int32_t one = c->values[value];
    okng_shape shape = c->graph->nodes[value].shape;
    const size_t bytes = (size_t)okng_shape_elements(&shape) * sizeof(float);
    okng_md md;
    shape.dims[0] = c->plan->batch;
    OKNG_TRY(okng_compiler_plain_md(&md, &shape, dnnl_f32, c->graph->nodes[value].name, c->error));
    okng_status status = okng_compiler_add_constant(c, &md, index);
    okng_md_free(&md);
    if (status != OKNG_OK) return status;
    const char *from = okng_compiler_buffer(c, one)->data;
    char *to = okng_compiler_buffer(c, *index)->data;
    for (int64_t i = 0; i < c->plan->batch; i++) memcpy(to + (size_t)i * bytes, from, bytes);
    return OKNG_OK;
}

/* ---- several operands ---- */

okng_status okng_compile_binary(okng_compiler *c, okng_value value)
{
    const okng_node *node = &c->graph->nodes[value];
    const okng_shape x = okng_compiler_shape(c, value), y = okng_compiler_shape(c, node->inputs[1]);
    okng_binding bindings[] = {{DNNL_ARG_SRC_0, 0}, {DNNL_ARG_SRC_1, 0}, {DNNL_ARG_DST, 0}};
    okng_shape aligned = {.rank = x.rank, .dims = {1, 1, 1, 1}};
    for (int32_t i = 0; i < y.rank; i++) aligned.dims[x.rank - y.rank + i] = y.dims[i];
    OKNG_TRY(okng_compiler_plain(c, node->inputs[0], dnnl_f32, &bindings[0].buffer));
    OKNG_TRY(okng_compiler_plain(c, node->inputs[1], dnnl_f32, &bindings[1].buffer));
    okng_md md;
    OKNG_TRY(okng_compiler_plain_md(&md, &aligned, dnnl_f32, node->name, c->error));
    okng_status status = okng_compiler_share(c, bindings[1].buffer, &md, 1.0f, &bindings[1].buffer);
    okng_md_free(&md);
    if (status == OKNG_OK) status = okng_compiler_add_plain_result(c, value, dnnl_f32);
    if (status != OKNG_OK) return status;
    bindings[2].buffer = c->values[value];
    dnnl_primitive_desc_t descriptor;
    dnnl_status_t planned = okng_dnnl_binary(
        &descriptor, c->compiled->dnnl, node->op == OKNG_OP_ADD ? dnnl_binary_add : dnnl_binary_mul,
        &okng_compiler_buffer(c, bindings[0].buffer)->md, &okng_compiler_buffer(c, bindings[1].buffer)->md);
    return add_planned(c, planned, descriptor, bindings, 3, value);
}

/* Parts and result of a concatenation; bindings and mds have room for one per input and, for the former, the result. */
static okng_status add_concat(okng_compiler *c, okng_value value, okng_binding *bindings, const okng_md **mds)
{
    const okng_node *node = &c->graph->nodes[value];
    const int32_t count = node->input_count;
    for (int32_t i = 0; i < count; i++) {
        const okng_value input = node->inputs[i];
        bindings[i].arg = DNNL_ARG_MULTIPLE_SRC + i;
        if (c->graph->nodes[input].op == OKNG_OP_CONSTANT && c->plan->batch > 1)
            OKNG_TRY(repeat_constant(c, input, &bindings[i].buffer));
        else
            OKNG_TRY(okng_compiler_plain(c, input, dnnl_f32, &bindings[i].buffer));
    }
    OKNG_TRY(okng_compiler_add_plain_result(c, value, dnnl_f32));
    bindings[count] = (okng_binding){DNNL_ARG_DST, c->values[value]};
    for (int32_t i = 0; i < count; i++) mds[i] = &okng_compiler_buffer(c, bindings[i].buffer)->md;
    dnnl_primitive_desc_t descriptor;
    dnnl_status_t planned = okng_dnnl_concat(&descriptor, c->compiled->dnnl, mds, count, node->axis,
                                             &okng_compiler_buffer(c, c->values[value])->md);
    return add_planned(c, planned, descriptor, bindings, count + 1, value);
}

okng_status okng_compile_concat(okng_compiler *c, okng_value value)
{
    const size_t count = (size_t)c->graph->nodes[value].input_count;
    okng_binding *bindings = okng_alloc_zero(count + 1, sizeof *bindings);
    const okng_md **mds = okng_alloc(count, sizeof *mds);
    okng_status status =
        bindings && mds ? add_concat(c, value, bindings, mds) : okng_fail_memory(c->error, count * sizeof *bindings);
    free(bindings);
    free(mds);
    return status;
}

/* ---- embeddings ---- */

enum { DST, NUMBERS, TABLE };

/* All numbers in one tile: it is a matter of memory, and the first that is wrong is the same for any threads. */
static okng_status gather(const okng_work *work, const okng_work_call *call, int64_t index, okng_error *error)
{
    (void)index;
    const size_t bytes = (size_t)work->width * sizeof(float);
    for (int64_t i = 0; i < work->numbers; i++) {
        int32_t number;
        memcpy(&number, (const char *)call->data[NUMBERS] + (size_t)i * sizeof number, sizeof number);
        if (number < 0 || number >= work->rows)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "token %lld is number %d, expected 0..%lld", (long long)i,
                             number, (long long)(work->rows - 1));
        memcpy((char *)call->data[DST] + (size_t)i * bytes, (const char *)call->data[TABLE] + (size_t)number * bytes,
               bytes);
    }
    return OKNG_OK;
}

okng_status okng_compile_embedding(okng_compiler *c, okng_value value)
{
    const okng_node *node = &c->graph->nodes[value];
    const okng_shape *table = &okng_node_param(node, OKNG_ROLE_WEIGHT)->shape;
    const okng_shape numbers = okng_compiler_shape(c, node->inputs[0]);
    int32_t rows;
    OKNG_TRY(load_line(c, value, OKNG_ROLE_WEIGHT, OKNG_CONSTANT_WEIGHTS, &rows));
    OKNG_TRY(okng_compiler_add_plain_result(c, value, dnnl_f32));
    const okng_binding bindings[] = {
        {DNNL_ARG_DST, c->values[value]}, {DNNL_ARG_SRC, c->values[node->inputs[0]]}, {DNNL_ARG_WEIGHTS, rows}};
    okng_work *work = calloc(1, sizeof *work);
    if (!work) return okng_fail_memory(c->error, sizeof *work);
    work->tile = gather;
    work->tiles = 1;
    work->rows = table->dims[0];
    work->width = table->dims[1];
    work->numbers = okng_shape_elements(&numbers);
    return okng_compiler_add_work(c, work, bindings, 3, value);
}
