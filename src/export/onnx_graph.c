#include "export/onnx_graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void okng_onnx_graph_free(okng_onnx_graph *graph)
{
    okng_arena_free(&graph->arena);
    free(graph->nodes);
    free(graph->constants);
    free(graph->inputs);
    free(graph->outputs);
    *graph = (okng_onnx_graph){0};
}

/* One more place at the end of a list; false when memory is out. */
static bool grow(okng_onnx_graph *graph, void **list, size_t *room, size_t count, size_t size)
{
    if (okng_grow(list, room, count + 1, size)) return true;
    graph->arena.wanted = (count + 1) * size;
    return false;
}

OkngOnnx__NodeProto *okng_onnx_node(okng_onnx_graph *graph, const char *op, const char *const *inputs,
                                    size_t input_count, const char *output)
{
    OkngOnnx__NodeProto *node = okng_arena_take(&graph->arena, 1, sizeof *node);
    if (!node || !grow(graph, (void **)&graph->nodes, &graph->node_room, graph->node_count, sizeof *graph->nodes))
        return NULL;
    okng_onnx__node_proto__init(node);
    while (input_count > 0 && !inputs[input_count - 1]) input_count--;
    node->op_type = (char *)(uintptr_t)op;
    node->name = (char *)(uintptr_t)output;
    node->input = okng_arena_copy(&graph->arena, inputs, input_count * sizeof *inputs);
    node->n_input = node->input ? input_count : 0;
    graph->nodes[graph->node_count++] = node;
    okng_onnx_output(graph, node, output);
    return node;
}

void okng_onnx_output(okng_onnx_graph *graph, OkngOnnx__NodeProto *node, const char *name)
{
    if (!node) return;
    char **all = okng_arena_take(&graph->arena, node->n_output + 1, sizeof *all);
    if (!all) return;
    if (node->n_output > 0) memcpy(all, node->output, node->n_output * sizeof *all);
    all[node->n_output++] = (char *)(uintptr_t)name;
    node->output = all;
}

/* ---- attributes -------------------------------------------------------------------------------------------------- */

static OkngOnnx__AttributeProto *attribute(okng_onnx_graph *graph, OkngOnnx__NodeProto *node, const char *name,
                                           OkngOnnx__AttributeProto__AttributeType type)
{
    if (!node) return NULL;
    OkngOnnx__AttributeProto *made = okng_arena_take(&graph->arena, 1, sizeof *made);
    OkngOnnx__AttributeProto **all = okng_arena_take(&graph->arena, node->n_attribute + 1, sizeof *all);
    if (!made || !all) return NULL;
    okng_onnx__attribute_proto__init(made);
    made->name = (char *)(uintptr_t)name;
    made->has_type = true;
    made->type = type;
    if (node->n_attribute > 0) memcpy(all, node->attribute, node->n_attribute * sizeof *all);
    all[node->n_attribute++] = made;
    node->attribute = all;
    return made;
}

