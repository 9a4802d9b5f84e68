/* The ResNet family of torchvision (models/resnet.py): plain, wide and ResNeXt. */
#include <stdio.h>

#include "net/network.h"

typedef struct resnet {
    bool bottleneck;         /* 1x1, 3x3, 1x1 with four times the channels, else 3x3, 3x3 */
    int32_t blocks[4];       /* of layer1..layer4 */
    int32_t groups;          /* of the 3x3 convolutions of a bottleneck */
    int32_t width_per_group; /* of layer1; doubles with each layer */
} resnet;

/* What a block of one layer has in common with its neighbours. */
typedef struct stage {
    const resnet *config;
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

/* The way around a block: x itself, or projected where the block changes its shape. */
static okng_value shortcut(okng_builder *b, okng_value x, const char *prefix, int64_t channels, int32_t stride)
{
    if (stride == 1 && okng_net_dim(b, x, 1) == channels) return x;
    char name[OKNG_NAME_MAX];
    okng_net_name(b, name, prefix, "downsample");
    return conv_bn(b, x, name, "0", "1", channels, okng_window_square(1, stride, 0), 1);
}

/* (N, planes, H / stride, W / stride) */
static okng_value basic_block(okng_builder *b, okng_value x, const char *prefix, const stage *s, int32_t stride)
{
    okng_value y = conv_bn_relu(b, x, prefix, "conv1", "bn1", s->planes, okng_window_square(3, stride, 1), 1);
    y = conv_bn(b, y, prefix, "conv2", "bn2", s->planes, okng_window_square(3, 1, 1), 1);
    okng_value skip = shortcut(b, x, prefix, s->planes, stride);
    return okng_net_relu(b, okng_net_add(b, y, skip, prefix, "add"), prefix, "relu");
}

/* (N, 4 planes, H / stride, W / stride); the stride is in the 3x3 convolution */
static okng_value bottleneck(okng_builder *b, okng_value x, const char *prefix, const stage *s, int32_t stride)
{
    int32_t groups = s->config->groups, width = s->planes * s->config->width_per_group / 64 * groups;
    okng_value y = conv_bn_relu(b, x, prefix, "conv1", "bn1", width, okng_window_square(1, 1, 0), 1);
    y = conv_bn_relu(b, y, prefix, "conv2", "bn2", width, okng_window_square(3, stride, 1), groups);
    y = conv_bn(b, y, prefix, "conv3", "bn3", s->planes * 4, okng_window_square(1, 1, 0), 1);
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

/* Up to and with layer4. Marks: "layer1.0", ..., "layer1" (same value as its last block), ... */
static void build(okng_builder *b, const okng_network *network, const okng_graph_request *request)
{
    okng_value x = okng_net_input(b, 3, request->height, request->width);
    x = conv_bn_relu(b, x, "", "conv1", "bn1", 64, okng_window_square(7, 2, 3), 1);
    x = okng_net_max_pool(b, x, "", "maxpool", okng_window_square(3, 2, 1));
    for (int i = 0; i < 4; i++)
        x = layer(b, x, i + 1, &(stage){.config = network->config, .planes = 64 << i, .stride = i == 0 ? 1 : 2});
}

/* Trained at 224; a PatchCore looks at a little more. */
static const okng_network_default defaults[] = {
    {"layers", "layer2 layer3"},
    {"resize", "256x256"},
    {"interpolation", "bilinear"},
    {"mean", "0.485,0.456,0.406"},
    {"std", "0.229,0.224,0.225"},
    {"patch-size", "3"},
    {NULL, NULL},
};

/* torchvision's IMAGENET1K_V1 files: PatchCore's published numbers were made with these, not with V2. */
#define ROW(text, hash, ...)                                                                                   \
    {                                                                                                          \
        .name = text, .url = "https://download.pytorch.org/models/" text "-" hash ".pth", .hash_prefix = hash, \
        .config = &(const resnet){__VA_ARGS__}, .stages = "layer1 layer2 layer3 layer4", .defaults = defaults, \
        .patch = 1, .step = 32, .side = 256, .licence = "BSD-3-Clause (torchvision)"                           \
    }

static const okng_network networks[] = {
    ROW("resnet18", "f37072fd", false, {2, 2, 2, 2}, 1, 64),
    ROW("resnet34", "b627a593", false, {3, 4, 6, 3}, 1, 64),
    ROW("resnet50", "0676ba61", true, {3, 4, 6, 3}, 1, 64),
    ROW("resnet101", "63fe2227", true, {3, 4, 23, 3}, 1, 64),
    ROW("resnet152", "394f9c45", true, {3, 8, 36, 3}, 1, 64),
    ROW("wide_resnet50_2", "95faca4d", true, {3, 4, 6, 3}, 1, 128),
    ROW("wide_resnet101_2", "32ee1156", true, {3, 4, 23, 3}, 1, 128),
    ROW("resnext50_32x4d", "7cdf4587", true, {3, 4, 6, 3}, 32, 4),
    ROW("resnext101_32x8d", "8ba56ff5", true, {3, 4, 23, 3}, 32, 8),
};

const okng_family okng_family_resnet = {build, networks, sizeof networks / sizeof *networks};
