#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/node.h"

/* renumbered[i] = 1 for every node that an output needs, directly or not. */
static void find_needed(const okng_graph *graph, okng_value *renumbered)
{
    for (int i = 0; i < graph->output_count; i++) renumbered[graph->outputs[i]] = 1;
    for (size_t i = graph->node_count; i-- > 0;) {
        if (!renumbered[i]) continue;
        for (int32_t k = 0; k < graph->nodes[i].input_count; k++) renumbered[graph->nodes[i].inputs[k]] = 1;
    }
}

static void renumber(okng_graph *graph, const okng_value *renumbered)
{
    for (size_t i = 0; i < graph->node_count; i++)
        for (int32_t k = 0; k < graph->nodes[i].input_count; k++)
            graph->nodes[i].inputs[k] = renumbered[graph->nodes[i].inputs[k]];
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
            free(graph->nodes[i].inputs);
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
