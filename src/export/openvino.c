/* OpenVINO IR: a program to NAME.xml and NAME.bin. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "export/export.h"
#include "export/ir_types.h"
#include "export/model_files.h"
#include "export/openvino_ops.h"

enum { IR_VERSION = 11 };

/* ---- layers --------------------------------------------------------------------------------------------------- */

static void write_input(okng_openvino_graph *graph, okng_program_value value)
{
    const okng_program_type *type = &graph->walk->program->nodes[value].type;
    char shape[OKNG_PROGRAM_RANK_MAX * 24] = "";
    size_t used = 0;
    for (int32_t i = 0; i < type->rank; i++)
        used += type->dims[i] == OKNG_ANY ? (size_t)snprintf(shape + used, sizeof shape - used, "%s?", i > 0 ? "," : "")
                                          : (size_t)snprintf(shape + used, sizeof shape - used, "%s%lld",
                                                             i > 0 ? "," : "", (long long)type->dims[i]);
    graph->values[value] = okng_openvino_add(
        graph, &(okng_openvino_layer){.type = "Parameter",
                                      .name = graph->walk->names[value],
                                      .opset = 1,
                                      .attributes = okng_openvino_print(graph, "shape=\"%s\" element_type=\"%s\"",
                                                                        shape, okng_ir_element(type->dtype)),
                                      .outputs = type,
                                      .output_count = 1,
                                      .tensor_names = {okng_openvino_tensor_names(graph, value)}});
}

static okng_status write_value(okng_openvino_graph *graph, okng_program_value value, okng_error *error)
{
    const okng_export_walk *walk = graph->walk;
    const okng_program_node *node = &walk->program->nodes[value];
    if (!okng_ir_element(node->type.dtype))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: OpenVINO IR has no type for %s", walk->names[value],
                         okng_dtype_name(node->type.dtype));
    switch (node->op) {
    case OKNG_PROGRAM_INPUT:
        write_input(graph, value);
        return OKNG_OK;
    case OKNG_PROGRAM_CONSTANT:
        graph->values[value] = okng_openvino_value(graph, value, walk->names[value], &node->type);
        return OKNG_OK;
    case OKNG_PROGRAM_TOP_K_INDICES: /* written with the values */
        return OKNG_OK;
    default:
        break;
    }
    const okng_export_row *row = okng_export_row_of(node->op);
    if (!row->openvino)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: OpenVINO IR is not written for %s", walk->names[value],
                         okng_program_row_of(node->op)->name);
    return row->openvino(graph, &(okng_export_step){.walk = walk, .node = node, .value = value}, error);
}

static okng_status write_layers(okng_openvino_graph *graph, okng_error *error)
{
    const okng_export_walk *walk = graph->walk;
    for (size_t i = 0; i < walk->program->count; i++)
        if (walk->live[i]) OKNG_TRY(write_value(graph, (okng_program_value)i, error));
    for (int32_t i = 0; i < walk->program->output_count; i++) {
        const okng_program_result *output = &walk->program->outputs[i];
        (void)okng_openvino_add(graph,
                                &(okng_openvino_layer){.type = "Result",
                                                       .name = okng_openvino_print(graph, "%s/result", output->name),
                                                       .opset = 1,
                                                       .inputs = &graph->values[output->value],
                                                       .input_count = 1});
    }
    return OKNG_OK;
}

/* ---- NAME.bin ---------------------------------------------------------------------------------------------------- */

/* Constants at their offsets, zeros between. */
static void put_constants(FILE *stream, const okng_openvino_graph *graph)
{
    static const char zeros[OKNG_OPENVINO_ALIGNMENT];
    uint64_t at = 0;
    for (size_t i = 0; i < graph->constant_count; i++) {
        const okng_openvino_constant *constant = &graph->constants[i];
        const size_t size = okng_dtype_size(constant->half ? OKNG_F16 : constant->dtype);
        (void)fwrite(zeros, 1, (size_t)(constant->offset - at), stream);
        okng_export_put_numbers(stream, constant->data, constant->dtype, constant->count, constant->half);
        at = constant->offset + constant->count * size;
    }
}

/* ---- NAME.xml ---------------------------------------------------------------------------------------------------- */

typedef struct job {
    okng_openvino_graph graph;
    const okng_export_target *target;
    char *layers, *edges, *bin_path;
    size_t layers_size, edges_size;
    okng_writer xml, bin;
} job;

