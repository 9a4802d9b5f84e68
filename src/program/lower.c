/* A network's graph (net/) in plain operators: one row per okng_op. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/fold_weights.h"
#include "program/program.h"

/* One walk over a graph. Both arrays have one entry per node. */
typedef struct lowering {
    okng_program *p;
    const okng_graph *graph;
    okng_naming naming;
    okng_program_value *values;
    bool *depends; /* on an input: such a value has an axis of pictures, another has 1 there */
} lowering;

/* ---- constants from the weight file ---- */

static void fail_with(lowering *l, const okng_error *why)
{
    okng_program_fail(l->p, why->status, "%s", why->message);
}

/* A parameter as it is, under its name. */
static okng_program_value param_of(lowering *l, const okng_node *node, okng_role role)
{
    const okng_param *param = okng_node_param(node, role);
    float *values = okng_alloc((size_t)okng_shape_elements(&param->shape), sizeof *values);
    okng_error why = {0};
    if (values && okng_fold_param(param, &l->naming, values, &why) != OKNG_OK) fail_with(l, &why);
    return okng_program_constant_own(l->p, param->name, OKNG_F32, param->shape.rank, param->shape.dims, values);
}

static okng_program_value lower_constant(lowering *l, const okng_node *node)
{
    float *values = okng_alloc((size_t)okng_shape_elements(&node->shape), sizeof *values);
    okng_error why = {0};
    if (values && okng_fold_constant(node, &l->naming, values, &why) != OKNG_OK) fail_with(l, &why);
    return okng_program_constant_own(l->p, node->name, OKNG_F32, node->shape.rank, node->shape.dims, values);
}

/* [rows, columns] as [columns, rows], for products with what comes from the left. Releases values. */
static float *turn(float *values, int64_t rows, int64_t columns)
{
    float *turned = values ? okng_alloc((size_t)(rows * columns), sizeof *turned) : NULL;
    for (int64_t i = 0; turned && i < rows; i++)
        for (int64_t k = 0; k < columns; k++) turned[k * rows + i] = values[i * columns + k];
    free(values);
    return turned;
}

/* Weight and bias of a CONV or LINEAR with what is folded into them; that of a LINEAR turned, [in, out]. */
static void folded(lowering *l, const okng_node *node, okng_program_value *weight, okng_program_value *bias)
{
    const okng_param *param = okng_node_param(node, OKNG_ROLE_WEIGHT);
    const okng_shape *shape = &param->shape;
    const int64_t out = shape->dims[0], in = okng_shape_elements(shape) / out;
    const bool linear = node->op == OKNG_OP_LINEAR;
    float *weights = okng_alloc((size_t)(out * in), sizeof *weights), *shifts = okng_alloc((size_t)out, sizeof *shifts);
    char name[OKNG_NAME_MAX + 8];
    okng_error why = {0};
    if (weights && shifts && okng_fold_weights(node, &l->naming, 1, 1, weights, shifts, &why) != OKNG_OK)
        fail_with(l, &why);
    if (linear) weights = turn(weights, out, in);
    *weight = okng_program_constant_own(l->p, param->name, OKNG_F32, linear ? 2 : 4,
                                        linear ? (int64_t[]){in, out} : shape->dims, weights);
    (void)snprintf(name, sizeof name, "%s.bias", node->name);
    *bias = okng_program_constant_own(l->p, name, OKNG_F32, 1, &out, shifts);
}

/* ---- curves ---- */

static okng_program_value gelu(okng_program *p, okng_program_value x)
{
    const okng_program_value turned = okng_program_multiply(p, x, okng_program_scalar(p, (float)sqrt(0.5)));
    const okng_program_value share = okng_program_add(p, okng_program_erf(p, turned), okng_program_scalar(p, 1.0f));
    return okng_program_multiply(p, okng_program_multiply(p, x, share), okng_program_scalar(p, 0.5f));
}

static okng_program_value curve(lowering *l, okng_op op, okng_program_value x)
{
    okng_program *p = l->p;
    switch (op) {
    case OKNG_OP_RELU:
        return okng_program_relu(p, x);
    case OKNG_OP_GELU:
        return gelu(p, x);
    case OKNG_OP_QUICK_GELU:
        return okng_program_multiply(
            p, x, okng_program_sigmoid(p, okng_program_multiply(p, x, okng_program_scalar(p, 1.702f))));
    default:
        return x;
    }
}

static okng_program_value input(const lowering *l, const okng_node *node, int32_t k)
{
    return l->values[node->inputs[k]];
}

static okng_program_value lower_curve(lowering *l, const okng_node *node)
{
    return curve(l, node->op, input(l, node, 0));
}

/* ---- maps and products ---- */

