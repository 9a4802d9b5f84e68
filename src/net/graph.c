#include "net/graph.h"

#include <stdlib.h>
#include <string.h>

#include "net/node.h"

/* ---- shapes ---- */

int64_t okng_shape_elements(const okng_shape *shape)
{
    int64_t elements = 1;
    for (int32_t i = 0; i < shape->rank; i++) elements *= shape->dims[i];
    return elements;
}

bool okng_shape_equal(const okng_shape *a, const okng_shape *b)
{
    return a->rank == b->rank && memcmp(a->dims, b->dims, (size_t)a->rank * sizeof *a->dims) == 0;
}

/* ---- nodes ---- */

const okng_param *okng_node_param(const okng_node *node, okng_role role)
{
    for (int i = 0; i < node->param_count; i++)
        if (node->params[i].role == role) return &node->params[i];
    return NULL;
}

okng_value okng_node_residual(const okng_node *node)
{
    return node->input_count > 1 ? node->inputs[1] : OKNG_NO_VALUE;
}

bool okng_node_add_input(okng_node *node, okng_value value)
{
    okng_value *inputs = realloc(node->inputs, ((size_t)node->input_count + 1) * sizeof *inputs);
    if (!inputs) return false;
    node->inputs = inputs;
    node->inputs[node->input_count++] = value;
    return true;
}

/* ---- graphs ---- */

void okng_graph_free(okng_graph **graph)
{
    if (!graph || !*graph) return;
    for (size_t i = 0; i < (*graph)->node_count; i++) free((*graph)->nodes[i].inputs);
    free((*graph)->nodes);
    free((*graph)->marks);
    free((*graph)->absent);
    free(*graph);
    *graph = NULL;
}

int okng_graph_output_count(const okng_graph *graph)
{
    return graph->output_count;
}

int32_t okng_graph_output_shape(const okng_graph *graph, int i, int64_t shape[4])
{
    const okng_shape *found = &graph->nodes[graph->outputs[i]].shape;
    memcpy(shape, found->dims, sizeof found->dims);
    return found->rank;
}

int32_t okng_graph_node_count(const okng_graph *graph)
{
    return (int32_t)graph->node_count;
}

int64_t okng_graph_parameters(const okng_graph *graph)
{
    int64_t total = 0;
    for (size_t i = 0; i < graph->node_count; i++) total += okng_node_parameters(&graph->nodes[i]);
    return total;
}

double okng_graph_flops(const okng_graph *graph)
{
    double total = 0;
    for (size_t i = 0; i < graph->node_count; i++) total += okng_node_flops(graph, &graph->nodes[i]);
    return total;
}
