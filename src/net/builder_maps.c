#include "net/builder.h"

static const double torch_epsilon = 1e-5; /* torch.nn.BatchNorm2d's default, which torchvision and timm keep */

/* A convolution that is still to be ended; NULL after a failure. */
static okng_node *begin_conv(okng_builder *b, okng_value x, const char *prefix, const char *name, int64_t channels,
                             okng_window window, int32_t groups)
{
    const int64_t rows = window.kernel[0], columns = window.kernel[1];
    okng_node *node = okng_net_begin(b, OKNG_OP_CONV, prefix, name, &x, 1);
    if (!node) return NULL;
    node->groups = groups;
    node->window = window;
    okng_net_param(b, node, OKNG_ROLE_WEIGHT, "weight",
                   OKNG_SHAPE(channels, okng_net_dim(b, x, 1) / groups, rows, columns));
    return node;
}

okng_value okng_net_conv(okng_builder *b, okng_value x, const char *prefix, const char *name, int64_t channels,
                         okng_window window, int32_t groups)
{
    return okng_net_end(b, begin_conv(b, x, prefix, name, channels, window, groups));
}

okng_value okng_net_conv_bias(okng_builder *b, okng_value x, const char *prefix, const char *name, int64_t channels,
                              okng_window window)
{
    okng_node *node = begin_conv(b, x, prefix, name, channels, window, 1);
    if (node) okng_net_param(b, node, OKNG_ROLE_BIAS, "bias", OKNG_SHAPE(channels));
    return okng_net_end(b, node);
}

okng_value okng_net_batch_norm(okng_builder *b, okng_value x, const char *prefix, const char *name)
{
    const okng_shape shape = OKNG_SHAPE(okng_net_dim(b, x, 1));
    okng_node *node = okng_net_begin(b, OKNG_OP_BATCH_NORM, prefix, name, &x, 1);
    if (!node) return OKNG_NO_VALUE;
    node->epsilon = torch_epsilon;
    okng_net_param(b, node, OKNG_ROLE_SCALE, "weight", shape);
    okng_net_param(b, node, OKNG_ROLE_SHIFT, "bias", shape);
    okng_net_param(b, node, OKNG_ROLE_MEAN, "running_mean", shape);
    okng_net_param(b, node, OKNG_ROLE_VARIANCE, "running_var", shape);
    return okng_net_end(b, node);
}

okng_value okng_net_max_pool(okng_builder *b, okng_value x, const char *prefix, const char *name, okng_window window)
{
    okng_node *node = okng_net_begin(b, OKNG_OP_MAX_POOL, prefix, name, &x, 1);
    if (node) node->window = window;
    return okng_net_end(b, node);
}
