/* The shape rules of the table of operators: node->shape from inputs, parameters and settings (okng_op_row.shape). */
#ifndef OKNG_NET_SHAPE_RULES_H
#define OKNG_NET_SHAPE_RULES_H

#include "net/node.h"

/* The shape of the first input. */
okng_status okng_shape_same(const okng_graph *graph, okng_node *node, okng_error *error);
/* The same; the second input, aligned at the last axis, has the first's dimensions or 1. */
okng_status okng_shape_broadcast(const okng_graph *graph, okng_node *node, okng_error *error);
/* [N, C, H, W] -> [N, out, H', W'] */
okng_status okng_shape_conv(const okng_graph *graph, okng_node *node, okng_error *error);
/* [N, C, H, W] -> [N, C, H', W'] */
okng_status okng_shape_pool(const okng_graph *graph, okng_node *node, okng_error *error);
/* [..., in] -> [..., out] */
okng_status okng_shape_linear(const okng_graph *graph, okng_node *node, okng_error *error);
/* [..., M, K] and [..., K, N], or a constant [K, N] -> [..., M, N] */
okng_status okng_shape_matmul(const okng_graph *graph, okng_node *node, okng_error *error);
/* [..., C] with scale and shift [C] */
okng_status okng_shape_layer_norm(const okng_graph *graph, okng_node *node, okng_error *error);
/* [N, T, 3 C] -> [N, T, C]; [N, T, C], [N, S, C], [N, S, V] -> [N, T, V]; C and V whole multiples of the heads */
okng_status okng_shape_attention(const okng_graph *graph, okng_node *node, okng_error *error);
/* numbers [N, T] -> [N, T, width] */
okng_status okng_shape_embedding(const okng_graph *graph, okng_node *node, okng_error *error);
/* equal but along the axis, where the result is the sum */
okng_status okng_shape_concat(const okng_graph *graph, okng_node *node, okng_error *error);
/* The builder sets dims[axis] to the length. */
okng_status okng_shape_slice(const okng_graph *graph, okng_node *node, okng_error *error);
okng_status okng_shape_transpose(const okng_graph *graph, okng_node *node, okng_error *error);
/* The builder sets the shape: the first axis as it was, the others with the same product. */
okng_status okng_shape_reshape(const okng_graph *graph, okng_node *node, okng_error *error);

#endif
