/* The inside of a graph, for those who walk it: the builder, the passes, the engine, exporters. */
#ifndef OKNG_NET_NODE_H
#define OKNG_NET_NODE_H

#include "base/error.h"
#include "net/graph.h"

typedef enum okng_op {
    OKNG_OP_INPUT = 0,
    OKNG_OP_CONV,
    OKNG_OP_BATCH_NORM,
    OKNG_OP_RELU,
    OKNG_OP_ADD,
    OKNG_OP_MAX_POOL,
    OKNG_OP_COUNT
} okng_op;

/* What an operator does with a tensor of the weight file. */
typedef enum okng_role {
    OKNG_ROLE_WEIGHT = 0, /* of a convolution: [out, in / groups, height, width] */
    OKNG_ROLE_SCALE,      /* of a batch norm, [channels] each: gamma, beta, running mean and variance */
    OKNG_ROLE_SHIFT,
    OKNG_ROLE_MEAN,
    OKNG_ROLE_VARIANCE,
    OKNG_ROLE_BIAS, /* of a convolution: [out] */
    OKNG_ROLE_COUNT
} okng_role;

typedef struct okng_param {
    okng_role role;
    int32_t dims; /* 1 or 4 */
    int64_t shape[4];
    char name[OKNG_NAME_MAX]; /* "layer1.0.conv1.weight" */
} okng_param;

/* A square window of convolution or pooling. */
typedef struct okng_window {
    int32_t kernel, stride, padding;
} okng_window;

/* A value is the index of the node that makes it. */
typedef int32_t okng_value;
#define OKNG_NO_VALUE (-1)

/* One operator and its result. Inputs always come earlier in the list. What only some operators use is zero in the
 * others. */
typedef struct okng_node {
    okng_op op;
    char name[OKNG_NAME_MAX]; /* the PyTorch path: "layer1.0.conv1" */
    okng_value inputs[2];     /* OKNG_NO_VALUE where unused */
    int64_t shape[4];         /* of the result: N, C, H, W */
    okng_window window;       /* CONV, MAX_POOL */
    int32_t groups;           /* CONV */
    double epsilon;           /* BATCH_NORM, and CONV with one folded into it */
    okng_param params[OKNG_ROLE_COUNT];
    int32_t param_count;
    /* Fused into a CONV by okng_graph_fuse: result = relu(norm(conv(inputs[0])) + inputs[1]), each part where asked. */
    bool normalized, relu;
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

/* "conv", "max_pool"; static storage. */
const char *okng_op_name(okng_op op);
/* The parameter of a node in a role; NULL when it has none. */
const okng_param *okng_node_param(const okng_node *node, okng_role role);

/* ---- fold.c ---- */
/* Removes the nodes that no output needs. */
okng_status okng_graph_prune(okng_graph *graph, okng_error *error);
/* Folds batch norms, ReLUs and residual sums into the convolutions before them, where nothing else reads the values in
 * between; then prunes. */
okng_status okng_graph_fuse(okng_graph *graph, okng_error *error);

/* ---- check.c ---- */
/* The prefix under which the weights hold this graph's tensors: "", or one that training wrappers add ("module."). */
const char *okng_graph_prefix(const okng_graph *graph, const okng_weights *weights);
/* The tensor of a parameter; NOT_FOUND or MISMATCH where it is missing, mis-shaped or not floating point. */
okng_status okng_graph_tensor(const okng_weights *weights, const char *prefix, const okng_param *param,
                              const okng_array **out, okng_error *error);
/* Shapes only: okng_graph_check_weights without a look at the values. *node gets the node that failed (may be NULL). */
okng_status okng_graph_check_shapes(const okng_graph *graph, const okng_weights *weights, okng_value *node,
                                    okng_error *error);

#endif