/* What is fused behind a CONV or LINEAR. */
static okng_program_value finish(lowering *l, const okng_node *node, okng_program_value y)
{
    const okng_value residual = okng_node_residual(node);
    if (residual != OKNG_NO_VALUE) y = okng_program_add(l->p, y, l->values[residual]);
    return curve(l, node->activation, y);
}

static okng_program_value lower_conv(lowering *l, const okng_node *node)
{
    okng_program_value weight, bias;
    folded(l, node, &weight, &bias);
    return finish(l, node, okng_program_conv(l->p, input(l, node, 0), weight, bias, node->window, node->groups));
}

static okng_program_value lower_linear(lowering *l, const okng_node *node)
{
    okng_program_value weight, bias;
    folded(l, node, &weight, &bias);
    const okng_program_value y = okng_program_matmul(l->p, input(l, node, 0), weight);
    return finish(l, node, okng_program_add(l->p, y, bias));
}

/* One that could not be folded into a convolution: x scale + shift, by channels [C, 1, 1]. */
static okng_program_value lower_batch_norm(lowering *l, const okng_node *node)
{
    static const okng_role roles[] = {OKNG_ROLE_SCALE, OKNG_ROLE_SHIFT, OKNG_ROLE_MEAN, OKNG_ROLE_VARIANCE};
    const int64_t channels = okng_node_param(node, OKNG_ROLE_SCALE)->shape.dims[0], dims[3] = {channels, 1, 1};
    const size_t count = (size_t)channels;
    float *values = okng_alloc(4 * count, sizeof *values);
    float *scale = okng_alloc(count, sizeof *scale), *shift = okng_alloc(count, sizeof *shift);
    okng_error why = {0};
    for (size_t i = 0; values && scale && shift && i < 4 && why.status == OKNG_OK; i++)
        if (okng_fold_param(okng_node_param(node, roles[i]), &l->naming, values + i * count, &why) != OKNG_OK)
            fail_with(l, &why);
    for (size_t i = 0; values && scale && shift && why.status == OKNG_OK && i < count; i++) {
        const double factor = (double)values[i] / sqrt((double)values[3 * count + i] + node->epsilon);
        scale[i] = (float)factor;
        shift[i] = (float)((double)values[count + i] - (double)values[2 * count + i] * factor);
    }
    if (!values) okng_program_fail(l->p, OKNG_ERROR_MEMORY, "out of memory for the norm %s", node->name);
    free(values);
    const okng_program_value by = okng_program_constant_own(l->p, NULL, OKNG_F32, 3, dims, scale);
    const okng_program_value plus = okng_program_constant_own(l->p, NULL, OKNG_F32, 3, dims, shift);
    return okng_program_add(l->p, okng_program_multiply(l->p, input(l, node, 0), by), plus);
}

static okng_program_value lower_max_pool(lowering *l, const okng_node *node)
{
    return okng_program_max_pool(l->p, input(l, node, 0), node->window);
}

static okng_program_value lower_pair(lowering *l, const okng_node *node)
{
    const okng_program_op op = node->op == OKNG_OP_ADD ? OKNG_PROGRAM_ADD : OKNG_PROGRAM_MULTIPLY;
    return okng_program_binary(l->p, op, input(l, node, 0), input(l, node, 1));
}

static okng_program_value lower_matmul(lowering *l, const okng_node *node)
{
    return okng_program_matmul(l->p, input(l, node, 0), input(l, node, 1));
}

static okng_program_value lower_layer_norm(lowering *l, const okng_node *node)
{
    const okng_program_value scale = param_of(l, node, OKNG_ROLE_SCALE), shift = param_of(l, node, OKNG_ROLE_SHIFT);
    return okng_program_layer_norm(l->p, input(l, node, 0), scale, shift, (float)node->epsilon);
}

static okng_program_value lower_softmax(lowering *l, const okng_node *node)
{
    return okng_program_softmax(l->p, input(l, node, 0), node->shape.rank - 1);
}

/* Numbers of a text are int64 or int32. */
static okng_program_value lower_embedding(lowering *l, const okng_node *node)
{
    const okng_program_value numbers = okng_program_cast(l->p, input(l, node, 0), OKNG_I64);
    return okng_program_gather(l->p, param_of(l, node, OKNG_ROLE_WEIGHT), numbers, 0);
}

/* ---- places ---- */

/* A constant among the parts is the same for all pictures, however many there are: every part is padded with zeros to
 * the whole, and they are added. */
