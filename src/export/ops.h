/* The table of operators as other people's formats say them: a row per okng_program_op. Shape, cost and execution of
 * the same operators are in program/ops.c.
 *
 * A new operator is a row here and two functions: okng_onnx_<name> in onnx_ops*.c (with what reads it back in
 * onnx_read*.c) and okng_openvino_<name> in openvino*.c. */
#ifndef OKNG_EXPORT_OPS_H
#define OKNG_EXPORT_OPS_H

#include "export/walk.h"

struct okng_onnx_graph;
struct okng_openvino_graph;

/* One operator on the way: node `value` of walk->program, a live one, neither INPUT nor CONSTANT nor TOP_K_INDICES
 * (TOP_K writes both its results: `value` and `value` + 1). */
typedef struct okng_export_step {
    const okng_export_walk *walk;
    const okng_program_node *node;
    okng_program_value value;
} okng_export_step;

/* The name of input i of the step, NULL of one that is left out; its type. And of the result. */
const char *okng_export_input(const okng_export_step *step, int32_t i);
const okng_program_type *okng_export_input_type(const okng_export_step *step, int32_t i);
const char *okng_export_result(const okng_export_step *step);

/* Adds what says the operator to the graph of its format. Errors: UNSUPPORTED, naming what cannot be said. */
typedef okng_status okng_onnx_op_fn(struct okng_onnx_graph *graph, const okng_export_step *step, okng_error *error);
typedef okng_status okng_openvino_op_fn(struct okng_openvino_graph *graph, const okng_export_step *step,
                                        okng_error *error);

typedef struct okng_export_row {
    okng_onnx_op_fn *onnx;         /* NULL in a build without ONNX */
    okng_openvino_op_fn *openvino; /* NULL: IR does not say it (yet) */
} okng_export_row;

/* Static storage. */
const okng_export_row *okng_export_row_of(okng_program_op op);

#endif
