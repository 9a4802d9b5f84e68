/* Linear maps and products of two values: matrix products in tiles of rows. */
#include <stdlib.h>

#include "base/memory.h"
#include "engine/onednn/compiler.h"
#include "engine/onednn/pack.h"
#include "net/fold_weights.h"

enum { TILE_ROWS = 64 };

/* ---- a product [rows, inner] x [inner, columns] per stack ---- */

/* The arguments of its step. */
enum { DST, SRC, WEIGHTS, BIAS, ADDED };

typedef struct product {
    okng_value value;
    int64_t stacks, rows, inner, columns; /* stacks: pictures, or matrices of them */
    okng_md weights;                      /* as they lie, or of no layout yet where oneDNN may choose */
    int64_t weights_per_stack;            /* elements */
    bool bias, added;
    dnnl_data_type_t src_type, dst_type;
    okng_dnnl_curve curve;
} product;

static int64_t size_of(dnnl_data_type_t type)
{
    return (int64_t)dnnl_data_type_size(type);
}

/* The stacks of rows of a value: its first axis, the last two left out where there are more than three. */
static void stack(product *p, const okng_shape *x)
{
    p->stacks = x->dims[0];
    p->rows = 1;
    p->inner = x->dims[x->rank - 1];
    for (int32_t i = 1; i < x->rank - 1; i++) p->rows *= x->dims[i];
}

/* The operands of a tile of `rows` rows; those of bias and sum where they are. *count: how many. */
static okng_status fill_operands(const okng_compiler *c, const product *p, int64_t rows, okng_operand *operands,
                                 int32_t *count)
{
    okng_error *error = c->error;
    const char *name = c->graph->nodes[p->value].name;
    const int64_t src = p->inner * size_of(p->src_type), dst = p->columns * size_of(p->dst_type);
    const okng_shape in = {2, {rows, p->inner}}, out = {2, {rows, p->columns}}, line = {2, {1, p->columns}};
    operands[0] = (okng_operand){.arg = DNNL_ARG_DST, .slot = DST, .per_stack = p->rows * dst, .per_row = dst};
    operands[1] = (okng_operand){.arg = DNNL_ARG_SRC, .slot = SRC, .per_stack = p->rows * src, .per_row = src};
    operands[2] = (okng_operand){.arg = DNNL_ARG_WEIGHTS,
                                 .slot = WEIGHTS,
                                 .per_stack = p->weights_per_stack * size_of(okng_md_type(&p->weights))};
    *count = 3;
    OKNG_TRY(okng_compiler_plain_md(&operands[0].md, &out, p->dst_type, name, error));
    OKNG_TRY(okng_compiler_plain_md(&operands[1].md, &in, p->src_type, name, error));
    OKNG_TRY_DNNL(okng_md_copy(&operands[2].md, &p->weights), "describe the weights of", name);
    if (p->bias) {
        operands[*count] = (okng_operand){.arg = DNNL_ARG_BIAS, .slot = BIAS};
        OKNG_TRY(okng_compiler_plain_md(&operands[(*count)++].md, &line, dnnl_f32, name, error));
    }
    if (p->added) {
        operands[*count] = operands[0];
        operands[*count].arg = OKNG_DNNL_ARG_ADDED;
        operands[*count].slot = ADDED;
        operands[*count].md = (okng_md){0};
        OKNG_TRY(okng_compiler_plain_md(&operands[(*count)++].md, &out, p->dst_type, name, error));
    }
    return OKNG_OK;
}

/* The primitive over these operands, made for one thread. */
static dnnl_status_t plan_product(const okng_compiler *c, const product *p, const okng_operand *operands,
                                  dnnl_primitive_desc_t *descriptor)
{
    const okng_dnnl_product call = {.src = &operands[1].md,
                                    .weights = &operands[2].md,
                                    .bias = p->bias ? &operands[3].md : NULL,
                                    .added = p->added ? &operands[p->bias ? 4 : 3].md : NULL,
                                    .dst = &operands[0].md,
                                    .curve = p->curve};
    (void)okng_dnnl_use_threads(1);
    dnnl_status_t status = okng_dnnl_matmul(descriptor, c->compiled->dnnl, &call);
    (void)okng_dnnl_use_threads(c->compiled->threads);
    return status;
}

static void free_operands(okng_operand *operands, int32_t count)
{
    for (int32_t i = 0; i < count; i++) okng_md_free(&operands[i].md);
}

