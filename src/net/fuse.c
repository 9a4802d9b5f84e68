#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/node.h"

/* The state of the pass. Both arrays have one entry per node. */
typedef struct fusion {
    okng_graph *graph;
    int32_t *uses;      /* readers of a value, outputs of the graph among them */
    okng_value *become; /* the value that a fused node's result is now */
    bool out_of_memory;
} fusion;

/* The convolution or linear map that makes `value`, when what comes next may still be fused into it. */
static okng_node *open_node(const fusion *f, okng_value value)
{
    okng_node *node = &f->graph->nodes[value];
    return okng_op_get(node->op)->fuses && f->uses[value] == 1 && node->activation == OKNG_OP_INPUT ? node : NULL;
}

/* The same, while its result is still as its weights make it: nothing scaled, nothing added. */
static okng_node *bare_node(const fusion *f, okng_value value)
{
    okng_node *node = open_node(f, value);
    return node && okng_node_residual(node) == OKNG_NO_VALUE && !okng_node_param(node, OKNG_ROLE_SCALE) ? node : NULL;
}

static bool fuse_batch_norm(const fusion *f, const okng_node *node, okng_value *into)
{
    *into = node->inputs[0];
    okng_node *conv = bare_node(f, *into);
    if (!conv || conv->op != OKNG_OP_CONV) return false;
    conv->normalized = true;
    conv->epsilon = node->epsilon;
    memcpy(&conv->params[conv->param_count], node->params, (size_t)node->param_count * sizeof *node->params);
    conv->param_count += node->param_count;
    return true;
}

/* A layer scale: the product with one number per channel becomes part of the weights. */
static bool fuse_multiply(const fusion *f, const okng_node *node, okng_value *into)
{
    *into = node->inputs[0];
    okng_node *linear = bare_node(f, *into);
    const okng_node *scale = &f->graph->nodes[node->inputs[1]];
    if (!linear || linear->op != OKNG_OP_LINEAR || scale->op != OKNG_OP_CONSTANT || scale->transform) return false;
    const okng_param *value = okng_node_param(scale, OKNG_ROLE_VALUE);
    if (value->shape.rank != 1 || value->shape.dims[0] != linear->shape.dims[linear->shape.rank - 1]) return false;
    linear->params[linear->param_count] = *value;
    linear->params[linear->param_count++].role = OKNG_ROLE_SCALE;
    return true;
}

/* Into the later of the two operands: the list stays in an order that can be executed. */
static bool fuse_add(fusion *f, const okng_node *node, okng_value *into)
{
    const okng_value x = node->inputs[0], y = node->inputs[1];
    *into = x > y ? x : y;
    okng_node *open = open_node(f, *into);
    const okng_value other = x > y ? y : x;
    if (!open || x == y || okng_node_residual(open) != OKNG_NO_VALUE || f->graph->nodes[other].op == OKNG_OP_CONSTANT ||
        !okng_shape_equal(&f->graph->nodes[other].shape, &open->shape))
        return false;
    f->out_of_memory = !okng_node_add_input(open, other);
    return !f->out_of_memory;
}

static bool fuse_activation(const fusion *f, const okng_node *node, okng_value *into)
{
    *into = node->inputs[0];
    okng_node *open = open_node(f, *into);
    if (!open) return false;
    open->activation = node->op;
    return true;
}

static bool fuse_node(fusion *f, const okng_node *node, okng_value *into)
{
    switch (node->op) {
    case OKNG_OP_BATCH_NORM:
        return fuse_batch_norm(f, node, into);
    case OKNG_OP_MULTIPLY:
        return fuse_multiply(f, node, into);
    case OKNG_OP_ADD:
        return fuse_add(f, node, into);
    case OKNG_OP_RELU:
    case OKNG_OP_GELU:
    case OKNG_OP_QUICK_GELU:
        return fuse_activation(f, node, into);
    default:
        return false;
    }
}

static void fuse_all(fusion *f)
{
    okng_graph *graph = f->graph;
    for (size_t i = 0; i < graph->node_count; i++)
        for (int32_t k = 0; k < graph->nodes[i].input_count; k++) f->uses[graph->nodes[i].inputs[k]]++;
    for (int i = 0; i < graph->output_count; i++) f->uses[graph->outputs[i]]++;

    for (size_t i = 0; i < graph->node_count && !f->out_of_memory; i++) {
        okng_node *node = &graph->nodes[i];
        for (int32_t k = 0; k < node->input_count; k++) node->inputs[k] = f->become[node->inputs[k]];
        okng_value into;
        f->become[i] = (okng_value)i;
        if (!fuse_node(f, node, &into)) continue;
        f->become[i] = into;
        f->uses[into] = f->uses[i];
    }
    for (int i = 0; i < graph->output_count; i++) graph->outputs[i] = f->become[graph->outputs[i]];
    for (size_t i = 0; i < graph->mark_count; i++) graph->marks[i].value = f->become[graph->marks[i].value];
}

okng_status okng_graph_fuse(okng_graph *graph, okng_error *error)
{
    fusion f = {.graph = graph,
                .uses = okng_alloc_zero(graph->node_count, sizeof *f.uses),
                .become = okng_alloc_zero(graph->node_count, sizeof *f.become)};
    f.out_of_memory = !f.uses || !f.become;
    if (!f.out_of_memory) fuse_all(&f);
    free(f.uses);
    free(f.become);
    return f.out_of_memory ? okng_fail_memory(error, graph->node_count * sizeof *f.uses)
                           : okng_graph_prune(graph, error);
}
