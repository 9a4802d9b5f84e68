/* The table of operators: all that is known of each, in one row. */
#include "net/node.h"
#include "net/shape_rules.h"

/* ---- products ---- */

/* Per element of the result, as many multiply-adds as there are weights for one output channel. */
static double weight_flops(const okng_graph *graph, const okng_node *node)
{
    (void)graph;
    const okng_shape *weight = &okng_node_param(node, OKNG_ROLE_WEIGHT)->shape;
    return 2.0 * (double)okng_shape_elements(&node->shape) *
           ((double)okng_shape_elements(weight) / (double)weight->dims[0]);
}

static double matmul_flops(const okng_graph *graph, const okng_node *node)
{
    const okng_shape *x = &graph->nodes[node->inputs[0]].shape;
    return 2.0 * (double)okng_shape_elements(&node->shape) * (double)x->dims[x->rank - 1];
}

/* Q K^T over the width of Q, and the product with V; a causal mask saves nothing. */
static double attention_flops(const okng_graph *graph, const okng_node *node)
{
    const bool packed = node->input_count == 1;
    const okng_shape *q = &graph->nodes[node->inputs[0]].shape, *k = &graph->nodes[node->inputs[packed ? 0 : 1]].shape;
    const int64_t width = q->dims[q->rank - 1] / (packed ? 3 : 1);
    const double pairs = (double)okng_shape_elements(q) / (double)q->dims[q->rank - 1] * (double)k->dims[k->rank - 2];
    return 2.0 * pairs * ((double)width + (double)node->shape.dims[node->shape.rank - 1]);
}

/* ---- the table ---- */

#define BIT(role) (1u << OKNG_ROLE_##role)
#define NORM (BIT(SCALE) | BIT(SHIFT))
#define RUNNING (BIT(MEAN) | BIT(VARIANCE))

static const okng_op_row rows[OKNG_OP_COUNT] = {
    [OKNG_OP_INPUT] = {.name = "input"},
    [OKNG_OP_CONSTANT] = {.name = "constant", .required = BIT(VALUE)},
    [OKNG_OP_CONV] = {"conv", 1, 1, BIT(WEIGHT), BIT(BIAS), RUNNING, true, false, okng_shape_conv, weight_flops},
    [OKNG_OP_BATCH_NORM] = {"batch_norm", 1, 1, NORM | RUNNING, 0, RUNNING, false, false, okng_shape_same, NULL},
    [OKNG_OP_MAX_POOL] = {"max_pool", 1, 1, 0, 0, 0, false, false, okng_shape_pool, NULL},
    [OKNG_OP_RELU] = {"relu", 1, 1, 0, 0, 0, false, false, okng_shape_same, NULL},
    [OKNG_OP_GELU] = {"gelu", 1, 1, 0, 0, 0, false, false, okng_shape_same, NULL},
    [OKNG_OP_QUICK_GELU] = {"quick_gelu", 1, 1, 0, 0, 0, false, false, okng_shape_same, NULL},
    [OKNG_OP_ADD] = {"add", 2, 2, 0, 0, 0, false, false, okng_shape_broadcast, NULL},
    [OKNG_OP_MULTIPLY] = {"multiply", 2, 2, 0, 0, 0, false, false, okng_shape_broadcast, NULL},
    [OKNG_OP_LINEAR] = {"linear", 1, 1, BIT(WEIGHT), BIT(BIAS), 0, true, false, okng_shape_linear, weight_flops},
    [OKNG_OP_MATMUL] = {"matmul", 2, 2, 0, 0, 0, false, false, okng_shape_matmul, matmul_flops},
    [OKNG_OP_LAYER_NORM] = {"layer_norm", 1, 1, NORM, 0, 0, false, false, okng_shape_layer_norm, NULL},
    [OKNG_OP_SOFTMAX] = {"softmax", 1, 1, 0, 0, 0, false, false, okng_shape_same, NULL},
    [OKNG_OP_ATTENTION] = {"attention", 1, 3, 0, 0, 0, false, false, okng_shape_attention, attention_flops},
    [OKNG_OP_EMBEDDING] = {"embedding", 1, 1, BIT(WEIGHT), 0, 0, false, false, okng_shape_embedding, NULL},
    [OKNG_OP_CONCAT] = {"concat", 1, OKNG_INPUTS_ANY, 0, 0, 0, false, false, okng_shape_concat, NULL},
    [OKNG_OP_SLICE] = {"slice", 1, 1, 0, 0, 0, false, true, okng_shape_slice, NULL},
    [OKNG_OP_TRANSPOSE] = {"transpose", 1, 1, 0, 0, 0, false, true, okng_shape_transpose, NULL},
    [OKNG_OP_RESHAPE] = {"reshape", 1, 1, 0, 0, 0, false, true, okng_shape_reshape, NULL},
};

const okng_op_row *okng_op_get(okng_op op)
{
    return &rows[op];
}

/* ---- by the table ---- */

int64_t okng_node_parameters(const okng_node *node)
{
    int64_t total = 0;
    for (int32_t k = 0; k < node->param_count; k++)
        if (!(rows[node->op].buffers & 1u << node->params[k].role))
            total += okng_shape_elements(&node->params[k].shape);
    return total;
}

double okng_node_flops(const okng_graph *graph, const okng_node *node)
{
    return rows[node->op].flops ? rows[node->op].flops(graph, node) : 0.0;
}

/* A CONCAT may begin with a constant; every other operator's first input is a picture's. */
static bool depends_on_input(const okng_graph *graph, const okng_node *node)
{
    const int32_t count = node->op == OKNG_OP_CONCAT ? node->input_count : 1;
    for (int32_t k = 0; k < count; k++)
        if (graph->nodes[node->inputs[k]].op != OKNG_OP_CONSTANT) return true;
    return false;
}

okng_status okng_node_check(const okng_graph *graph, okng_node *node, okng_error *error)
{
    const okng_op_row *row = &rows[node->op];
    uint32_t roles = 0;
    for (int32_t k = 0; k < node->param_count; k++) roles |= 1u << node->params[k].role;
    if (node->input_count < row->min_inputs || node->input_count > row->max_inputs)
        return okng_fail(error, OKNG_ERROR_INTERNAL, "%s: %s, a %s, has %d inputs, expected %d or more up to %d",
                         graph->backbone, node->name, row->name, node->input_count, row->min_inputs, row->max_inputs);
    if ((roles & row->required) != row->required || (roles & ~(row->required | row->optional)))
        return okng_fail(error, OKNG_ERROR_INTERNAL, "%s: %s, a %s, has parameters of the wrong roles", graph->backbone,
                         node->name, row->name);
    if (node->input_count > 0 && !depends_on_input(graph, node))
        return okng_fail(error, OKNG_ERROR_INTERNAL, "%s: %s, a %s, begins with a constant, expected it to come second",
                         graph->backbone, node->name, row->name);
    if (row->shape) OKNG_TRY(row->shape(graph, node, error));
    if (node->shape.rank >= 1 && node->shape.rank <= OKNG_RANK_MAX) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_INTERNAL, "%s: %s has rank %d, expected 1..%d", graph->backbone, node->name,
                     node->shape.rank, OKNG_RANK_MAX);
}
