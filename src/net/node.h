/* The inside of a graph, for those who walk it: the builder, the passes, the engines, exporters. */
#ifndef OKNG_NET_NODE_H
#define OKNG_NET_NODE_H

#include "base/error.h"
#include "net/graph.h"
#include "net/layout.h"

typedef enum okng_op {
    OKNG_OP_INPUT = 0, /* what a run is given */
    OKNG_OP_CONSTANT,  /* a tensor of the weight file as a value: a class token, position embeddings, a layer scale */
    OKNG_OP_CONV,
    OKNG_OP_BATCH_NORM,
    OKNG_OP_MAX_POOL,
    OKNG_OP_RELU,
    OKNG_OP_GELU,       /* x Phi(x), exact */
    OKNG_OP_QUICK_GELU, /* x sigmoid(1.702 x) */
    OKNG_OP_ADD,        /* the second operand is repeated along axes where it is 1 */
    OKNG_OP_MULTIPLY,   /* likewise */
    OKNG_OP_LINEAR,     /* x W^T + bias over the last axis */
    OKNG_OP_MATMUL,     /* of two values: the last two axes */
    OKNG_OP_LAYER_NORM, /* over the last axis */
    OKNG_OP_SOFTMAX,    /* likewise */
    OKNG_OP_ATTENTION,  /* per head softmax(Q K^T / sqrt(width of a head)) V */
    OKNG_OP_EMBEDDING,  /* rows of a table, by number */
    OKNG_OP_CONCAT,
    OKNG_OP_SLICE,
    OKNG_OP_TRANSPOSE,
    OKNG_OP_RESHAPE,
    OKNG_OP_COUNT
} okng_op;

/* What an operator does with a tensor of the weight file. */
typedef enum okng_role {
    OKNG_ROLE_WEIGHT = 0, /* CONV: [out, in / groups, height, width]; LINEAR: [out, in]; EMBEDDING: [rows, width] */
    OKNG_ROLE_SCALE,      /* of a norm, [channels] each: gamma, beta, running mean and variance */
    OKNG_ROLE_SHIFT,
    OKNG_ROLE_MEAN,
    OKNG_ROLE_VARIANCE,
    OKNG_ROLE_BIAS,  /* CONV, LINEAR: [out] */
    OKNG_ROLE_VALUE, /* CONSTANT: of any shape */
    OKNG_ROLE_COUNT
} okng_role;

enum { OKNG_RANK_MAX = 4 };

/* The extent of a tensor along its axes, outermost first. Unused entries are 0. */
typedef struct okng_shape {
    int32_t rank; /* 1..OKNG_RANK_MAX */
    int64_t dims[OKNG_RANK_MAX];
} okng_shape;

typedef struct okng_param {
    okng_role role;
    okng_shape shape;         /* in the file */
    char name[OKNG_NAME_MAX]; /* "layer1.0.conv1.weight" */
} okng_param;

/* A window of convolution or pooling: height, width. */
typedef struct okng_window {
    int32_t kernel[2], stride[2], padding[2];
} okng_window;

static inline okng_window okng_window_square(int32_t kernel, int32_t stride, int32_t padding)
{
    return (okng_window){{kernel, kernel}, {stride, stride}, {padding, padding}};
}

/* Makes the value of a CONSTANT from its tensor where the two differ: position embeddings that are resampled to another
 * grid. stored: float32 of the shape in the file; value: float32 of the node's shape, to be filled. `sizes` are those
 * that the builder gave. Pure: the same input, the same bits. */
typedef okng_status (*okng_transform)(const int64_t sizes[OKNG_RANK_MAX], const okng_shape *stored_shape,
                                      const float *stored, const okng_shape *shape, float *value, okng_error *error);

/* A value is the index of the node that makes it. */
typedef int32_t okng_value;
#define OKNG_NO_VALUE (-1)

/* One operator and its result. Inputs always come earlier in the list. What only some operators use is zero in the
 * others. The first axis of every value counts pictures (or texts): 1 here, as many as go in at once where
 * it runs. A CONSTANT has no such axis: it is the same for all. */
typedef struct okng_node {
    okng_op op;
    char name[OKNG_NAME_MAX]; /* the PyTorch path: "layer1.0.conv1" */
    okng_value *inputs;       /* input_count of them; the graph owns them */
    int32_t input_count;
    okng_shape shape;   /* of the result */
    okng_dtype dtype;   /* of the result: OKNG_F32, of an INPUT of numbers OKNG_I32 */
    okng_window window; /* CONV, MAX_POOL */
    int32_t groups;     /* CONV; 1 in a LINEAR */
    double epsilon;     /* BATCH_NORM, LAYER_NORM, and CONV with a norm folded into it */
    int32_t heads; /* ATTENTION: 1 input [N, T, 3 C] (Q, K, V side by side), or Q, K, V; or with one more axis before T,
                      of sequences that do not see each other */
    bool causal;   /* ATTENTION: a token sees those up to its own place */
    int32_t axis;  /* CONCAT, SLICE: >= 1, or 0 for a CONSTANT's */
    int64_t begin; /* SLICE: from this index of the axis on; how many is the shape's */
    int32_t order[OKNG_RANK_MAX]; /* TRANSPOSE: axis i of the result is axis order[i] of the input */
    okng_transform transform;     /* CONSTANT: NULL where the value is the tensor */
    int64_t sizes[OKNG_RANK_MAX]; /* of the transform */
    okng_param params[OKNG_ROLE_COUNT];
    int32_t param_count;
    /* Fused into a CONV or LINEAR by okng_graph_fuse: result = activation(scale op(inputs[0]) + shift + inputs[1]),
     * each part where asked. scale and shift stand for a norm (`normalized`), or a layer scale (a SCALE without MEAN).
     */
    bool normalized;
    okng_op activation; /* RELU, GELU, QUICK_GELU; INPUT for none */
} okng_node;

