#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/node.h"

/* ---- prune ---- */

/* renumbered[i] = 1 for every node that an output needs, directly or not. */
static void find_needed(const okng_graph *graph, okng_value *renumbered)
{
    for (int i = 0; i < graph->output_count; i++) renumbered[graph->outputs[i]] = 1;
    for (size_t i = graph->node_count; i-- > 0;) {
        if (!renumbered[i]) continue;
        for (int k = 0; k < 2; k++)
            if (graph->nodes[i].inputs[k] != OKNG_NO_VALUE) renumbered[graph->nodes[i].inputs[k]] = 1;
    }
}

static void renumber(okng_graph *graph, const okng_value *renumbered)
{
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < 2; k++) {
            okng_value *input = &graph->nodes[i].inputs[k];
            if (*input != OKNG_NO_VALUE) *input = renumbered[*input];
        }
    for (int i = 0; i < graph->output_count; i++) graph->outputs[i] = renumbered[graph->outputs[i]];
}

static void renumber_marks(okng_graph *graph, const okng_value *renumbered)
{
    size_t kept = 0;
    for (size_t i = 0; i < graph->mark_count; i++)
        if (renumbered[graph->marks[i].value] != OKNG_NO_VALUE) {
            graph->marks[kept] = graph->marks[i];
            graph->marks[kept].value = renumbered[graph->marks[i].value];
            kept++;
        }
    graph->mark_count = kept;
}

okng_status okng_graph_prune(okng_graph *graph, okng_error *error)
{
    okng_value *renumbered = okng_alloc_zero(graph->node_count, sizeof *renumbered);
    if (!renumbered) return okng_fail_memory(error, graph->node_count * sizeof *renumbered);
    find_needed(graph, renumbered);
    size_t kept = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        if (!renumbered[i]) {
            renumbered[i] = OKNG_NO_VALUE;
            continue;
        }
        renumbered[i] = (okng_value)kept;
        if (kept != i) graph->nodes[kept] = graph->nodes[i];
        kept++;
    }
    graph->node_count = kept;
    renumber(graph, renumbered);
    renumber_marks(graph, renumbered);
    free(renumbered);
    return OKNG_OK;
}

/* ---- fuse ---- */

/* The state of the pass. Both arrays have one entry per node. */
typedef struct fusion {
    okng_graph *graph;
    int32_t *uses;      /* readers of a value, outputs of the graph among them */
    okng_value *become; /* the value that a fused node's result is now */
} fusion;

/* The convolution that makes `value`, when what comes next may still be fused into it. */
static okng_node *open_conv(const fusion *f, okng_value value)
{
    okng_node *node = &f->graph->nodes[value];
    return node->op == OKNG_OP_CONV && f->uses[value] == 1 && !node->relu ? node : NULL;
}

static bool fuse_batch_norm(const fusion *f, const okng_node *node, okng_value *into)
{
    *into = node->inputs[0];
    okng_node *conv = open_conv(f, *into);
    if (!conv || conv->normalized || conv->inputs[1] != OKNG_NO_VALUE) return false;
    conv->normalized = true;
    conv->epsilon = node->epsilon;
    memcpy(&conv->params[conv->param_count], node->params, (size_t)node->param_count * sizeof *node->params);
    conv->param_count += node->param_count;
    return true;
}

/* Into the later of the two operands: the list stays in an order that can be executed. */
static bool fuse_add(const fusion *f, const okng_node *node, okng_value *into)
{
    okng_value x = node->inputs[0], y = node->inputs[1];
    *into = x > y ? x : y;
    okng_node *conv = open_conv(f, *into);
    if (!conv || x == y || conv->inputs[1] != OKNG_NO_VALUE) return false;
    conv->inputs[1] = x > y ? y : x;
    return true;
}

static bool fuse_relu(const fusion *f, const okng_node *node, okng_value *into)
{
    *into = node->inputs[0];
    okng_node *conv = open_conv(f, *into);
    if (!conv) return false;
    conv->relu = true;
    return true;
}

static bool fuse_node(const fusion *f, const okng_node *node, okng_value *into)
{
    switch (node->op) {
    case OKNG_OP_BATCH_NORM:
        return fuse_batch_norm(f, node, into);
    case OKNG_OP_ADD:
        return fuse_add(f, node, into);
    case OKNG_OP_RELU:
        return fuse_relu(f, node, into);
    default:
        return false;
    }
}

static void fuse_all(const fusion *f)
{
    okng_graph *graph = f->graph;
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < 2; k++)
            if (graph->nodes[i].inputs[k] != OKNG_NO_VALUE) f->uses[graph->nodes[i].inputs[k]]++;
    for (int i = 0; i < graph->output_count; i++) f->uses[graph->outputs[i]]++;

    for (size_t i = 0; i < graph->node_count; i++) {
        okng_node *node = &graph->nodes[i];
        for (int k = 0; k < 2; k++)
            if (node->inputs[k] != OKNG_NO_VALUE) node->inputs[k] = f->become[node->inputs[k]];
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
    okng_status status = OKNG_OK;
    if (f.uses && f.become)
        fuse_all(&f);
    else
        status = okng_fail_memory(error, graph->node_count * sizeof *f.uses);
    free(f.uses);
    free(f.become);
    return status == OKNG_OK ? okng_graph_prune(graph, error) : status;
}