/* As model.get_rt_info(["okng", KEY]) of OpenVINO finds them. A key is the name of an element: letters and "_". */
static void put_notes(job *j)
{
    FILE *out = j->xml.stream;
    (void)fprintf(out, "\t<rt_info>\n\t\t<okng>\n");
    for (size_t i = 0; i < j->target->note_count; i++) {
        char key[64];
        const char *whole = j->target->notes[i].key;
        (void)snprintf(key, sizeof key, "%s", strncmp(whole, "okng.", 5) == 0 ? whole + 5 : whole);
        for (char *c = key; *c; c++)
            if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (c > key && *c >= '0' && *c <= '9')))
                *c = '_';
        (void)fprintf(out, "\t\t\t<%s value=\"%s\" />\n", key,
                      okng_openvino_escape(&j->graph, j->target->notes[i].value));
    }
    (void)fprintf(out, "\t\t</okng>\n\t</rt_info>\n");
}

static void put_model(job *j)
{
    FILE *out = j->xml.stream;
    (void)fprintf(out, "<?xml version=\"1.0\"?>\n<net name=\"%s\" version=\"%d\">\n\t<layers>\n",
                  okng_openvino_escape(&j->graph, j->target->name ? j->target->name : "okng"), (int)IR_VERSION);
    (void)fwrite(j->layers, 1, j->layers_size, out);
    (void)fprintf(out, "\t</layers>\n\t<edges>\n");
    (void)fwrite(j->edges, 1, j->edges_size, out);
    (void)fprintf(out, "\t</edges>\n");
    put_notes(j);
    (void)fprintf(out, "</net>\n");
}

/* ---- both -------------------------------------------------------------------------------------------------------- */

static okng_status make_bin_path(job *j, okng_error *error)
{
    const char *path = j->target->path;
    const size_t length = strlen(path);
    if (length < 5 || strcmp(path + length - 4, ".xml") != 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%s: OpenVINO finds the numbers of NAME.xml in NAME.bin; expected a name that ends in .xml",
                         path);
    if (asprintf(&j->bin_path, "%.*s.bin", (int)(length - 4), path) < 0) {
        j->bin_path = NULL;
        return okng_fail_memory(error, length + 1);
    }
    return OKNG_OK;
}

/* All memory of the graph is there, its texts taken. */
static okng_status take_texts(job *j, okng_error *error)
{
    okng_openvino_graph *graph = &j->graph;
    FILE *layers = graph->layers, *edges = graph->edges;
    graph->layers = graph->edges = NULL;
    okng_status status = okng_grown_close(&graph->layers_text, layers, &j->layers, &j->layers_size, error);
    const okng_status other =
        okng_grown_close(&graph->edges_text, edges, &j->edges, &j->edges_size, status == OKNG_OK ? error : NULL);
    if (status == OKNG_OK) status = other;
    if (status == OKNG_OK && graph->arena.wanted > 0) status = okng_fail_memory(error, graph->arena.wanted);
    return status;
}

static okng_status write_files(job *j, okng_export_files *files, okng_error *error)
{
    OKNG_TRY(okng_writer_open(&j->bin, j->bin_path, error));
    const okng_status status = okng_writer_open(&j->xml, j->target->path, error);
    if (status != OKNG_OK) {
        okng_writer_abort(&j->bin);
        return status;
    }
    put_constants(j->bin.stream, &j->graph);
    put_model(j);
    if (j->graph.arena.wanted > 0) {
        okng_writer_abort(&j->bin);
        okng_writer_abort(&j->xml);
        return okng_fail_memory(error, j->graph.arena.wanted);
    }
    const okng_status settled = j->target->settled ? j->target->settled(j->target->owner, error) : OKNG_OK;
    if (settled != OKNG_OK) {
        okng_writer_abort(&j->bin);
        okng_writer_abort(&j->xml);
        return settled;
    }
    const long size = ftell(j->xml.stream);
    if (files) *files = (okng_export_files){.bytes = size > 0 ? (uint64_t)size : 0, .data_bytes = j->graph.bytes};
    return okng_export_commit_both(&j->xml, &j->bin, error);
}

okng_status okng_export_openvino(const okng_program *program, const okng_export_target *target,
                                 okng_export_files *files, okng_error *error)
{
    okng_export_walk walk;
    job j = {.target = target};
    OKNG_TRY(okng_export_walk_begin(&walk, program, target->half, error));
    okng_status status = make_bin_path(&j, error);
    if (status == OKNG_OK) status = okng_openvino_graph_begin(&j.graph, &walk, error);
    if (status == OKNG_OK) {
        status = write_layers(&j.graph, error);
        if (status == OKNG_OK) status = take_texts(&j, error);
        if (status == OKNG_OK) status = write_files(&j, files, error);
        okng_openvino_graph_end(&j.graph);
    }
    free(j.layers);
    free(j.edges);
    free(j.bin_path);
    okng_export_walk_end(&walk);
    return status;
}
