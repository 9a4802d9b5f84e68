/* An OpenVINO IR as it stands in its file: layers with their attributes and ports, and edges. Private to export/. */
#ifndef OKNG_EXPORT_READ_IR_H
#define OKNG_EXPORT_READ_IR_H

#include <stdint.h>

#include "export/arena.h"
#include "program/node.h"

enum {
    OKNG_IR_MAX_LAYERS = 4 * OKNG_PROGRAM_MAX_NODES,
    OKNG_IR_MAX_PORTS = 4096, /* of one layer */
    OKNG_IR_NUMBERS = 12      /* of one attribute, and of one constant that an operation takes as settings */
};

typedef struct okng_ir_attribute {
    const char *name, *value;
    bool used; /* somebody asked for it */
} okng_ir_attribute;

typedef struct okng_ir_port {
    int64_t id;
    bool has_type; /* it says of which type of elements it is */
    okng_program_type type;
    const char *names;        /* of tensors, with commas between them; NULL for none */
    okng_program_value value; /* of an output, once it is made; OKNG_PROGRAM_NONE before */
    /* of an input */
    int32_t from_layer; /* its place in the list; -1: no edge leads here */
    int32_t from_port;
} okng_ir_port;

typedef struct okng_ir_layer {
    int64_t id;
    const char *type, *name;
    int32_t opset;
    size_t place; /* in the file, of all layers */
    okng_ir_attribute *attributes;
    int32_t attribute_count;
    okng_ir_port *inputs, *outputs;
    int32_t input_count, output_count;
} okng_ir_layer;

typedef struct okng_ir {
    const char *path; /* for errors; borrowed */
    okng_arena arena;
    okng_ir_layer *layers; /* in order of their numbers */
    size_t layer_count, layer_room;
    size_t named; /* constants that kept their names */
} okng_ir;

/* text: a whole .xml with a NUL behind it, which is changed and kept until okng_ir_free. Errors: FORMAT, UNSUPPORTED
 * (a version that is neither 10 nor 11, elements that no program has), LIMIT, MEMORY. */
okng_status okng_ir_read(okng_ir *ir, const char *path, char *text, size_t size, okng_error *error);
void okng_ir_free(okng_ir *ir); /* zeroes it */

/* ---- an operation, for what reads it: read_ir_ops.c ---- */

typedef struct okng_ir_source {
    okng_program *program;
    okng_ir *ir;
    okng_ir_layer *layer;
    const uint8_t *bin; /* numbers of constants */
    size_t bin_size;
} okng_ir_source;

/* The value of input i, which a constant becomes now; OKNG_PROGRAM_NONE where there is none. */
okng_program_value okng_ir_input(const okng_ir_source *source, int32_t i);

/* Reads the layer: appends to the program what it says and fills in the values of its outputs. Not of Parameter and
 * Result. Errors: UNSUPPORTED, naming the operation or the setting that no operator of okng has. */
okng_status okng_ir_read_op(const okng_ir_source *source, okng_error *error);

#endif
