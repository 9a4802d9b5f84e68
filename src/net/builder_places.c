#include <stdio.h>
#include <string.h>

#include "net/builder.h"

okng_value okng_net_concat(okng_builder *b, const okng_value *inputs, int32_t count, int32_t axis, const char *prefix,
                           const char *name)
{
    okng_node *node = okng_net_begin(b, OKNG_OP_CONCAT, prefix, name, inputs, count);
    if (node) node->axis = axis;
    return okng_net_end(b, node);
}

okng_value okng_net_slice(okng_builder *b, okng_value x, int32_t axis, int64_t begin, int64_t length,
                          const char *prefix, const char *name)
{
    if (axis < 0 || axis >= OKNG_RANK_MAX)
        okng_net_fail(b, OKNG_ERROR_INTERNAL, "%s.%s cuts along axis %d, expected 1..%d", prefix, name, axis,
                      OKNG_RANK_MAX - 1);
    okng_node *node = okng_net_begin(b, OKNG_OP_SLICE, prefix, name, &x, 1);
    if (!node) return OKNG_NO_VALUE;
    node->axis = axis;
    node->begin = begin;
    node->shape.dims[axis] = length;
    return okng_net_end(b, node);
}

okng_value okng_net_transpose(okng_builder *b, okng_value x, const int32_t *order, const char *prefix, const char *name)
{
    okng_node *node = okng_net_begin(b, OKNG_OP_TRANSPOSE, prefix, name, &x, 1);
    if (node) memcpy(node->order, order, (size_t)b->graph->nodes[x].shape.rank * sizeof *order);
    return okng_net_end(b, node);
}

okng_value okng_net_reshape(okng_builder *b, okng_value x, okng_shape rest, const char *prefix, const char *name)
{
    okng_node *node = okng_net_begin(b, OKNG_OP_RESHAPE, prefix, name, &x, 1);
    if (!node) return OKNG_NO_VALUE;
    node->shape.rank = rest.rank + 1;
    node->shape.dims[0] = okng_net_dim(b, x, 0);
    for (int32_t i = 0; i < rest.rank && i + 1 < OKNG_RANK_MAX; i++) node->shape.dims[i + 1] = rest.dims[i];
    return okng_net_end(b, node);
}

okng_value okng_net_tokens(okng_builder *b, okng_value map, const char *prefix, const char *name)
{
    const int64_t channels = okng_net_dim(b, map, 1), pixels = okng_net_dim(b, map, 2) * okng_net_dim(b, map, 3);
    okng_value flat = okng_net_reshape(b, map, OKNG_SHAPE(channels, pixels), prefix, name);
    return okng_net_transpose(b, flat, (const int32_t[]){0, 2, 1}, prefix, name);
}

okng_value okng_net_map(okng_builder *b, okng_value tokens, int64_t height, int64_t width, const char *prefix,
                        const char *name)
{
    const int64_t channels = okng_net_dim(b, tokens, 2);
    okng_value turned = okng_net_transpose(b, tokens, (const int32_t[]){0, 2, 1}, prefix, name);
    return okng_net_reshape(b, turned, OKNG_SHAPE(channels, height, width), prefix, name);
}
