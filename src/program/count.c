#include "program/node.h"

static bool is_open(const okng_program_type *type)
{
    for (int32_t i = 0; i < type->rank; i++)
        if (type->dims[i] == OKNG_ANY) return true;
    return false;
}

static void count_constant(const okng_program_node *node, okng_program_costs *costs)
{
    const int64_t elements = okng_program_elements(&node->type);
    costs->constants += elements * (int64_t)okng_dtype_size(node->type.dtype);
    if (node->type.dtype == OKNG_F32 || node->type.dtype == OKNG_F16) costs->parameters += elements;
}

/* What depends on the batch grows with it. */
static void count_value(const okng_program *p, const okng_program_node *node, int64_t batch, okng_program_costs *costs)
{
    const okng_program_row *row = okng_program_row_of(node->op);
    const int64_t elements = okng_program_elements(&node->one), size = (int64_t)okng_dtype_size(node->type.dtype);
    const int64_t times = is_open(&node->type) ? batch : 1, most = INT64_MAX / 8;
    const int64_t bytes = (elements < 0 || elements > most / times ? most : elements * times) * size;
    if (bytes > costs->largest) costs->largest = bytes;
    if (!row->flops) return;
    okng_program_type inputs[3] = {0};
    for (int32_t k = 0; k < node->input_count && k < 3; k++) inputs[k] = p->nodes[node->inputs[k]].one;
    costs->flops += (double)times * row->flops(node, inputs, &node->one);
}

void okng_program_count(const okng_program *p, int64_t batch, okng_program_costs *costs)
{
    *costs = (okng_program_costs){0};
    for (size_t i = 0; i < p->count; i++) {
        const okng_program_node *node = &p->nodes[i];
        if (node->op == OKNG_PROGRAM_CONSTANT)
            count_constant(node, costs);
        else
            count_value(p, node, batch < 1 ? 1 : batch, costs);
    }
}
