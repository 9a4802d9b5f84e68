#include "net/graph.h"
#include "net/node.h"

static int64_t param_elements(const okng_param *param)
{
    int64_t elements = 1;
    for (int i = 0; i < param->dims; i++) elements *= param->shape[i];
    return elements;
}

/* Running mean and variance are buffers, not parameters, in PyTorch's words. */
static bool counts(const okng_param *param)
{
    return param->role != OKNG_ROLE_MEAN && param->role != OKNG_ROLE_VARIANCE;
}

int64_t okng_graph_parameters(const okng_graph *graph)
{
    int64_t total = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        const okng_node *node = &graph->nodes[i];
        for (int k = 0; k < node->param_count; k++)
            if (counts(&node->params[k])) total += param_elements(&node->params[k]);
    }
    return total;
}

double okng_graph_flops(const okng_graph *graph)
{
    double total = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        const okng_node *node = &graph->nodes[i];
        if (node->op != OKNG_OP_CONV) continue;
        const int64_t *w = okng_node_param(node, OKNG_ROLE_WEIGHT)->shape;
        double pixels = (double)node->shape[0] * (double)node->shape[2] * (double)node->shape[3];
        total += 2.0 * pixels * (double)(w[0] * w[1] * w[2] * w[3]);
    }
    return total;
}
