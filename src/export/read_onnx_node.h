/* One operator of an ONNX file, as it stands there. Private to export/. */
#ifndef OKNG_EXPORT_READ_ONNX_NODE_H
#define OKNG_EXPORT_READ_ONNX_NODE_H

#include "export/wire.h"
#include "program/node.h"

enum {
    OKNG_ONNX_ATTRIBUTES = 16, /* of a node; LIMIT beyond */
    OKNG_ONNX_INTS = 12        /* of one attribute: pads of 6 axes */
};

typedef struct okng_onnx_attribute {
    okng_span name;
    bool used; /* somebody asked for it */
    bool has_int, has_float, has_text;
    int64_t number;
    float real;
    okng_span text;
    size_t count; /* of ints */
    int64_t ints[OKNG_ONNX_INTS];
} okng_onnx_attribute;

typedef struct okng_onnx_read_node {
    okng_program *program;
    okng_span op, domain, name;
    const okng_program_value *inputs; /* OKNG_PROGRAM_NONE of one that is left out */
    int32_t input_count;
    int32_t output_count;
    okng_program_value outputs[2]; /* for its reader to fill */
    okng_onnx_attribute attributes[OKNG_ONNX_ATTRIBUTES];
    size_t attribute_count;
} okng_onnx_read_node;

/* Attributes of the bytes of one AttributeProto. Errors: FORMAT, LIMIT, UNSUPPORTED (one of another kind). */
okng_status okng_onnx_read_attribute(okng_onnx_read_node *node, okng_span bytes, okng_error *error);

/* What an attribute says, or `otherwise` where it is not there. */
int64_t okng_onnx_get_int(okng_onnx_read_node *node, const char *name, int64_t otherwise);
float okng_onnx_get_float(okng_onnx_read_node *node, const char *name, float otherwise);
bool okng_onnx_get_is(okng_onnx_read_node *node, const char *name, const char *text, const char *otherwise);
/* `count` ints; false where it is not there with so many. */
bool okng_onnx_get_ints(okng_onnx_read_node *node, const char *name, size_t count, int64_t *values);
/* All ints of it, at most OKNG_ONNX_INTS; 0 where it is not there. */
size_t okng_onnx_get_list(okng_onnx_read_node *node, const char *name, int64_t values[OKNG_ONNX_INTS]);
/* The numbers of input i, a constant of int64 [count] or of rank 0; 0 where it is none of at most OKNG_ONNX_INTS. */
size_t okng_onnx_get_numbers(const okng_onnx_read_node *node, int32_t i, int64_t values[OKNG_ONNX_INTS]);
/* Input i; OKNG_PROGRAM_NONE where it is left out. */
okng_program_value okng_onnx_get_input(const okng_onnx_read_node *node, int32_t i);

/* Reads node->op: appends to the program what it says, and fills in outputs. Errors: UNSUPPORTED, naming the operator,
 * or the setting that no operator of okng has. What a builder refuses is the program's failure. */
okng_status okng_onnx_read_op(okng_onnx_read_node *node, okng_error *error);

#endif
