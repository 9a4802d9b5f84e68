/* An OpenVINO IR that is being made: layers with their ports, edges between them, and the constants of its .bin, by the
 * public specification of IR version 11 and of its operation sets. Memory that is out is told once, at the end
 * (okng_openvino_graph_status); until then all goes on. Private to export/. */
#ifndef OKNG_EXPORT_OPENVINO_GRAPH_H
#define OKNG_EXPORT_OPENVINO_GRAPH_H

#include "base/grown.h"
#include "export/arena.h"
#include "export/walk.h"
#include "program/node.h"

enum { OKNG_OPENVINO_ALIGNMENT = 64 }; /* of each constant in the .bin */

/* What a layer gives at one of its output ports. */
typedef struct okng_openvino_port {
    int32_t layer, port;
    okng_program_type type;
} okng_openvino_port;

/* Numbers of the .bin. They are written from where they are. */
typedef struct okng_openvino_constant {
    const void *data; /* borrowed */
    okng_dtype dtype; /* of `data` */
    uint64_t count;   /* elements */
    uint64_t offset;  /* in the .bin */
    bool half;        /* float32 that is written as float16 */
} okng_openvino_constant;

typedef struct okng_openvino_graph {
    const okng_export_walk *walk;
    okng_arena arena;
    okng_grown layers_text, edges_text;
    FILE *layers, *edges;
    int32_t layer_count;
    uint64_t bytes;             /* of the .bin so far */
    okng_openvino_port *values; /* [program->count]: where each value that is written comes from */
    uint64_t *offsets;          /* [program->count]: of constants that have a place in the .bin, and 1 */
    okng_openvino_constant *constants;
    size_t constant_count, constant_room;
} okng_openvino_graph;

/* A layer but for its ports' numbers, which follow from their order: inputs, then outputs. */
typedef struct okng_openvino_layer {
    const char *type, *name;
    int32_t opset;          /* the set that has the operation as it is meant: 1, 8, 11 */
    const char *attributes; /* of <data>: "axis=\"1\"", already fit for XML; NULL for none */
    const okng_openvino_port *inputs;
    int32_t input_count;
    const okng_program_type *outputs;
    int32_t output_count;
    const char *tensor_names[2]; /* of the outputs, of okng_openvino_tensor_names; NULL for none */
    bool decompression;          /* a Convert that brings back numbers that are stored in fewer bits */
} okng_openvino_layer;

okng_status okng_openvino_graph_begin(okng_openvino_graph *graph, const okng_export_walk *walk, okng_error *error);
void okng_openvino_graph_end(okng_openvino_graph *graph); /* zeroes it */

/* Writes a layer and the edges to it. Gives its first output; further ones have the next port numbers. */
okng_openvino_port okng_openvino_add(okng_openvino_graph *graph, const okng_openvino_layer *layer);
/* The constant `value` of the program as a layer, of a type that may be another than its own (the same numbers in
 * another shape); its numbers are stored once. One of half precision is a Const of float16 and the Convert that makes
 * float32 of it. */
okng_openvino_port okng_openvino_value(okng_openvino_graph *graph, okng_program_value value, const char *name,
                                       const okng_program_type *type);
/* Constants that an operation takes as an input: int64 [count], and a scalar of float32 or int64. */
okng_openvino_port okng_openvino_numbers(okng_openvino_graph *graph, const char *name, const int64_t *numbers,
                                         int32_t count);
okng_openvino_port okng_openvino_number(okng_openvino_graph *graph, const char *name, int64_t number);
okng_openvino_port okng_openvino_float(okng_openvino_graph *graph, const char *name, float number);

/* By what programs find a value: as an input, and as each of the outputs that it is; fit for XML; NULL for what is
 * neither. */
const char *okng_openvino_tensor_names(okng_openvino_graph *graph, okng_program_value value);

/* A printed text that lives as long as the graph, "" where memory is out. */
__attribute__((format(printf, 2, 3))) const char *okng_openvino_print(okng_openvino_graph *graph, const char *format,
                                                                      ...);
/* The same text as XML's attributes may hold it. */
const char *okng_openvino_escape(okng_openvino_graph *graph, const char *text);

#endif