/* Lets oneDNN choose the layout of the weights for whole tiles. */
static okng_status choose_weights(const okng_compiler *c, product *p, int64_t rows)
{
    okng_error *error = c->error;
    const char *name = c->graph->nodes[p->value].name;
    okng_operand operands[OKNG_KERNEL_ARGS] = {{0}};
    int32_t count = OKNG_KERNEL_ARGS;
    dnnl_primitive_desc_t descriptor = NULL;
    okng_status status = fill_operands(c, p, rows, operands, &count);
    dnnl_status_t planned = status == OKNG_OK ? plan_product(c, p, operands, &descriptor) : dnnl_success;
    okng_md_free(&p->weights);
    if (planned == dnnl_success && descriptor) planned = okng_md_of(&p->weights, descriptor, dnnl_query_weights_md);
    if (planned != dnnl_success) status = okng_fail_dnnl(error, planned, "plan the product", name);
    if (descriptor) (void)okng_dnnl.primitive_desc_destroy(descriptor);
    free_operands(operands, OKNG_KERNEL_ARGS);
    return status;
}

static okng_status add_kernel(const okng_compiler *c, const product *p, okng_work *work, bool last)
{
    okng_error *error = c->error;
    const char *name = c->graph->nodes[p->value].name;
    okng_operand operands[OKNG_KERNEL_ARGS] = {{0}};
    int32_t count = 0;
    dnnl_primitive_desc_t descriptor;
    okng_status status = fill_operands(c, p, last ? work->tiling.last : work->tiling.rows, operands, &count);
    if (status == OKNG_OK) {
        dnnl_status_t planned = plan_product(c, p, operands, &descriptor);
        status = planned == dnnl_success
                     ? okng_kernel_make(work, &work->kernels[0][last], descriptor, operands, count, name, error)
                     : okng_fail_dnnl(error, planned, "plan the product", name);
    }
    free_operands(operands, OKNG_KERNEL_ARGS);
    return status;
}

static okng_status add_product(okng_compiler *c, const product *p, const okng_binding *bindings, int32_t count)
{
    okng_work *work = calloc(1, sizeof *work);
    if (!work) return okng_fail_memory(c->error, sizeof *work);
    okng_work_begin(work, p->stacks, 1, okng_tiling_of(p->rows, TILE_ROWS));
    work->stages = 1;
    okng_status status = add_kernel(c, p, work, false);
    if (status == OKNG_OK) status = add_kernel(c, p, work, true);
    if (status == OKNG_OK) return okng_compiler_add_work(c, work, bindings, count, p->value);
    okng_work_free(work);
    return status;
}

/* ---- linear maps ---- */

/* Folds and packs the weights into the layout that was chosen for them. */
static okng_status load_weights(okng_compiler *c, const product *p, int32_t *weights, int32_t *bias)
{
    okng_error *error = c->error;
    const okng_node *node = &c->graph->nodes[p->value];
    const okng_shape line = {2, {1, p->columns}};
    const int64_t dims[] = {p->inner, p->columns};
    bool fresh, fresh_bias;
    okng_md md;
    OKNG_TRY(okng_compiler_plain_md(&md, &line, dnnl_f32, node->name, error));
    okng_status status = okng_compiler_constant(c, p->value, OKNG_CONSTANT_BIAS, &md, bias, &fresh_bias);
    okng_md_free(&md);
    if (status == OKNG_OK)
        status = okng_compiler_constant(c, p->value, OKNG_CONSTANT_WEIGHTS, &p->weights, weights, &fresh);
    if (status != OKNG_OK || !fresh) return status;
    OKNG_TRY(okng_compiler_reserve(c, (size_t)p->inner * (size_t)p->columns * sizeof(float)));
    const float *folded;
    OKNG_TRY(okng_fold_weights_found(node, &c->naming, 1, c->compiled->threads, c->folded, &folded,
                                     okng_compiler_buffer(c, *bias)->data, error));
    OKNG_TRY_DNNL(okng_md_new(&md, dims, 2, dnnl_f32, dnnl_ba), "describe the weights of", node->name);
    dnnl_status_t packed =
        okng_pack(c->compiled->dnnl, &md, folded, &p->weights, okng_compiler_buffer(c, *weights)->data);
    okng_md_free(&md);
    return packed == dnnl_success ? OKNG_OK : okng_fail_dnnl(error, packed, "pack the weights of", node->name);
}

