/* An ONNX graph that is being made: protobuf's structs in an arena. Memory that is out is told once, at the end
 * (okng_arena.wanted); until then all goes on with NULL. Private to export/. */
#ifndef OKNG_EXPORT_ONNX_GRAPH_H
#define OKNG_EXPORT_ONNX_GRAPH_H

#include <onnx.pb-c.h>
#include <stdint.h>

#include "export/arena.h"
#include "export/type_numbers.h"
#include "tensor/array.h"

/* An initialiser. Its numbers are written from where they are. */
typedef struct okng_onnx_constant {
    const char *name;
    okng_dtype dtype; /* of `data` */
    int32_t rank;
    const int64_t *dims;
    const void *data; /* borrowed */
    size_t count;     /* elements */
    bool half;        /* float32 that is written as float16 */
} okng_onnx_constant;

typedef struct okng_onnx_graph {
    okng_arena arena;
    int32_t opset;
    OkngOnnx__NodeProto **nodes;
    size_t node_count, node_room;
    okng_onnx_constant *constants;
    size_t constant_count, constant_room;
    OkngOnnx__ValueInfoProto **inputs, **outputs;
    size_t input_count, output_count, input_room, output_room;
    size_t names; /* that were made up so far */
} okng_onnx_graph;

void okng_onnx_graph_free(okng_onnx_graph *graph); /* zeroes it */

/* A node with one output. Names are borrowed: they live as long as the graph. NULL in `inputs` at the end leaves
 * optional ones out; "" one in between. */
OkngOnnx__NodeProto *okng_onnx_node(okng_onnx_graph *graph, const char *op, const char *const *inputs,
                                    size_t input_count, const char *output);
/* Another output of it. */
void okng_onnx_output(okng_onnx_graph *graph, OkngOnnx__NodeProto *node, const char *name);
/* Attributes. `name` and `text` are borrowed, `values` copied; a NULL node is passed over. */
void okng_onnx_int(okng_onnx_graph *graph, OkngOnnx__NodeProto *node, const char *name, int64_t value);
void okng_onnx_ints(okng_onnx_graph *graph, OkngOnnx__NodeProto *node, const char *name, const int64_t *values,
                    size_t count);
void okng_onnx_float(okng_onnx_graph *graph, OkngOnnx__NodeProto *node, const char *name, float value);
void okng_onnx_text(okng_onnx_graph *graph, OkngOnnx__NodeProto *node, const char *name, const char *text);

/* A name that no value has yet, which begins with `what`. */
const char *okng_onnx_name(okng_onnx_graph *graph, const char *what);
/* Initialisers of int64 [count] and of one float32 of rank 0; their names. */
const char *okng_onnx_numbers(okng_onnx_graph *graph, const int64_t *values, size_t count);
const char *okng_onnx_scalar(okng_onnx_graph *graph, float value);
void okng_onnx_constant_add(okng_onnx_graph *graph, const okng_onnx_constant *constant);
/* An input or an output of the whole. Negative dimensions are free, called as `free_names` says in their place. */
void okng_onnx_value(okng_onnx_graph *graph, bool output, const char *name, int32_t type, int32_t rank,
                     const int64_t *dims, const char *const *free_names);

#endif