void okng_onnx_int(okng_onnx_graph *graph, OkngOnnx__NodeProto *node, const char *name, int64_t value)
{
    OkngOnnx__AttributeProto *made = attribute(graph, node, name, OKNG_ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
    if (!made) return;
    made->has_i = true;
    made->i = value;
}

void okng_onnx_ints(okng_onnx_graph *graph, OkngOnnx__NodeProto *node, const char *name, const int64_t *values,
                    size_t count)
{
    OkngOnnx__AttributeProto *made = attribute(graph, node, name, OKNG_ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    if (!made) return;
    made->ints = okng_arena_copy(&graph->arena, values, count * sizeof *values);
    made->n_ints = made->ints ? count : 0;
}

void okng_onnx_float(okng_onnx_graph *graph, OkngOnnx__NodeProto *node, const char *name, float value)
{
    OkngOnnx__AttributeProto *made = attribute(graph, node, name, OKNG_ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);
    if (!made) return;
    made->has_f = true;
    made->f = value;
}

void okng_onnx_text(okng_onnx_graph *graph, OkngOnnx__NodeProto *node, const char *name, const char *text)
{
    OkngOnnx__AttributeProto *made = attribute(graph, node, name, OKNG_ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING);
    if (!made) return;
    made->has_s = true;
    made->s = (ProtobufCBinaryData){strlen(text), (uint8_t *)(uintptr_t)text};
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

const char *okng_onnx_name(okng_onnx_graph *graph, const char *what)
{
    return okng_arena_print(&graph->arena, "%s_%zu", what, graph->names++);
}

void okng_onnx_constant_add(okng_onnx_graph *graph, const okng_onnx_constant *constant)
{
    if (grow(graph, (void **)&graph->constants, &graph->constant_room, graph->constant_count, sizeof *constant))
        graph->constants[graph->constant_count++] = *constant;
}

/* One of the graph's own, copied. */
static const char *own(okng_onnx_graph *graph, okng_dtype dtype, int32_t rank, size_t count, const void *data)
{
    const int64_t dims[1] = {(int64_t)count};
    okng_onnx_constant made = {.name = okng_onnx_name(graph, "okng_constant"),
                               .dtype = dtype,
                               .rank = rank,
                               .dims = okng_arena_copy(&graph->arena, dims, sizeof dims),
                               .data = okng_arena_copy(&graph->arena, data, count * okng_dtype_size(dtype)),
                               .count = count};
    if (made.name && made.dims && made.data) okng_onnx_constant_add(graph, &made);
    return made.name;
}

const char *okng_onnx_numbers(okng_onnx_graph *graph, const int64_t *values, size_t count)
{
    return own(graph, OKNG_I64, 1, count, values);
}

const char *okng_onnx_scalar(okng_onnx_graph *graph, float value)
{
    return own(graph, OKNG_F32, 0, 1, &value);
}

static OkngOnnx__TensorShapeProto *shape_of(okng_onnx_graph *graph, int32_t rank, const int64_t *dims,
                                            const char *const *free_names)
{
    OkngOnnx__TensorShapeProto *shape = okng_arena_take(&graph->arena, 1, sizeof *shape);
    OkngOnnx__TensorShapeProto__Dimension **all = okng_arena_take(&graph->arena, (size_t)rank, sizeof *all);
    if (!shape || !all) return NULL;
    okng_onnx__tensor_shape_proto__init(shape);
    shape->dim = all;
    for (int32_t i = 0; i < rank; i++) {
        OkngOnnx__TensorShapeProto__Dimension *dim = all[i] = okng_arena_take(&graph->arena, 1, sizeof *dim);
        if (!dim) return NULL;
        okng_onnx__tensor_shape_proto__dimension__init(dim);
        dim->value_case = dims[i] < 0 ? OKNG_ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM
                                      : OKNG_ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        if (dims[i] < 0)
            dim->dim_param = (char *)(uintptr_t)free_names[i];
        else
            dim->dim_value = dims[i];
        shape->n_dim++;
    }
    return shape;
}

void okng_onnx_value(okng_onnx_graph *graph, bool output, const char *name, int32_t type, int32_t rank,
                     const int64_t *dims, const char *const *free_names)
{
    OkngOnnx__ValueInfoProto *value = okng_arena_take(&graph->arena, 1, sizeof *value);
    OkngOnnx__TypeProto *about = okng_arena_take(&graph->arena, 1, sizeof *about);
    OkngOnnx__TypeProto__Tensor *tensor = okng_arena_take(&graph->arena, 1, sizeof *tensor);
    if (!value || !about || !tensor) return;
    okng_onnx__value_info_proto__init(value);
    okng_onnx__type_proto__init(about);
    okng_onnx__type_proto__tensor__init(tensor);
    value->name = (char *)(uintptr_t)name;
    value->type = about;
    about->value_case = OKNG_ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    about->tensor_type = tensor;
    tensor->has_elem_type = true;
    tensor->elem_type = type;
    tensor->shape = shape_of(graph, rank, dims, free_names);
    OkngOnnx__ValueInfoProto ***list = output ? &graph->outputs : &graph->inputs;
    size_t *count = output ? &graph->output_count : &graph->input_count;
    if (grow(graph, (void **)list, output ? &graph->output_room : &graph->input_room, *count, sizeof **list))
        (*list)[(*count)++] = value;
}
