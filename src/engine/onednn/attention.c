/* softmax(Q K^T / sqrt(width)) V, head after head in tiles of queries: the scores of one tile are all that is ever
 * held, [tile, keys] per thread, not heads x queries x keys. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "engine/onednn/compiler.h"

enum { TILE_QUERIES = 64 };

/* The arguments of the step. */
enum { DST, QUERIES, KEYS, VALUES };

/* Elements; a row is a token. */
typedef struct attention {
    okng_value value;
    int64_t queries, keys, width, value_width; /* per head */
    int64_t row[4];                            /* per argument: from one token to the next */
    int64_t base[4];                           /* per argument: where it begins */
} attention;

static const int64_t F32 = (int64_t)sizeof(float);

static okng_status strided(okng_md *md, int64_t rows, int64_t columns, int64_t row, int64_t column, const char *name,
                           okng_error *error)
{
    const int64_t dims[] = {rows, columns}, strides[] = {row, column};
    OKNG_TRY_DNNL(okng_md_strided(md, dims, strides, 2, dnnl_f32), "describe", name);
    return OKNG_OK;
}

/* An argument of the step, of which a head has `width` columns. */
static okng_operand operand_of(const attention *a, int32_t arg, int32_t slot, int64_t tokens, int64_t width)
{
    return (okng_operand){.arg = arg,
                          .slot = slot,
                          .base = a->base[slot] * F32,
                          .per_stack = tokens * a->row[slot] * F32,
                          .per_head = width * F32};
}

/* Stage 0: scores [rows, keys] = Q K^T / sqrt(width). */
static okng_status fill_scores(const okng_compiler *c, const attention *a, int64_t rows, okng_operand o[3])
{
    const char *name = c->graph->nodes[a->value].name;
    o[0] = (okng_operand){.arg = DNNL_ARG_DST, .slot = OKNG_SLOT_SCRATCH};
    o[1] = operand_of(a, DNNL_ARG_SRC, QUERIES, a->queries, a->width);
    o[2] = operand_of(a, DNNL_ARG_WEIGHTS, KEYS, a->keys, a->width);
    o[1].per_row = a->row[QUERIES] * F32;
    OKNG_TRY(strided(&o[0].md, rows, a->keys, a->keys, 1, name, c->error));
    OKNG_TRY(strided(&o[1].md, rows, a->width, a->row[QUERIES], 1, name, c->error));
    return strided(&o[2].md, a->width, a->keys, 1, a->row[KEYS], name, c->error);
}

/* Stage 2: [rows, value width] = scores V. */
static okng_status fill_sums(const okng_compiler *c, const attention *a, int64_t rows, okng_operand o[3])
{
    const char *name = c->graph->nodes[a->value].name;
    o[0] = operand_of(a, DNNL_ARG_DST, DST, a->queries, a->value_width);
    o[1] = (okng_operand){.arg = DNNL_ARG_SRC, .slot = OKNG_SLOT_SCRATCH};
    o[2] = operand_of(a, DNNL_ARG_WEIGHTS, VALUES, a->keys, a->value_width);
    o[0].per_row = a->row[DST] * F32;
    OKNG_TRY(strided(&o[0].md, rows, a->value_width, a->row[DST], 1, name, c->error));
    OKNG_TRY(strided(&o[1].md, rows, a->keys, a->keys, 1, name, c->error));
    return strided(&o[2].md, a->keys, a->value_width, a->row[VALUES], 1, name, c->error);
}

/* Stage 1: softmax over each row, in place. */
static okng_status fill_softmax(const okng_compiler *c, const attention *a, int64_t rows, okng_operand o[3])
{
    const char *name = c->graph->nodes[a->value].name;
    o[0] = (okng_operand){.arg = DNNL_ARG_DST, .slot = OKNG_SLOT_SCRATCH};
    o[1] = (okng_operand){.arg = DNNL_ARG_SRC, .slot = OKNG_SLOT_SCRATCH};
    OKNG_TRY(strided(&o[0].md, rows, a->keys, a->keys, 1, name, c->error));
    return strided(&o[1].md, rows, a->keys, a->keys, 1, name, c->error);
}

enum { SCORES, SOFTMAX, SUMS };

static dnnl_status_t plan_stage(const okng_compiler *c, const attention *a, int stage, const okng_operand o[3],
                                dnnl_primitive_desc_t *descriptor)
{
    okng_dnnl_product call = {.src = &o[1].md, .weights = &o[2].md, .dst = &o[0].md};
    if (stage == SCORES) call.curve = (okng_dnnl_curve){dnnl_eltwise_linear, 1.0f / sqrtf((float)a->width)};
    (void)okng_dnnl_use_threads(1);
    dnnl_status_t status = stage == SOFTMAX ? okng_dnnl_softmax(descriptor, c->compiled->dnnl, &o[0].md, 1)
                                            : okng_dnnl_matmul(descriptor, c->compiled->dnnl, &call);
    (void)okng_dnnl_use_threads(c->compiled->threads);
    return status;
}

