#include "export/openvino_graph.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "export/ir_types.h"

okng_status okng_openvino_graph_begin(okng_openvino_graph *graph, const okng_export_walk *walk, okng_error *error)
{
    *graph = (okng_openvino_graph){.walk = walk};
    graph->layers = okng_grown_stream(&graph->layers_text);
    graph->edges = okng_grown_stream(&graph->edges_text);
    graph->values = okng_arena_take(&graph->arena, walk->program->count, sizeof *graph->values);
    graph->offsets = okng_arena_take(&graph->arena, walk->program->count, sizeof *graph->offsets);
    if (graph->layers && graph->edges && graph->values && graph->offsets) return OKNG_OK;
    okng_openvino_graph_end(graph);
    return okng_fail_memory(error, walk->program->count * sizeof *graph->values);
}

void okng_openvino_graph_end(okng_openvino_graph *graph)
{
    if (graph->layers) (void)fclose(graph->layers);
    if (graph->edges) (void)fclose(graph->edges);
    free(graph->layers_text.data);
    free(graph->edges_text.data);
    free(graph->constants);
    okng_arena_free(&graph->arena);
    *graph = (okng_openvino_graph){0};
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

const char *okng_openvino_print(okng_openvino_graph *graph, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const char *text = okng_arena_print_list(&graph->arena, format, list);
    va_end(list);
    return text ? text : "";
}

/* What XML's attributes cannot hold as it is; NULL for what they can. Control characters have no way into XML 1.0. */
static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\t':
        return "&#9;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    default:
        return (unsigned char)c < 0x20 ? "_" : NULL;
    }
}

const char *okng_openvino_escape(okng_openvino_graph *graph, const char *text)
{
    size_t size = 1;
    for (const char *c = text; *c; c++) size += entity(*c) ? strlen(entity(*c)) : 1;
    char *escaped = okng_arena_take(&graph->arena, size, 1);
    if (!escaped) return "";
    char *at = escaped;
    for (const char *c = text; *c; c++)
        if (entity(*c))
            at = stpcpy(at, entity(*c));
        else
            *at++ = *c;
    *at = '\0';
    return escaped;
}

/* "," and "\" in a tensor's name are told from the comma between two names by a backslash. */
static const char *tensor_name(okng_openvino_graph *graph, const char *name)
{
    char text[2 * OKNG_PROGRAM_NAME_MAX];
    size_t used = 0;
    for (; *name && used + 2 < sizeof text; name++) {
        if (*name == ',') text[used++] = '\\';
        text[used++] = *name;
    }
    text[used] = '\0';
    return okng_openvino_escape(graph, text);
}

const char *okng_openvino_tensor_names(okng_openvino_graph *graph, okng_program_value value)
{
    const okng_program *p = graph->walk->program;
    const char *names = p->nodes[value].op == OKNG_PROGRAM_INPUT ? tensor_name(graph, p->nodes[value].name) : NULL;
    for (int32_t i = 0; i < p->output_count; i++) {
        if (p->outputs[i].value != value) continue;
        const char *name = tensor_name(graph, p->outputs[i].name);
        names = names ? okng_openvino_print(graph, "%s,%s", names, name) : name;
    }
    return names;
}

/* ---- layers ------------------------------------------------------------------------------------------------------ */

static void print_port(FILE *out, int32_t number, const okng_program_type *type, const char *names)
{
    const char *precision = okng_ir_precision(type->dtype);
    (void)fprintf(out, "\t\t\t\t<port id=\"%d\" precision=\"%s\"", number, precision ? precision : "UNSPECIFIED");
    if (names) (void)fprintf(out, " names=\"%s\"", names);
    (void)fprintf(out, type->rank > 0 ? ">\n" : " />\n");
    for (int32_t i = 0; i < type->rank; i++) (void)fprintf(out, "\t\t\t\t\t<dim>%" PRId64 "</dim>\n", type->dims[i]);
    if (type->rank > 0) (void)fprintf(out, "\t\t\t\t</port>\n");
}

static void print_inputs(okng_openvino_graph *graph, const okng_openvino_layer *layer)
{
    if (layer->input_count == 0) return;
    (void)fprintf(graph->layers, "\t\t\t<input>\n");
    for (int32_t i = 0; i < layer->input_count; i++) {
        const okng_openvino_port *from = &layer->inputs[i];
        print_port(graph->layers, i, &from->type, NULL);
        (void)fprintf(graph->edges, "\t\t<edge from-layer=\"%d\" from-port=\"%d\" to-layer=\"%d\" to-port=\"%d\" />\n",
                      from->layer, from->port, graph->layer_count, i);
    }
    (void)fprintf(graph->layers, "\t\t\t</input>\n");
}

okng_openvino_port okng_openvino_add(okng_openvino_graph *graph, const okng_openvino_layer *layer)
{
    FILE *out = graph->layers;
    const int32_t number = graph->layer_count;
    (void)fprintf(out, "\t\t<layer id=\"%d\" name=\"%s\" type=\"%s\" version=\"opset%d\">\n", number,
                  okng_openvino_escape(graph, layer->name), layer->type, layer->opset);
    if (layer->attributes) (void)fprintf(out, "\t\t\t<data %s />\n", layer->attributes);
    if (layer->decompression)
        (void)fprintf(
            out, "\t\t\t<rt_info>\n\t\t\t\t<attribute name=\"decompression\" version=\"0\" />\n\t\t\t</rt_info>\n");
    print_inputs(graph, layer);
    if (layer->output_count > 0) (void)fprintf(out, "\t\t\t<output>\n");
    for (int32_t i = 0; i < layer->output_count; i++)
        print_port(out, layer->input_count + i, &layer->outputs[i], i < 2 ? layer->tensor_names[i] : NULL);
    if (layer->output_count > 0) (void)fprintf(out, "\t\t\t</output>\n");
    (void)fprintf(out, "\t\t</layer>\n");
    graph->layer_count++;
    return (okng_openvino_port){
        .layer = number,
        .port = layer->input_count,
        .type = layer->output_count > 0 ? layer->outputs[0] : (okng_program_type){0},
    };
}

