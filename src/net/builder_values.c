#include <string.h>

#include "net/builder.h"

static okng_value unary(okng_builder *b, okng_op op, okng_value x, const char *prefix, const char *name)
{
    return okng_net_end(b, okng_net_begin(b, op, prefix, name, &x, 1));
}

static okng_value binary(okng_builder *b, okng_op op, okng_value x, okng_value y, const char *prefix, const char *name)
{
    return okng_net_end(b, okng_net_begin(b, op, prefix, name, (okng_value[]){x, y}, 2));
}

/* The length of the last axis. */
static int64_t width_of(const okng_builder *b, okng_value x)
{
    return b->status == OKNG_OK ? okng_net_dim(b, x, b->graph->nodes[x].shape.rank - 1) : 0;
}

/* ---- element by element ---- */

okng_value okng_net_relu(okng_builder *b, okng_value x, const char *prefix, const char *name)
{
    return unary(b, OKNG_OP_RELU, x, prefix, name);
}

okng_value okng_net_gelu(okng_builder *b, okng_value x, const char *prefix, const char *name)
{
    return unary(b, OKNG_OP_GELU, x, prefix, name);
}

okng_value okng_net_quick_gelu(okng_builder *b, okng_value x, const char *prefix, const char *name)
{
    return unary(b, OKNG_OP_QUICK_GELU, x, prefix, name);
}

okng_value okng_net_add(okng_builder *b, okng_value x, okng_value y, const char *prefix, const char *name)
{
    return binary(b, OKNG_OP_ADD, x, y, prefix, name);
}

okng_value okng_net_multiply(okng_builder *b, okng_value x, okng_value y, const char *prefix, const char *name)
{
    return binary(b, OKNG_OP_MULTIPLY, x, y, prefix, name);
}

okng_value okng_net_scale(okng_builder *b, okng_value x, const char *prefix, const char *name)
{
    okng_value scale = okng_net_constant(b, prefix, name, OKNG_SHAPE(width_of(b, x)));
    return okng_net_multiply(b, x, scale, prefix, "multiply");
}

/* ---- constants ---- */

okng_value okng_net_constant(okng_builder *b, const char *prefix, const char *name, okng_shape shape)
{
    return okng_net_constant_made(b, prefix, name, shape, shape, NULL, NULL);
}

okng_value okng_net_constant_made(okng_builder *b, const char *prefix, const char *name, okng_shape stored,
                                  okng_shape shape, okng_transform transform, const int64_t sizes[OKNG_RANK_MAX])
{
    okng_node *node = okng_net_begin(b, OKNG_OP_CONSTANT, prefix, name, NULL, 0);
    if (!node) return OKNG_NO_VALUE;
    node->shape = shape;
    node->transform = transform;
    if (sizes) memcpy(node->sizes, sizes, sizeof node->sizes);
    node->params[node->param_count++] = (okng_param){.role = OKNG_ROLE_VALUE, .shape = stored};
    memcpy(node->params[0].name, node->name, sizeof node->name);
    return okng_net_end(b, node);
}

/* ---- products and norms ---- */

okng_value okng_net_linear(okng_builder *b, okng_value x, const char *prefix, const char *name, int64_t width,
                           bool bias)
{
    okng_node *node = okng_net_begin(b, OKNG_OP_LINEAR, prefix, name, &x, 1);
    if (!node) return OKNG_NO_VALUE;
    node->groups = 1;
    okng_net_param(b, node, OKNG_ROLE_WEIGHT, "weight", OKNG_SHAPE(width, width_of(b, x)));
    if (bias) okng_net_param(b, node, OKNG_ROLE_BIAS, "bias", OKNG_SHAPE(width));
    return okng_net_end(b, node);
}

okng_value okng_net_matmul(okng_builder *b, okng_value x, okng_value y, const char *prefix, const char *name)
{
    return binary(b, OKNG_OP_MATMUL, x, y, prefix, name);
}

okng_value okng_net_layer_norm(okng_builder *b, okng_value x, const char *prefix, const char *name, double epsilon)
{
    const okng_shape shape = OKNG_SHAPE(width_of(b, x));
    okng_node *node = okng_net_begin(b, OKNG_OP_LAYER_NORM, prefix, name, &x, 1);
    if (!node) return OKNG_NO_VALUE;
    node->epsilon = epsilon;
    okng_net_param(b, node, OKNG_ROLE_SCALE, "weight", shape);
    okng_net_param(b, node, OKNG_ROLE_SHIFT, "bias", shape);
    return okng_net_end(b, node);
}

okng_value okng_net_softmax(okng_builder *b, okng_value x, const char *prefix, const char *name)
{
    return unary(b, OKNG_OP_SOFTMAX, x, prefix, name);
}

/* ---- attention ---- */

static okng_value attend(okng_builder *b, const okng_value *inputs, int32_t count, const char *prefix, const char *name,
                         int32_t heads, bool causal)
{
    okng_node *node = okng_net_begin(b, OKNG_OP_ATTENTION, prefix, name, inputs, count);
    if (!node) return OKNG_NO_VALUE;
    node->heads = heads;
    node->causal = causal;
    return okng_net_end(b, node);
}

okng_value okng_net_attention(okng_builder *b, const okng_value qkv[3], const char *prefix, const char *name,
                              int32_t heads, bool causal)
{
    return attend(b, qkv, 3, prefix, name, heads, causal);
}

okng_value okng_net_attention_packed(okng_builder *b, okng_value qkv, const char *prefix, const char *name,
                                     int32_t heads, bool causal)
{
    return attend(b, &qkv, 1, prefix, name, heads, causal);
}

okng_value okng_net_embedding(okng_builder *b, okng_value numbers, const char *prefix, const char *name, int64_t rows,
                              int64_t width)
{
    okng_node *node = okng_net_begin(b, OKNG_OP_EMBEDDING, prefix, name, &numbers, 1);
    if (node) okng_net_param(b, node, OKNG_ROLE_WEIGHT, "weight", OKNG_SHAPE(rows, width));
    return okng_net_end(b, node);
}
