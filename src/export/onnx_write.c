#include "export/export.h"
#include "export/onnx_file.h"
#include "export/ops.h"

enum { OPSET_FIRST = 17, OPSET_RESIZE = 18, OPSET_LAST = 20 };

static okng_status choose_opset(const okng_export_walk *walk, int32_t asked, int32_t *opset, okng_error *error)
{
    if (asked != 0 && (asked < OPSET_FIRST || asked > OPSET_LAST))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "opset %d, expected %d to %d", (int)asked, (int)OPSET_FIRST,
                         (int)OPSET_LAST);
    *opset = asked ? asked : OPSET_FIRST;
    for (size_t i = 0; i < walk->program->count && asked == 0; i++)
        if (walk->live[i] && walk->program->nodes[i].op == OKNG_PROGRAM_RESIZE) *opset = OPSET_RESIZE;
    return OKNG_OK;
}

/* One that is written as float16 gets a node that makes it float32 again. */
static void add_constant(okng_onnx_graph *graph, const okng_export_walk *walk, size_t i)
{
    const okng_program_node *node = &walk->program->nodes[i];
    okng_onnx_constant constant = {.name = walk->names[i],
                                   .dtype = node->type.dtype,
                                   .rank = node->type.rank,
                                   .dims = node->type.dims,
                                   .data = node->data,
                                   .count = (size_t)okng_program_elements(&node->type),
                                   .half = walk->half[i],
                                   .lasting = !node->own};
    if (constant.half) constant.name = okng_arena_print(&graph->arena, "%s.float16", walk->names[i]);
    if (!constant.name) return;
    okng_onnx_constant_add(graph, &constant);
    if (!constant.half) return;
    OkngOnnx__NodeProto *cast = okng_onnx_node(graph, "Cast", &constant.name, 1, walk->names[i]);
    okng_onnx_int(graph, cast, "to", okng_onnx_type(OKNG_F32));
}

static okng_status add_nodes(okng_onnx_graph *graph, const okng_export_walk *walk, okng_error *error)
{
    for (size_t i = 0; i < walk->program->count; i++) {
        const okng_export_step step = {walk, &walk->program->nodes[i], (okng_program_value)i};
        if (!walk->live[i]) continue;
        if (step.node->op == OKNG_PROGRAM_CONSTANT) add_constant(graph, walk, i);
        const okng_export_row *row = okng_export_row_of(step.node->op);
        if (row->onnx) OKNG_TRY(row->onnx(graph, &step, error));
    }
    return OKNG_OK;
}

static void add_values(okng_onnx_graph *graph, const okng_export_walk *walk)
{
    static const char *const free_names[OKNG_PROGRAM_RANK_MAX] = {"N", "axis_1", "height", "width", "axis_4", "axis_5"};
    const okng_program *p = walk->program;
    for (int32_t i = 0; i < p->input_count; i++) {
        const okng_program_node *node = &p->nodes[p->inputs[i]];
        okng_onnx_value(graph, false, node->name, okng_onnx_type(node->type.dtype), node->type.rank, node->type.dims,
                        free_names);
    }
    for (int32_t i = 0; i < p->output_count; i++) {
        const okng_program_node *node = &p->nodes[p->outputs[i].value];
        okng_onnx_value(graph, true, p->outputs[i].name, okng_onnx_type(node->type.dtype), node->type.rank,
                        node->type.dims, free_names);
        const char *from = walk->names[p->outputs[i].value];
        if (walk->again[i]) (void)okng_onnx_node(graph, "Identity", &from, 1, p->outputs[i].name);
    }
}

/* image: NULL to write files. */
static okng_status write(const okng_program *program, const okng_export_target *target, okng_export_files *files,
                         okng_export_image *image, okng_error *error)
{
    okng_export_walk walk;
    okng_onnx_graph graph = {0};
    OKNG_TRY(okng_export_walk_begin(&walk, program, target->half, error));
    okng_status status = choose_opset(&walk, target->opset, &graph.opset, error);
    if (status == OKNG_OK) status = add_nodes(&graph, &walk, error);
    if (status == OKNG_OK) {
        add_values(&graph, &walk);
        status = image ? okng_onnx_file_image(&graph, target, image, error)
                       : okng_onnx_file_write(&graph, target, files, error);
    }
    okng_onnx_graph_free(&graph);
    okng_export_walk_end(&walk);
    return status;
}

okng_status okng_export_onnx(const okng_program *program, const okng_export_target *target, okng_export_files *files,
                             okng_error *error)
{
    return write(program, target, files, NULL, error);
}

okng_status okng_export_onnx_image(okng_export_image *image, const okng_program *program,
                                   const okng_export_target *target, okng_error *error)
{
    *image = (okng_export_image){0};
    return write(program, target, NULL, image, error);
}