/* ---- constants --------------------------------------------------------------------------------------------------- */

static const char *shape_text(okng_openvino_graph *graph, const okng_program_type *type)
{
    char text[OKNG_PROGRAM_RANK_MAX * 24] = "";
    size_t used = 0;
    for (int32_t i = 0; i < type->rank; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%" PRId64, i > 0 ? "," : "", type->dims[i]);
    return okng_openvino_print(graph, "%s", text);
}

/* Numbers at the end of the .bin; where they lie. */
static uint64_t place(okng_openvino_graph *graph, const okng_openvino_constant *constant)
{
    if (!okng_grow((void **)&graph->constants, &graph->constant_room, graph->constant_count + 1,
                   sizeof *graph->constants)) {
        graph->arena.wanted = (graph->constant_count + 1) * sizeof *graph->constants;
        return 0;
    }
    okng_openvino_constant *placed = &graph->constants[graph->constant_count++];
    *placed = *constant;
    placed->offset = (graph->bytes + OKNG_OPENVINO_ALIGNMENT - 1) / OKNG_OPENVINO_ALIGNMENT * OKNG_OPENVINO_ALIGNMENT;
    graph->bytes = placed->offset + placed->count * okng_dtype_size(placed->half ? OKNG_F16 : placed->dtype);
    return placed->offset;
}

static okng_openvino_port add_const(okng_openvino_graph *graph, const char *name, const okng_program_type *type,
                                    uint64_t offset, const char *tensor_names)
{
    return okng_openvino_add(
        graph, &(okng_openvino_layer){
                   .type = "Const",
                   .name = name,
                   .opset = 1,
                   .attributes = okng_openvino_print(
                       graph, "element_type=\"%s\" shape=\"%s\" offset=\"%" PRIu64 "\" size=\"%" PRIu64 "\"",
                       okng_ir_element(type->dtype), shape_text(graph, type), offset,
                       (uint64_t)okng_program_elements(type) * okng_dtype_size(type->dtype)),
                   .outputs = type,
                   .output_count = 1,
                   .tensor_names = {tensor_names},
               });
}

okng_openvino_port okng_openvino_value(okng_openvino_graph *graph, okng_program_value value, const char *name,
                                       const okng_program_type *type)
{
    const okng_program_node *node = &graph->walk->program->nodes[value];
    const bool half = graph->walk->half[value], own = type == &node->type;
    const char *tensor_names = own ? okng_openvino_tensor_names(graph, value) : NULL;
    uint64_t *offset = &graph->offsets[value]; /* 1 more, so that 0 is "not yet" */
    if (*offset == 0)
        *offset = 1 + place(graph, &(okng_openvino_constant){.data = node->data,
                                                             .dtype = node->type.dtype,
                                                             .count = (uint64_t)okng_program_elements(&node->type),
                                                             .half = half});
    if (!half) return add_const(graph, name, type, *offset - 1, tensor_names);
    okng_program_type stored = *type;
    stored.dtype = OKNG_F16;
    const okng_openvino_port port =
        add_const(graph, okng_openvino_print(graph, "%s_compressed", name), &stored, *offset - 1, NULL);
    return okng_openvino_add(graph, &(okng_openvino_layer){
                                        .type = "Convert",
                                        .name = name,
                                        .opset = 1,
                                        .attributes = "destination_type=\"f32\"",
                                        .inputs = &port,
                                        .input_count = 1,
                                        .outputs = type,
                                        .output_count = 1,
                                        .tensor_names = {tensor_names},
                                        .decompression = true,
                                    });
}

static okng_openvino_port small(okng_openvino_graph *graph, const char *name, const okng_program_type *type,
                                const void *data, size_t size)
{
    const uint64_t count = (uint64_t)okng_program_elements(type);
    const void *copy = okng_arena_copy(&graph->arena, data, (size_t)count * size);
    const uint64_t offset =
        place(graph, &(okng_openvino_constant){.data = copy, .dtype = type->dtype, .count = copy ? count : 0});
    return add_const(graph, name, type, offset, NULL);
}

okng_openvino_port okng_openvino_numbers(okng_openvino_graph *graph, const char *name, const int64_t *numbers,
                                         int32_t count)
{
    const okng_program_type type = {.dtype = OKNG_I64, .rank = 1, .dims = {count}};
    return small(graph, name, &type, numbers, sizeof *numbers);
}

okng_openvino_port okng_openvino_number(okng_openvino_graph *graph, const char *name, int64_t number)
{
    const okng_program_type type = {.dtype = OKNG_I64};
    return small(graph, name, &type, &number, sizeof number);
}

okng_openvino_port okng_openvino_float(okng_openvino_graph *graph, const char *name, float number)
{
    const okng_program_type type = {.dtype = OKNG_F32};
    return small(graph, name, &type, &number, sizeof number);
}
