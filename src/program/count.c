#include "program/node.h"

/* The type for so many pictures. */
static okng_program_type fixed(const okng_program_type *type, int64_t batch)
{
    okng_program_type result = *type;
    for (int32_t i = 0; i < type->rank; i++)
        if (type->dims[i] == OKNG_ANY) result.dims[i] = i == 0 ? batch : 1;
    return result;
}

static void count_constant(const okng_program_node *node, okng_program_costs *costs)
{
    const int64_t elements = okng_program_elements(&node->type);
    costs->constants += elements * (int64_t)okng_dtype_size(node->type.dtype);
    if (node->type.dtype == OKNG_F32 || node->type.dtype == OKNG_F16) costs->parameters += elements;
}

void okng_program_count(const okng_program *p, int64_t batch, okng_program_costs *costs)
{
    *costs = (okng_program_costs){0};
    for (size_t i = 0; i < p->count; i++) {
        const okng_program_node *node = &p->nodes[i];
        if (node->op == OKNG_PROGRAM_CONSTANT) {
            count_constant(node, costs);
            continue;
        }
        const okng_program_type result = fixed(&node->type, batch);
        const int64_t elements = okng_program_elements(&result), most = INT64_MAX / 8;
        const int64_t bytes = (elements < 0 ? most : elements) * (int64_t)okng_dtype_size(result.dtype);
        if (bytes > costs->largest) costs->largest = bytes;
        const okng_program_row *row = okng_program_row_of(node->op);
        if (!row->flops) continue;
        okng_program_type inputs[3] = {0};
        for (int32_t k = 0; k < node->input_count && k < 3; k++)
            inputs[k] = fixed(&p->nodes[node->inputs[k]].type, batch);
        costs->flops += row->flops(node, inputs, &result);
    }
}
