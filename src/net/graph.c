#include "net/graph.h"

#include <stdlib.h>
#include <string.h>

#include "net/node.h"

const char *okng_op_name(okng_op op)
{
    static const char *const names[OKNG_OP_COUNT] = {"input", "conv", "batch_norm", "relu", "add", "max_pool"};
    return op < OKNG_OP_COUNT ? names[op] : "unknown operator";
}

const okng_param *okng_node_param(const okng_node *node, okng_role role)
{
    for (int i = 0; i < node->param_count; i++)
        if (node->params[i].role == role) return &node->params[i];
    return NULL;
}

void okng_graph_free(okng_graph **graph)
{
    if (!graph || !*graph) return;
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

void okng_graph_output_shape(const okng_graph *graph, int i, int64_t shape[4])
{
    memcpy(shape, graph->nodes[graph->outputs[i]].shape, 4 * sizeof *shape);
}

int32_t okng_graph_node_count(const okng_graph *graph)
{
    return (int32_t)graph->node_count;
}
