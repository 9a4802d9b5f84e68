#include "export/walk.h"

#include <math.h>
#include <string.h>

#include "export/export.h"

/* ---- what is needed ---------------------------------------------------------------------------------------------- */

static void find_live(okng_export_walk *walk)
{
    const okng_program *p = walk->program;
    for (int32_t i = 0; i < p->output_count; i++) walk->live[p->outputs[i].value] = true;
    for (int32_t i = 0; i < p->input_count; i++) walk->live[p->inputs[i]] = true;
    for (size_t i = p->count; i-- > 0;) {
        const okng_program_node *node = &p->nodes[i];
        if (!walk->live[i]) continue;
        for (int32_t k = 0; k < node->input_count; k++)
            if (node->inputs[k] >= 0) walk->live[node->inputs[k]] = true;
    }
    for (size_t i = 1; i < p->count; i++)
        if (p->nodes[i].op == OKNG_PROGRAM_TOP_K_INDICES && walk->live[i - 1]) walk->live[i] = true;
}

static const float half_largest = 65504.0f;

/* Numbers that float16 cannot hold stay as they are. */
static bool fits_half(const okng_program_node *node)
{
    const int64_t count = okng_program_elements(&node->type);
    if (node->op != OKNG_PROGRAM_CONSTANT || node->type.dtype != OKNG_F32 || count < OKNG_EXPORT_HALF) return false;
    for (int64_t i = 0; i < count; i++) {
        float value;
        memcpy(&value, (const char *)node->data + (size_t)i * sizeof value, sizeof value);
        if (!(fabsf(value) <= half_largest)) return false;
    }
    return true;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static bool is_taken(const okng_export_walk *walk, const char *name)
{
    const okng_program *p = walk->program;
    if (strncmp(name, "okng_", 5) == 0 || strncmp(name, "constant_", 9) == 0) return true;
    for (int32_t i = 0; i < p->output_count; i++)
        if (strcmp(name, p->outputs[i].name) == 0) return true;
    return false;
}

static const char *name_of(okng_export_walk *walk, size_t i)
{
    const okng_program_node *node = &walk->program->nodes[i];
    if (node->op == OKNG_PROGRAM_INPUT) return node->name;
    if (node->name && !is_taken(walk, node->name)) return node->name;
    if (node->name) return okng_arena_print(&walk->arena, "constant_%s", node->name);
    return okng_arena_print(&walk->arena, "okng_%zu_%s", i, okng_program_row_of(node->op)->name);
}

/* An output's name goes to the operator that makes it; to no input, no constant, and once. */
static void name_outputs(okng_export_walk *walk)
{
    const okng_program *p = walk->program;
    for (int32_t i = 0; i < p->output_count; i++) {
        const okng_program_value value = p->outputs[i].value;
        const okng_program_op op = p->nodes[value].op;
        walk->again[i] = op == OKNG_PROGRAM_INPUT || op == OKNG_PROGRAM_CONSTANT || walk->names[value];
        if (!walk->again[i]) walk->names[value] = p->outputs[i].name;
    }
}

okng_status okng_export_walk_begin(okng_export_walk *walk, const okng_program *program, bool half, okng_error *error)
{
    *walk = (okng_export_walk){.program = program};
    OKNG_TRY(okng_program_check(program, error));
    if (program->output_count == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a program without outputs cannot be exported");
    walk->live = okng_arena_take(&walk->arena, program->count, sizeof *walk->live);
    walk->names = okng_arena_take(&walk->arena, program->count, sizeof *walk->names);
    walk->half = okng_arena_take(&walk->arena, program->count, sizeof *walk->half);
    walk->again = okng_arena_take(&walk->arena, (size_t)program->output_count, sizeof *walk->again);
    if (walk->arena.wanted == 0) {
        find_live(walk);
        name_outputs(walk);
        for (size_t i = 0; i < program->count; i++) {
            if (!walk->live[i]) continue;
            if (!walk->names[i]) walk->names[i] = name_of(walk, i);
            walk->half[i] = half && fits_half(&program->nodes[i]);
        }
    }
    if (walk->arena.wanted == 0) return OKNG_OK;
    const size_t wanted = walk->arena.wanted;
    okng_export_walk_end(walk);
    return okng_fail_memory(error, wanted);
}

void okng_export_walk_end(okng_export_walk *walk)
{
    okng_arena_free(&walk->arena);
    *walk = (okng_export_walk){0};
}
