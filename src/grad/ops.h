/* What operators compute, forward and backward, for one picture, in plain loops. Each element is summed in an order
 * that shapes alone decide, so threads change no bit. */
#ifndef OKNG_GRAD_OPS_H
#define OKNG_GRAD_OPS_H

#include "grad/maps.h"
#include "grad/plan.h"
#include "grad/real.h"

/* A node with its numbers. Gradients are added to what is there. */
typedef struct okng_grad_call {
    const okng_graph *graph;
    const okng_node *node;
    int threads;
    const okng_real *const *x; /* the inputs' values, one for each; whole numbers are int32_t */
    okng_real *y;              /* the result */
    okng_real *kept;           /* what it leaves for the backward run beside its result: okng_grad_op.kept numbers */
    const okng_real *params[OKNG_ROLE_COUNT];
    const okng_real *dy;             /* the gradient of the loss by the result */
    okng_real *dx[OKNG_GRAD_INPUTS]; /* by the inputs; NULL where it is not wanted */
    okng_real
        *dparams[OKNG_ROLE_COUNT]; /* by the parameters, likewise; that of a LINEAR's weight is [inner, columns] */
    const okng_grad_maps *maps;    /* of a LINEAR or MATMUL, where there are any */
    okng_grad_room *room;
    okng_real *scratch; /* okng_grad_op.scratch numbers for each thread */
} okng_grad_call;

typedef struct okng_grad_op {
    void (*forward)(const okng_grad_call *call);  /* NULL: there is nothing to compute, or nothing is known of it */
    void (*backward)(const okng_grad_call *call); /* x, y, params may be NULL where the plan does not read them */
    size_t (*kept)(const okng_graph *graph, const okng_node *node);    /* NULL: 0 */
    size_t (*scratch)(const okng_graph *graph, const okng_node *node); /* likewise */
} okng_grad_op;

/* Static; NULL functions for what has no gradient. */
const okng_grad_op *okng_grad_op_get(okng_op op);

/* ---- op_linear.c: linear, matmul, embedding ---- */
void okng_grad_linear(const okng_grad_call *call);
void okng_grad_linear_back(const okng_grad_call *call);
void okng_grad_matmul(const okng_grad_call *call);
void okng_grad_matmul_back(const okng_grad_call *call);
void okng_grad_embedding(const okng_grad_call *call);
void okng_grad_embedding_back(const okng_grad_call *call);

/* ---- op_norm.c: layer norm, softmax ---- */
/* Without scale and shift where params has none: (x - mean) / deviation. */
void okng_grad_layer_norm(const okng_grad_call *call);
void okng_grad_layer_norm_back(const okng_grad_call *call);
void okng_grad_softmax(const okng_grad_call *call);
void okng_grad_softmax_back(const okng_grad_call *call);

/* ---- op_attention.c ---- */
void okng_grad_attention(const okng_grad_call *call);
void okng_grad_attention_back(const okng_grad_call *call);
size_t okng_grad_attention_kept(const okng_graph *graph, const okng_node *node);
size_t okng_grad_attention_scratch(const okng_graph *graph, const okng_node *node);

/* ---- op_curves.c: relu, gelu, quick gelu, add, multiply ---- */
void okng_grad_curve(const okng_grad_call *call);
void okng_grad_curve_back(const okng_grad_call *call);
void okng_grad_binary(const okng_grad_call *call);
void okng_grad_binary_back(const okng_grad_call *call);

/* ---- op_places.c: concat, slice, transpose, reshape ---- */
void okng_grad_concat(const okng_grad_call *call);
void okng_grad_concat_back(const okng_grad_call *call);
void okng_grad_slice(const okng_grad_call *call);
void okng_grad_slice_back(const okng_grad_call *call);
void okng_grad_transpose(const okng_grad_call *call);
void okng_grad_transpose_back(const okng_grad_call *call);
void okng_grad_reshape(const okng_grad_call *call);
void okng_grad_reshape_back(const okng_grad_call *call);

/* ---- for all of them ---- */

static inline const okng_shape *okng_grad_shape(const okng_grad_call *call, int32_t input)
{
    return &call->graph->nodes[call->node->inputs[input]].shape;
}

static inline int64_t okng_grad_last(const okng_shape *shape)
{
    return shape->dims[shape->rank - 1];
}

/* How many of the last axis there are. */
static inline int64_t okng_grad_rows(const okng_shape *shape)
{
    return okng_shape_elements(shape) / okng_grad_last(shape);
}

#endif