static okng_program_value join_padded(lowering *l, const okng_node *node)
{
    okng_program *p = l->p;
    const int32_t axis = node->axis;
    int64_t begin = 0;
    okng_program_value sum = OKNG_PROGRAM_NONE;
    for (int32_t k = 0; k < node->input_count; k++) {
        const okng_program_value part = input(l, node, k);
        const int64_t length = okng_program_dim(p, part, axis);
        int64_t before[OKNG_PROGRAM_RANK_MAX] = {0}, behind[OKNG_PROGRAM_RANK_MAX] = {0};
        before[axis] = begin;
        behind[axis] = node->shape.dims[axis] - begin - length;
        const okng_program_value padded = okng_program_pad(p, part, before, behind, 0.0f);
        sum = k == 0 ? padded : okng_program_add(p, sum, padded);
        begin += length;
    }
    return sum;
}

static okng_program_value lower_concat(lowering *l, const okng_node *node)
{
    okng_program_value few[16];
    bool all = node->input_count <= 16;
    for (int32_t k = 0; all && k < node->input_count; k++) {
        all = l->depends[node->inputs[k]] == l->depends[node->inputs[0]];
        few[k] = input(l, node, k);
    }
    return all ? okng_program_concat(l->p, few, node->input_count, node->axis) : join_padded(l, node);
}

static okng_program_value lower_slice(lowering *l, const okng_node *node)
{
    return okng_program_slice(l->p, input(l, node, 0), node->axis, node->begin,
                              node->begin + node->shape.dims[node->axis], 1);
}

static okng_program_value lower_transpose(lowering *l, const okng_node *node)
{
    return okng_program_transpose(l->p, input(l, node, 0), node->order);
}

/* The first axis, the pictures, stays. */
static okng_program_value lower_reshape(lowering *l, const okng_node *node)
{
    int64_t dims[OKNG_PROGRAM_RANK_MAX] = {0};
    for (int32_t i = 1; i < node->shape.rank; i++) dims[i] = node->shape.dims[i];
    return okng_program_reshape(l->p, input(l, node, 0), node->shape.rank, dims);
}

/* ---- attention ---- */

/* Part number `part` of `parts` along the last axis of [N, ..., T, parts C], as heads: [N, ..., heads, T, C / heads].
 */
static okng_program_value heads_of(lowering *l, const okng_node *node, okng_program_value x, int64_t part,
                                   int64_t parts)
{
    okng_program *p = l->p;
    const int32_t rank = okng_program_rank(p, x);
    const int64_t width = okng_program_dim(p, x, rank - 1) / parts;
    int64_t dims[OKNG_PROGRAM_RANK_MAX] = {0};
    int32_t order[OKNG_PROGRAM_RANK_MAX];
    if (rank < 3) return OKNG_PROGRAM_NONE;
    if (parts > 1) x = okng_program_slice(p, x, rank - 1, part * width, (part + 1) * width, 1);
    for (int32_t i = 1; i < rank - 1; i++) dims[i] = okng_program_dim(p, x, i);
    dims[rank - 1] = node->heads;
    dims[rank] = width / node->heads;
    x = okng_program_reshape(p, x, rank + 1, dims);
    for (int32_t i = 0; i <= rank; i++) order[i] = i;
    order[rank - 2] = rank - 1;
    order[rank - 1] = rank - 2;
    return okng_program_transpose(p, x, order);
}

/* 0 for what a token sees; so little for what comes after it that its share is 0, and finite. */
static okng_program_value causal_mask(lowering *l, int64_t tokens)
{
    float *mask = okng_alloc((size_t)(tokens * tokens), sizeof *mask);
    for (int64_t i = 0; mask && i < tokens; i++)
        for (int64_t k = 0; k < tokens; k++) mask[i * tokens + k] = k > i ? -1e30f : 0.0f;
    return okng_program_constant_own(l->p, NULL, OKNG_F32, 2, (int64_t[]){tokens, tokens}, mask);
}

static okng_program_value lower_attention(lowering *l, const okng_node *node)
{
    okng_program *p = l->p;
    const bool packed = node->input_count == 1;
    const int64_t parts = packed ? 3 : 1;
    const okng_program_value q = heads_of(l, node, input(l, node, 0), 0, parts);
    const okng_program_value k = heads_of(l, node, input(l, node, packed ? 0 : 1), packed ? 1 : 0, parts);
    const okng_program_value v = heads_of(l, node, input(l, node, packed ? 0 : 2), packed ? 2 : 0, parts);
    const int32_t rank = okng_program_rank(p, q);
    if (rank < 4) return OKNG_PROGRAM_NONE;
    const float scale = (float)(1.0 / sqrt((double)okng_program_dim(p, q, rank - 1)));
    okng_program_value scores =
        okng_program_matmul_turned(p, okng_program_multiply(p, q, okng_program_scalar(p, scale)), k);
    if (node->causal) scores = okng_program_add(p, scores, causal_mask(l, okng_program_dim(p, q, rank - 2)));
    okng_program_value y = okng_program_matmul(p, okng_program_softmax(p, scores, rank - 1), v);
    int32_t order[OKNG_PROGRAM_RANK_MAX];
    int64_t dims[OKNG_PROGRAM_RANK_MAX] = {0};
    for (int32_t i = 0; i < rank; i++) order[i] = i;
    order[rank - 3] = rank - 2;
    order[rank - 2] = rank - 3;
    y = okng_program_transpose(p, y, order);
    for (int32_t i = 1; i < node->shape.rank; i++) dims[i] = node->shape.dims[i];
    return okng_program_reshape(p, y, node->shape.rank, dims);
}

