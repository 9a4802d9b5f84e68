/* What an operator's writer asks about its place in the walk. */
#include "export/ops.h"

const char *okng_export_input(const okng_export_step *step, int32_t i)
{
    if (i >= step->node->input_count || step->node->inputs[i] < 0) return NULL;
    return step->walk->names[step->node->inputs[i]];
}

const okng_program_type *okng_export_input_type(const okng_export_step *step, int32_t i)
{
    return &step->walk->program->nodes[step->node->inputs[i]].type;
}

const char *okng_export_result(const okng_export_step *step)
{
    return step->walk->names[step->value];
}
