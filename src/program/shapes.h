/* The shape rules of the table of operators (okng_program_row.shape). They are asked twice: while a program is built,
 * with extents that may be OKNG_ANY, and for every run, with those of its inputs. */
#ifndef OKNG_PROGRAM_SHAPES_H
#define OKNG_PROGRAM_SHAPES_H

#include "program/node.h"

#define OKNG_PROGRAM_SHAPE(name)                                                                          \
    okng_status okng_program_shape_##name(const okng_program_node *node, const okng_program_type *inputs, \
                                          okng_program_type *result, okng_error *error)

/* ---- shapes.c: element by element, products, norms ---- */
OKNG_PROGRAM_SHAPE(float);  /* x, float32 -> the same */
OKNG_PROGRAM_SHAPE(number); /* float32 or int64 */
OKNG_PROGRAM_SHAPE(bool);
OKNG_PROGRAM_SHAPE(is_nan);  /* float32 -> bool */
OKNG_PROGRAM_SHAPE(numbers); /* two of float32 or int64, broadcast */
OKNG_PROGRAM_SHAPE(compare); /* likewise -> bool */
OKNG_PROGRAM_SHAPE(logic);   /* two bools, broadcast */
OKNG_PROGRAM_SHAPE(select);
OKNG_PROGRAM_SHAPE(matmul);
OKNG_PROGRAM_SHAPE(softmax);
OKNG_PROGRAM_SHAPE(layer_norm);
OKNG_PROGRAM_SHAPE(reduce);

/* ---- shapes_places.c: where numbers are, and windows over maps ---- */
OKNG_PROGRAM_SHAPE(conv);
OKNG_PROGRAM_SHAPE(pool);
OKNG_PROGRAM_SHAPE(top_k);
OKNG_PROGRAM_SHAPE(top_k_indices);
OKNG_PROGRAM_SHAPE(gather);
OKNG_PROGRAM_SHAPE(gather_elements);
OKNG_PROGRAM_SHAPE(concat);
OKNG_PROGRAM_SHAPE(slice);
OKNG_PROGRAM_SHAPE(transpose);
OKNG_PROGRAM_SHAPE(reshape);
OKNG_PROGRAM_SHAPE(expand);
OKNG_PROGRAM_SHAPE(pad);
OKNG_PROGRAM_SHAPE(cast);
OKNG_PROGRAM_SHAPE(resize);

/* ARGUMENT: what the node was given, and what it takes. */
okng_status okng_program_refuse(const okng_program_node *node, const okng_program_type *inputs, const char *expected,
                                okng_error *error);

#endif