static okng_status add_stage(const okng_compiler *c, const attention *a, okng_work *work, int stage, bool last)
{
    static okng_status (*const fill[])(const okng_compiler *, const attention *, int64_t,
                                       okng_operand[3]) = {fill_scores, fill_softmax, fill_sums};
    const char *name = c->graph->nodes[a->value].name;
    okng_operand o[3] = {{0}};
    dnnl_primitive_desc_t descriptor;
    okng_status status = fill[stage](c, a, last ? work->tiling.last : work->tiling.rows, o);
    if (status == OKNG_OK) {
        dnnl_status_t planned = plan_stage(c, a, stage, o, &descriptor);
        status = planned == dnnl_success ? okng_kernel_make(work, &work->kernels[stage][last], descriptor, o,
                                                            stage == SOFTMAX ? 2 : 3, name, c->error)
                                         : okng_fail_dnnl(c->error, planned, "plan the attention", name);
    }
    for (int i = 0; i < 3; i++) okng_md_free(&o[i].md);
    return status;
}

static okng_status add_attention(okng_compiler *c, const attention *a, const int32_t buffers[4])
{
    const okng_node *node = &c->graph->nodes[a->value];
    okng_work *work = calloc(1, sizeof *work);
    if (!work) return okng_fail_memory(c->error, sizeof *work);
    const okng_tiling tiling = okng_tiling_of(a->queries, TILE_QUERIES);
    const okng_shape all = okng_compiler_shape(c, a->value);
    okng_work_begin(work, okng_shape_elements(&all) / (a->queries * a->row[DST]), node->heads, tiling);
    work->stages = 3;
    work->own_room = (size_t)tiling.rows * (size_t)a->keys * sizeof(float);
    work->causal = node->causal ? a->keys : 0;
    okng_status status = OKNG_OK;
    for (int stage = 0; stage < 6 && status == OKNG_OK; stage++)
        status = add_stage(c, a, work, stage / 2, stage % 2 == 1);
    const okng_binding bindings[] = {{DNNL_ARG_DST, buffers[DST]},
                                     {DNNL_ARG_SRC_0, buffers[QUERIES]},
                                     {DNNL_ARG_SRC_1, buffers[KEYS]},
                                     {DNNL_ARG_SRC_2, buffers[VALUES]}};
    if (status == OKNG_OK) return okng_compiler_add_work(c, work, bindings, 4, a->value);
    okng_work_free(work);
    return status;
}

/* ---- by kernels of ours ---- */

static okng_status run_heads(const okng_work *work, const okng_work_call *call, int64_t index, okng_error *error)
{
    (void)error;
    okng_heads_run(&work->attention, index, call->data, (float *)(void *)call->scratch);
    return OKNG_OK;
}

/* False where there are none. */
static bool plan_heads(const okng_compiler *c, const attention *a, okng_heads *heads)
{
    const okng_node *node = &c->graph->nodes[a->value];
    const okng_shape all = okng_compiler_shape(c, a->value); /* stacks may have several dimensions */
    *heads = (okng_heads){.stacks = okng_shape_elements(&all) / (a->queries * a->row[DST]),
                          .heads = node->heads,
                          .queries = a->queries,
                          .keys = a->keys,
                          .width = a->width,
                          .value_width = a->value_width,
                          .causal = node->causal};
    for (int i = DST; i <= VALUES; i++) {
        heads->row[i] = a->row[i];
        heads->base[i] = a->base[i];
    }
    return okng_heads_plan(heads);
}

static okng_status add_heads(okng_compiler *c, const attention *a, const okng_heads *heads, const int32_t buffers[4])
{
    okng_work *work = calloc(1, sizeof *work);
    if (!work) return okng_fail_memory(c->error, sizeof *work);
    work->tile = run_heads;
    work->tiles = okng_heads_tiles(heads);
    work->room = (okng_heads_scratch(heads) + OKNG_ALIGNMENT - 1) / OKNG_ALIGNMENT * OKNG_ALIGNMENT;
    work->attention = *heads;
    const okng_binding bindings[] = {{DNNL_ARG_DST, buffers[DST]},
                                     {DNNL_ARG_SRC_0, buffers[QUERIES]},
                                     {DNNL_ARG_SRC_1, buffers[KEYS]},
                                     {DNNL_ARG_SRC_2, buffers[VALUES]}};
    return okng_compiler_add_work(c, work, bindings, 4, a->value);
}

okng_status okng_compile_attention(okng_compiler *c, okng_value value)
{
    const okng_node *node = &c->graph->nodes[value];
    const bool packed = node->input_count == 1;
    attention a = {.value = value};
    int32_t buffers[4];
    for (int32_t i = QUERIES; i <= VALUES; i++) {
        const okng_value input = node->inputs[packed ? 0 : i - 1];
        const okng_shape *shape = &c->graph->nodes[input].shape;
        OKNG_TRY(okng_compiler_plain(c, input, dnnl_f32, &buffers[i]));
        a.row[i] = shape->dims[shape->rank - 1];
        a.base[i] = packed ? (i - 1) * a.row[i] / 3 : 0;
        *(i == QUERIES ? &a.queries : &a.keys) = shape->dims[shape->rank - 2];
    }
    a.width = a.row[QUERIES] / (packed ? 3 : 1) / node->heads;
    a.row[DST] = node->shape.dims[node->shape.rank - 1];
    a.value_width = a.row[DST] / node->heads;
    OKNG_TRY(okng_compiler_add_plain_result(c, value, dnnl_f32));
    buffers[DST] = c->values[value];
    okng_heads heads;
    return plan_heads(c, &a, &heads) ? add_heads(c, &a, &heads, buffers) : add_attention(c, &a, buffers);
}
