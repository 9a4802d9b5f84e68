#include "grad/unfuse.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/builder.h"

typedef struct unfusing {
    okng_builder b;
    okng_value *become; /* [nodes of the fused graph]: the value in the new one */
} unfusing;

/* A copy of the node with its inputs, as the new graph numbers them; the first `inputs` of them. */
static okng_value copy_node(unfusing *u, const okng_node *from, int32_t inputs)
{
    okng_node *node = okng_net_begin(&u->b, from->op, "", from->name, NULL, 0);
    if (!node) return OKNG_NO_VALUE;
    *node = *from;
    node->inputs = NULL;
    node->input_count = 0;
    for (int32_t k = 0; k < inputs; k++)
        if (!okng_node_add_input(node, u->become[from->inputs[k]])) {
            okng_net_fail(&u->b, OKNG_ERROR_MEMORY, "out of memory for the graph");
            return OKNG_NO_VALUE;
        }
    return (okng_value)(u->b.graph->node_count - 1);
}

/* Takes the layer scale out of the parameters of a node; false where there is none. */
static bool take_scale(okng_node *node, okng_param *scale)
{
    for (int32_t k = 0; k < node->param_count; k++) {
        if (node->params[k].role != OKNG_ROLE_SCALE) continue;
        *scale = node->params[k];
        scale->role = OKNG_ROLE_VALUE;
        node->params[k] = node->params[--node->param_count];
        return true;
    }
    return false;
}

static okng_value scale_by(unfusing *u, okng_value x, const okng_param *scale, const char *name)
{
    const okng_value value = okng_net_constant(&u->b, "", scale->name, scale->shape);
    return okng_net_multiply(&u->b, x, value, name, "scale");
}

static okng_value activate(unfusing *u, okng_value x, okng_op activation, const char *name)
{
    if (activation == OKNG_OP_RELU) return okng_net_relu(&u->b, x, name, "relu");
    if (activation == OKNG_OP_GELU) return okng_net_gelu(&u->b, x, name, "gelu");
    return okng_net_quick_gelu(&u->b, x, name, "quick_gelu");
}

/* scale, sum and activation follow the linear map in this order. */
static okng_value unfuse_linear(unfusing *u, const okng_node *fused)
{
    okng_param scale;
    okng_value x = copy_node(u, fused, 1);
    if (x == OKNG_NO_VALUE) return x;
    okng_node *node = &u->b.graph->nodes[x];
    node->activation = OKNG_OP_INPUT;
    if (take_scale(node, &scale)) x = scale_by(u, x, &scale, fused->name);
    const okng_value other = okng_node_residual(fused);
    if (other != OKNG_NO_VALUE) x = okng_net_add(&u->b, x, u->become[other], fused->name, "add");
    return fused->activation == OKNG_OP_INPUT ? x : activate(u, x, fused->activation, fused->name);
}

static okng_status unfuse(unfusing *u, const okng_graph *graph)
{
    memcpy(u->b.graph->backbone, graph->backbone, sizeof graph->backbone);
    for (size_t i = 0; i < graph->node_count && u->b.status == OKNG_OK; i++) {
        const okng_node *node = &graph->nodes[i];
        u->become[i] = node->op == OKNG_OP_LINEAR ? unfuse_linear(u, node) : copy_node(u, node, node->input_count);
    }
    if (u->b.status != OKNG_OK) return u->b.status;
    u->b.graph->output_count = graph->output_count;
    for (int i = 0; i < graph->output_count; i++) u->b.graph->outputs[i] = u->become[graph->outputs[i]];
    return OKNG_OK;
}

okng_status okng_graph_unfuse(okng_graph **out, const okng_graph *graph, okng_error *error)
{
    unfusing u = {.b = {.graph = calloc(1, sizeof(okng_graph)), .error = error},
                  .become = okng_alloc(graph->node_count, sizeof *u.become)};
    *out = NULL;
    okng_status status = OKNG_ERROR_MEMORY;
    if (!u.b.graph || !u.become)
        (void)okng_fail_memory(error, graph->node_count * sizeof *u.become);
    else
        status = unfuse(&u, graph);
    free(u.become);
    if (status == OKNG_OK)
        *out = u.b.graph;
    else
        okng_graph_free(&u.b.graph);
    return status;
}
