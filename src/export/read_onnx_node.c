#include "export/read_onnx_node.h"

#include <string.h>

enum { NAME = 1, FLOAT = 2, INT = 3, TEXT = 4, INTS = 8, DOCUMENT = 13, TYPE = 20 }; /* fields of AttributeProto */

static float float_of(uint64_t bits)
{
    const uint32_t low = (uint32_t)bits;
    float value;
    memcpy(&value, &low, sizeof value);
    return value;
}

/* ints come one by one, or packed. */
static bool add_ints(okng_onnx_attribute *attribute, const okng_wire_field *field)
{
    okng_wire packed = okng_wire_of(field->bytes);
    uint64_t value = field->value;
    bool more = field->type == OKNG_WIRE_NUMBER || okng_wire_number(&packed, &value);
    while (more) {
        if (attribute->count == OKNG_ONNX_INTS) return false;
        attribute->ints[attribute->count++] = (int64_t)value;
        more = field->type == OKNG_WIRE_BYTES && okng_wire_number(&packed, &value);
    }
    return !packed.damaged;
}

static bool take_field(okng_onnx_attribute *attribute, const okng_wire_field *field)
{
    switch (field->number) {
    case NAME:
        attribute->name = field->bytes;
        return true;
    case FLOAT:
        attribute->has_float = true;
        attribute->real = float_of(field->value);
        return true;
    case INT:
        attribute->has_int = true;
        attribute->number = (int64_t)field->value;
        return true;
    case TEXT:
        attribute->has_text = true;
        attribute->text = field->bytes;
        return true;
    case INTS:
        return add_ints(attribute, field);
    case DOCUMENT:
    case TYPE:
        return true;
    default:
        return false;
    }
}

okng_status okng_onnx_read_attribute(okng_onnx_read_node *node, okng_span bytes, okng_error *error)
{
    okng_wire wire = okng_wire_of(bytes);
    okng_wire_field field;
    if (node->attribute_count == OKNG_ONNX_ATTRIBUTES)
        return okng_fail(error, OKNG_ERROR_LIMIT, "an operator has more than %d attributes", OKNG_ONNX_ATTRIBUTES);
    okng_onnx_attribute *attribute = &node->attributes[node->attribute_count++];
    *attribute = (okng_onnx_attribute){0};
    while (okng_wire_next(&wire, &field))
        if (!take_field(attribute, &field))
            return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                             "an attribute of the operator %.*s is neither a number, nor a text, nor a list of at most "
                             "%d whole numbers",
                             (int)(node->op.size > 60 ? 60 : node->op.size), (const char *)node->op.data,
                             OKNG_ONNX_INTS);
    return wire.damaged ? okng_fail(error, OKNG_ERROR_FORMAT, "an attribute is cut off") : OKNG_OK;
}

/* ---- asking ------------------------------------------------------------------------------------------------------ */

static okng_onnx_attribute *find(okng_onnx_read_node *node, const char *name)
{
    for (size_t i = 0; i < node->attribute_count; i++)
        if (okng_span_is(node->attributes[i].name, name)) {
            node->attributes[i].used = true;
            return &node->attributes[i];
        }
    return NULL;
}

int64_t okng_onnx_get_int(okng_onnx_read_node *node, const char *name, int64_t otherwise)
{
    const okng_onnx_attribute *attribute = find(node, name);
    return attribute && attribute->has_int ? attribute->number : otherwise;
}

float okng_onnx_get_float(okng_onnx_read_node *node, const char *name, float otherwise)
{
    const okng_onnx_attribute *attribute = find(node, name);
    return attribute && attribute->has_float ? attribute->real : otherwise;
}

bool okng_onnx_get_is(okng_onnx_read_node *node, const char *name, const char *text, const char *otherwise)
{
    const okng_onnx_attribute *attribute = find(node, name);
    if (!attribute || !attribute->has_text) return strcmp(text, otherwise) == 0;
    return okng_span_is(attribute->text, text);
}

size_t okng_onnx_get_list(okng_onnx_read_node *node, const char *name, int64_t values[OKNG_ONNX_INTS])
{
    const okng_onnx_attribute *attribute = find(node, name);
    if (!attribute) return 0;
    memcpy(values, attribute->ints, attribute->count * sizeof *values);
    return attribute->count;
}

bool okng_onnx_get_ints(okng_onnx_read_node *node, const char *name, size_t count, int64_t *values)
{
    int64_t all[OKNG_ONNX_INTS];
    if (okng_onnx_get_list(node, name, all) != count) return false;
    memcpy(values, all, count * sizeof *values);
    return true;
}

size_t okng_onnx_get_numbers(const okng_onnx_read_node *node, int32_t i, int64_t values[OKNG_ONNX_INTS])
{
    const okng_program_value value = okng_onnx_get_input(node, i);
    if (value == OKNG_PROGRAM_NONE) return 0;
    const okng_program_node *from = &node->program->nodes[value];
    const int64_t count = okng_program_elements(&from->type);
    if (from->op != OKNG_PROGRAM_CONSTANT || from->type.dtype != OKNG_I64 || from->type.rank > 1 || count < 1 ||
        count > OKNG_ONNX_INTS)
        return 0;
    memcpy(values, from->data, (size_t)count * sizeof *values);
    return (size_t)count;
}

okng_program_value okng_onnx_get_input(const okng_onnx_read_node *node, int32_t i)
{
    return i < node->input_count ? node->inputs[i] : OKNG_PROGRAM_NONE;
}