/* A value that can be asked for by name. */
typedef struct okng_mark {
    char name[OKNG_NAME_MAX];
    okng_value value;
} okng_mark;

/* A tensor of a larger sibling of this network: weights that hold it are of another network even where all needed
 * tensors are there and fit (resnet18's are a subset of resnet34's). */
typedef struct okng_absent {
    char name[OKNG_NAME_MAX];
} okng_absent;

struct okng_graph {
    char backbone[OKNG_NAME_MAX];
    okng_node *nodes;
    okng_mark *marks; /* in the order of depth */
    okng_absent *absent;
    size_t node_count, mark_count, absent_count;
    size_t node_capacity, mark_capacity, absent_capacity;
    okng_value outputs[OKNG_MAX_LAYERS];
    int output_count;
};

/* ---- ops.c: the table of operators ---- */

enum { OKNG_INPUTS_ANY = INT32_MAX };

/* What is known of an operator, one row each. */
typedef struct okng_op_row {
    const char *name;               /* "conv" */
    int32_t min_inputs, max_inputs; /* before anything is fused into it */
    uint32_t required, optional;    /* roles of its parameters, as bits 1 << role */
    uint32_t buffers;               /* of those, what torch does not count as parameters */
    bool fuses;                     /* may take in the norm, scale, sum and activation after it */
    bool in_place;                  /* the result is the input's numbers, seen otherwise: nothing is computed */
    /* The shape of the result from inputs, parameters and settings. Errors: ARGUMENT for an input that is too small,
     * INTERNAL where the builder is wrong. NULL: the builder has set it. */
    okng_status (*shape)(const okng_graph *graph, okng_node *node, okng_error *error);
    /* Multiply-adds x 2 of products, as torch.utils.flop_counter counts; NULL where there are none. */
    double (*flops)(const okng_graph *graph, const okng_node *node);
} okng_op_row;

/* The row of an operator; static storage. */
const okng_op_row *okng_op_get(okng_op op);
/* Parameters of a node as torch counts them: running mean and variance are none. */
int64_t okng_node_parameters(const okng_node *node);
double okng_node_flops(const okng_graph *graph, const okng_node *node);
/* Arity, parameters and shape of a node that has been filled in. Errors: those of the shape rule. */
okng_status okng_node_check(const okng_graph *graph, okng_node *node, okng_error *error);

/* ---- node.c ---- */
/* The parameter of a node in a role; NULL when it has none. */
const okng_param *okng_node_param(const okng_node *node, okng_role role);
/* What is added to the result of a CONV or LINEAR, OKNG_NO_VALUE for nothing. */
okng_value okng_node_residual(const okng_node *node);
/* Makes room for one more input and puts it last; false when memory is out. */
bool okng_node_add_input(okng_node *node, okng_value value);
int64_t okng_shape_elements(const okng_shape *shape);
bool okng_shape_equal(const okng_shape *a, const okng_shape *b);

/* ---- graph.c ---- */
/* All of it but names of layers. */
okng_status okng_graph_copy(okng_graph **out, const okng_graph *graph, okng_error *error);

/* ---- prune.c ---- */
/* Removes the nodes that no output needs. */
okng_status okng_graph_prune(okng_graph *graph, okng_error *error);

/* ---- fuse.c ---- */
/* Folds norms, layer scales, activations and residual sums into the convolutions and linear maps before them, where
 * nothing else reads the values in between; then prunes. */
okng_status okng_graph_fuse(okng_graph *graph, okng_error *error);

/* ---- check.c ---- */
/* How the weights name and lay out this graph's tensors. */
okng_naming okng_graph_naming(const okng_graph *graph, const okng_weights *weights);
/* The tensor of a parameter (okng_naming_tensor), to be given back by okng_tensor_release; with `out` NULL it is only
 * looked for. NOT_FOUND or MISMATCH where it is missing, mis-shaped or not floating point. */
okng_status okng_graph_tensor(const okng_naming *naming, const okng_param *param, okng_tensor *out, okng_error *error);
/* Shapes only: okng_graph_check_weights without a look at the values. *node gets the node that failed (may be NULL). */
okng_status okng_graph_check_shapes(const okng_graph *graph, const okng_weights *weights, okng_value *node,
                                    okng_error *error);

#endif