static okng_status add_linear(okng_compiler *c, product *p)
{
    okng_error *error = c->error;
    const okng_node *node = &c->graph->nodes[p->value];
    const okng_md *kept = okng_compiler_kept(c, p->value, OKNG_CONSTANT_WEIGHTS);
    const int64_t dims[] = {p->inner, p->columns};
    int32_t src, weights, bias, added = 0;
    if (kept) {
        OKNG_TRY_DNNL(okng_md_copy(&p->weights, kept), "describe the weights of", node->name);
    } else {
        OKNG_TRY_DNNL(okng_md_new(&p->weights, dims, 2, p->src_type, dnnl_format_tag_any), "describe the weights of",
                      node->name);
        OKNG_TRY(choose_weights(c, p, okng_tiling_of(p->rows, TILE_ROWS).rows));
    }
    OKNG_TRY(load_weights(c, p, &weights, &bias));
    OKNG_TRY(okng_compiler_plain(c, node->inputs[0], p->src_type, &src));
    if (p->added) OKNG_TRY(okng_compiler_plain(c, okng_node_residual(node), p->dst_type, &added));
    OKNG_TRY(okng_compiler_add_plain_result(c, p->value, p->dst_type));
    const okng_binding bindings[] = {{DNNL_ARG_DST, c->values[p->value]},
                                     {DNNL_ARG_SRC, src},
                                     {DNNL_ARG_WEIGHTS, weights},
                                     {DNNL_ARG_BIAS, bias},
                                     {OKNG_DNNL_ARG_ADDED, added}};
    return add_product(c, p, bindings, p->added ? 5 : 4);
}

okng_status okng_compile_linear(okng_compiler *c, okng_value value)
{
    const okng_node *node = &c->graph->nodes[value];
    const bool narrow = c->compiled->precision == OKNG_PRECISION_BF16;
    const okng_shape x = okng_compiler_shape(c, node->inputs[0]);
    okng_linear_map map;
    if (okng_linear_map_of_node(&map, c->compiled, c->graph, node, c->plan->batch))
        return okng_compile_linear_map(c, value, &map);
    product p = {.value = value,
                 .columns = node->shape.dims[node->shape.rank - 1],
                 .bias = true,
                 .added = okng_node_residual(node) != OKNG_NO_VALUE,
                 .src_type = narrow ? dnnl_bf16 : dnnl_f32,
                 .curve = okng_compiler_curve(node->activation)};
    p.dst_type = narrow && !c->precise[value] && !p.added ? dnnl_bf16 : dnnl_f32;
    stack(&p, &x);
    okng_status status = add_linear(c, &p);
    okng_md_free(&p.weights);
    return status;
}

/* ---- products of two values ---- */

okng_status okng_compile_matmul(okng_compiler *c, okng_value value)
{
    const okng_node *node = &c->graph->nodes[value];
    const okng_shape x = okng_compiler_shape(c, node->inputs[0]), y = okng_compiler_shape(c, node->inputs[1]);
    product p = {.value = value, .columns = y.dims[y.rank - 1], .src_type = dnnl_f32, .dst_type = dnnl_f32};
    stack(&p, &x);
    if (y.rank > 2) { /* each stack has weights of its own */
        p.weights_per_stack = p.inner * p.columns;
        p.stacks *= p.rows / x.dims[x.rank - 2];
        p.rows = x.dims[x.rank - 2];
    }
    int32_t src, weights;
    const okng_shape matrix = {2, {p.inner, p.columns}};
    OKNG_TRY(okng_compiler_plain(c, node->inputs[0], dnnl_f32, &src));
    OKNG_TRY(okng_compiler_plain(c, node->inputs[1], dnnl_f32, &weights));
    OKNG_TRY(okng_compiler_add_plain_result(c, value, dnnl_f32));
    OKNG_TRY(okng_compiler_plain_md(&p.weights, &matrix, dnnl_f32, node->name, c->error));
    const okng_binding bindings[] = {
        {DNNL_ARG_DST, c->values[value]}, {DNNL_ARG_SRC, src}, {DNNL_ARG_WEIGHTS, weights}};
    okng_status status = add_product(c, &p, bindings, 3);
    okng_md_free(&p.weights);
    return status;
}
