#include "net/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/node.h"

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

static okng_status copy_nodes(okng_graph *copy, const okng_graph *graph, okng_error *error)
{
    copy->nodes = okng_alloc(graph->node_count, sizeof *copy->nodes);
    if (!copy->nodes) return okng_fail_memory(error, graph->node_count * sizeof *copy->nodes);
    for (size_t i = 0; i < graph->node_count; i++) {
        const okng_node *from = &graph->nodes[i];
        okng_node *to = &copy->nodes[copy->node_count++];
        *to = *from;
        to->inputs = NULL;
        to->input_count = 0;
        for (int32_t k = 0; k < from->input_count; k++)
            if (!okng_node_add_input(to, from->inputs[k])) return okng_fail_memory(error, sizeof *to->inputs);
    }
    return OKNG_OK;
}

okng_status okng_graph_copy(okng_graph **out, const okng_graph *graph, okng_error *error)
{
    *out = NULL;
    okng_graph *copy = calloc(1, sizeof *copy);
    if (!copy) return okng_fail_memory(error, sizeof *copy);
    memcpy(copy->backbone, graph->backbone, sizeof copy->backbone);
    memcpy(copy->outputs, graph->outputs, sizeof copy->outputs);
    copy->output_count = graph->output_count;
    okng_status status = copy_nodes(copy, graph, error);
    if (status == OKNG_OK)
        *out = copy;
    else
        okng_graph_free(&copy);
    return status;
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