/* ---- the table ---- */

typedef okng_program_value (*lower_fn)(lowering *l, const okng_node *node);

static const lower_fn rows[OKNG_OP_COUNT] = {
    [OKNG_OP_CONSTANT] = lower_constant,
    [OKNG_OP_CONV] = lower_conv,
    [OKNG_OP_BATCH_NORM] = lower_batch_norm,
    [OKNG_OP_MAX_POOL] = lower_max_pool,
    [OKNG_OP_RELU] = lower_curve,
    [OKNG_OP_GELU] = lower_curve,
    [OKNG_OP_QUICK_GELU] = lower_curve,
    [OKNG_OP_ADD] = lower_pair,
    [OKNG_OP_MULTIPLY] = lower_pair,
    [OKNG_OP_LINEAR] = lower_linear,
    [OKNG_OP_MATMUL] = lower_matmul,
    [OKNG_OP_LAYER_NORM] = lower_layer_norm,
    [OKNG_OP_SOFTMAX] = lower_softmax,
    [OKNG_OP_ATTENTION] = lower_attention,
    [OKNG_OP_EMBEDDING] = lower_embedding,
    [OKNG_OP_CONCAT] = lower_concat,
    [OKNG_OP_SLICE] = lower_slice,
    [OKNG_OP_TRANSPOSE] = lower_transpose,
    [OKNG_OP_RESHAPE] = lower_reshape,
};

/* ---- the walk ---- */

/* The input's shape is the graph's but for the first axis. */
static void check_input(lowering *l, const okng_node *node, okng_program_value x)
{
    char expected[96];
    bool fits = okng_program_rank(l->p, x) == node->shape.rank;
    for (int32_t i = 1; fits && i < node->shape.rank; i++) fits = okng_program_dim(l->p, x, i) == node->shape.dims[i];
    if (!fits)
        okng_program_fail(l->p, OKNG_ERROR_ARGUMENT, "the input of the network has another shape, expected %s",
                          okng_shape_text(node->shape.rank, node->shape.dims, expected, sizeof expected));
}

static void lower_node(lowering *l, size_t i, const okng_program_value *inputs, int32_t *input_at)
{
    const okng_node *node = &l->graph->nodes[i];
    l->depends[i] = node->op == OKNG_OP_INPUT;
    for (int32_t k = 0; k < node->input_count; k++) l->depends[i] |= l->depends[node->inputs[k]];
    if (node->op == OKNG_OP_INPUT) {
        l->values[i] = inputs[(*input_at)++];
        check_input(l, node, l->values[i]);
    } else if (rows[node->op]) {
        l->values[i] = rows[node->op](l, node);
    } else {
        okng_program_fail(l->p, OKNG_ERROR_UNSUPPORTED, "%s: the operator %s has no counterpart in exported files",
                          node->name, okng_op_get(node->op)->name);
    }
}

okng_status okng_program_lower(okng_program *p, const okng_graph *graph, const okng_weights *weights,
                               const okng_program_value *inputs, okng_program_value *outputs, okng_error *error)
{
    lowering l = {.p = p, .graph = graph};
    int32_t input_at = 0;
    OKNG_TRY(okng_program_check(p, error));
    OKNG_TRY(okng_graph_check_weights(graph, weights, error));
    l.naming = okng_graph_naming(graph, weights);
    l.values = okng_alloc(graph->node_count, sizeof *l.values);
    l.depends = okng_alloc_zero(graph->node_count, sizeof *l.depends);
    if (!l.values || !l.depends)
        okng_program_fail(p, OKNG_ERROR_MEMORY, "out of memory for %zu operators of a network", graph->node_count);
    for (size_t i = 0; i < graph->node_count && okng_program_check(p, NULL) == OKNG_OK; i++)
        lower_node(&l, i, inputs, &input_at);
    for (int i = 0; i < graph->output_count && okng_program_check(p, NULL) == OKNG_OK; i++)
        outputs[i] = l.values[graph->outputs[i]];
    free(l.values);
    free(l.depends);
    return okng_program_check(p, error);
}
