#include <stdlib.h>
#include <sys/mman.h>

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
                                   .half = walk->half[i]};
    if (constant.half) constant.name = okng_arena_print(&graph->arena, "%s.float16", walk->names[i]);
    if (!constant.name) return;
    okng_onnx_constant_add(graph, &constant);
    if (!constant.half) return;
    OkngOnnx__NodeProto *cast = okng_onnx_node(graph, "Cast", &constant.name, 1, walk->names[i]);
    okng_onnx_int(graph, cast, "to", okng_onnx_type(OKNG_F32));
}

/* ---- what is lent ------------------------------------------------------------------------------------------------ */

struct okng_export_image_inside {
    okng_arena arena; /* of names and shapes */
    okng_export_apart *apart;
    size_t apart_count;
};

static uint64_t bytes_of(const okng_program_node *node)
{
    return (uint64_t)okng_program_elements(&node->type) * okng_dtype_size(node->type.dtype);
}

/* An input in place of a constant. Room in `apart` was made before. */
static void lend(okng_onnx_graph *graph, const okng_export_walk *walk, size_t i,
                 struct okng_export_image_inside *inside)
{
    const okng_program_node *node = &walk->program->nodes[i];
    const okng_program_type *type = &node->type;
    okng_onnx_value(graph, false, walk->names[i], okng_onnx_type(type->dtype), type->rank, type->dims, NULL);
    inside->apart[inside->apart_count++] = (okng_export_apart){
        .name = okng_arena_print(&inside->arena, "%s", walk->names[i]),
        .dtype = type->dtype,
        .rank = type->rank,
        .dims = okng_arena_copy(&inside->arena, type->dims, (size_t)type->rank * sizeof *type->dims),
        .data = node->data,
        .bytes = (size_t)bytes_of(node)};
}

/* inside: NULL where nothing is lent. */
static okng_status add_nodes(okng_onnx_graph *graph, const okng_export_walk *walk,
                             struct okng_export_image_inside *inside, okng_error *error)
{
    for (size_t i = 0; i < walk->program->count; i++) {
        const okng_export_step step = {walk, &walk->program->nodes[i], (okng_program_value)i};
        if (!walk->live[i]) continue;
        const bool constant = step.node->op == OKNG_PROGRAM_CONSTANT;
        if (constant && inside && !step.node->own && bytes_of(step.node) >= OKNG_EXPORT_APART)
            lend(graph, walk, i, inside);
        else if (constant)
            add_constant(graph, walk, i);
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
    if (status == OKNG_OK) status = add_nodes(&graph, &walk, image ? image->inside : NULL, error);
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
                                   const okng_export_target *target, bool lends, okng_error *error)
{
    struct okng_export_image_inside *inside = NULL;
    *image = (okng_export_image){0};
    if (lends) {
        inside = image->inside = calloc(1, sizeof *inside);
        if (!inside) return okng_fail_memory(error, sizeof *inside);
        inside->apart = okng_arena_take(&inside->arena, program->count + 1, sizeof *inside->apart);
    }
    if (inside && inside->arena.wanted > 0) return okng_fail_memory(error, inside->arena.wanted);
    OKNG_TRY(write(program, target, NULL, image, error));
    if (inside && inside->arena.wanted > 0) return okng_fail_memory(error, inside->arena.wanted);
    image->apart = inside ? inside->apart : NULL;
    image->apart_count = inside ? inside->apart_count : 0;
    return OKNG_OK;
}

void okng_export_image_free(okng_export_image *image)
{
    if (image->bytes) (void)munmap((void *)(uintptr_t)image->bytes, image->size);
    if (image->inside) okng_arena_free(&image->inside->arena);
    free(image->inside);
    *image = (okng_export_image){0};
}
