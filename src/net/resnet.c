#include "net/resnet.h"

#include <stdio.h>

/* What a block of one layer has in common with its neighbours. */
typedef struct stage {
    const okng_resnet *config;
    int32_t planes; /* 64, 128, 256, 512 */
    int32_t stride; /* of the layer's first block */
} stage;

static okng_value conv_bn(okng_builder *b, okng_value x, const char *prefix, const char *conv, const char *bn,
                          int64_t channels, okng_window window, int32_t groups)
{
    return okng_net_batch_norm(b, okng_net_conv(b, x, prefix, conv, channels, window, groups), prefix, bn);
}

static okng_value conv_bn_relu(okng_builder *b, okng_value x, const char *prefix, const char *conv, const char *bn,
                               int64_t channels, okng_window window, int32_t groups)
{
    return okng_net_relu(b, conv_bn(b, x, prefix, conv, bn, channels, window, groups), prefix, "relu");
}

static okng_window window3x3(int32_t stride)
{
    return (okng_window){.kernel = 3, .stride = stride, .padding = 1};
}

static okng_window window1x1(int32_t stride)
{
    return (okng_window){.kernel = 1, .stride = stride, .padding = 0};
}

/* The way around a block: x itself, or projected where the block changes its shape. */
static okng_value shortcut(okng_builder *b, okng_value x, const char *prefix, int64_t channels, int32_t stride)
{
    if (stride == 1 && okng_net_channels(b, x) == channels) return x;
    char name[OKNG_NAME_MAX];
    okng_net_name(b, name, prefix, "downsample");
    return conv_bn(b, x, name, "0", "1", channels, window1x1(stride), 1);
}

/* (N, planes, H / stride, W / stride) */
static okng_value basic_block(okng_builder *b, okng_value x, const char *prefix, const stage *s, int32_t stride)
{
    okng_value y = conv_bn_relu(b, x, prefix, "conv1", "bn1", s->planes, window3x3(stride), 1);
    y = conv_bn(b, y, prefix, "conv2", "bn2", s->planes, window3x3(1), 1);
    okng_value skip = shortcut(b, x, prefix, s->planes, stride);
    return okng_net_relu(b, okng_net_add(b, y, skip, prefix, "add"), prefix, "relu");
}

/* (N, 4 planes, H / stride, W / stride); the stride is in the 3x3 convolution */
static okng_value bottleneck(okng_builder *b, okng_value x, const char *prefix, const stage *s, int32_t stride)
{
    int32_t groups = s->config->groups, width = s->planes * s->config->width_per_group / 64 * groups;
    okng_value y = conv_bn_relu(b, x, prefix, "conv1", "bn1", width, window1x1(1), 1);
    y = conv_bn_relu(b, y, prefix, "conv2", "bn2", width, window3x3(stride), groups);
    y = conv_bn(b, y, prefix, "conv3", "bn3", s->planes * 4, window1x1(1), 1);
    okng_value skip = shortcut(b, x, prefix, s->planes * 4, stride);
    return okng_net_relu(b, okng_net_add(b, y, skip, prefix, "add"), prefix, "relu");
}

/* One of layer1..layer4. */
static okng_value layer(okng_builder *b, okng_value x, int number, const stage *s)
{
    char name[OKNG_NAME_MAX];
    int32_t blocks = s->config->blocks[number - 1];
    for (int32_t i = 0; i < blocks; i++) {
        (void)snprintf(name, sizeof name, "layer%d.%d", number, i);
        x = (s->config->bottleneck ? bottleneck : basic_block)(b, x, name, s, i == 0 ? s->stride : 1);
        okng_net_mark(b, x, name);
    }
    (void)snprintf(name, sizeof name, "layer%d", number);
    okng_net_mark(b, x, name);
    (void)snprintf(name, sizeof name, "layer%d.%d.conv1.weight", number, blocks);
    okng_net_absent(b, name);
    return x;
}

void okng_resnet_build(okng_builder *b, const okng_resnet *config, int batch, int height, int width)
{
    okng_value x = okng_net_input(b, batch, 3, height, width);
    x = conv_bn_relu(b, x, "", "conv1", "bn1", 64, (okng_window){.kernel = 7, .stride = 2, .padding = 3}, 1);
    x = okng_net_max_pool(b, x, "maxpool", window3x3(2));
    for (int i = 0; i < 4; i++)
        x = layer(b, x, i + 1, &(stage){.config = config, .planes = 64 << i, .stride = i == 0 ? 1 : 2});
}
