#include "net/node.h"

#include <stdlib.h>
#include <string.h>

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
