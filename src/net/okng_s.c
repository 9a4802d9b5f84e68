/* okng-s: the built-in network, a small residual network that regresses ResNet-18's layer2 and layer3
 * (docs/okng-s.md). Its batch norms were folded before the weights were written, so every convolution has a bias. */
#include <stdio.h>

#include "net/network.h"

enum { STEM = 32, LAYERS = 3 };

static const struct {
    int32_t channels, blocks, stride;
} layers[LAYERS] = {{32, 1, 1}, {96, 2, 2}, {160, 3, 2}};

static okng_value conv_relu(okng_builder *b, okng_value x, const char *prefix, const char *name, int64_t channels,
                            int32_t stride)
{
    return okng_net_relu(b, okng_net_conv_bias(b, x, prefix, name, channels, okng_window_square(3, stride, 1)), prefix,
                         "relu");
}

/* (N, channels, H / stride, W / stride) */
static okng_value block(okng_builder *b, okng_value x, const char *prefix, int32_t channels, int32_t stride)
{
    okng_value y = conv_relu(b, x, prefix, "conv1", channels, stride);
    y = okng_net_conv_bias(b, y, prefix, "conv2", channels, okng_window_square(3, 1, 1));
    okng_value skip = x;
    if (stride != 1 || okng_net_dim(b, x, 1) != channels)
        skip = okng_net_conv_bias(b, x, prefix, "downsample.0", channels, okng_window_square(1, stride, 0));
    return okng_net_relu(b, okng_net_add(b, y, skip, prefix, "add"), prefix, "relu");
}

static okng_value layer(okng_builder *b, okng_value x, int i)
{
    char name[OKNG_NAME_MAX];
    for (int32_t k = 0; k < layers[i].blocks; k++) {
        (void)snprintf(name, sizeof name, "layer%d.%d", i + 1, k);
        x = block(b, x, name, layers[i].channels, k == 0 ? layers[i].stride : 1);
        if (i == 0) okng_net_mark(b, x, name);
    }
    return x;
}

/* Up to layer3. */
static void build(okng_builder *b, const okng_network *row, const okng_graph_request *request)
{
    (void)row;
    okng_value x = okng_net_input(b, 3, request->height, request->width);
    x = conv_relu(b, x, "", "conv1", STEM, 2);
    x = conv_relu(b, x, "", "conv2", layers[0].channels, 2);
    x = layer(b, x, 0);
    okng_net_mark(b, x, "layer1");
    /* What the layers of the teacher's names give are the regressed maps, not the student's own. */
    okng_value two = layer(b, x, 1);
    okng_net_mark(b, okng_net_conv_bias(b, two, "", "head2", 128, okng_window_square(1, 1, 0)), "layer2");
    okng_value three = layer(b, two, 2);
    okng_net_mark(b, okng_net_conv_bias(b, three, "", "head3", 256, okng_window_square(1, 1, 0)), "layer3");
}

extern const unsigned char okng_builtin_okng_s[]; /* builtin.S */
extern const uint64_t okng_builtin_okng_s_size;

static const okng_network_default defaults[] = {
    {"layers", "layer2 layer3"},
    {"resize", "256x256"},
    {"interpolation", "bilinear"},
    {"mean", "0.485,0.456,0.406"},
    {"std", "0.229,0.224,0.225"},
    {"patch-size", "3"},
    {NULL, NULL},
};

static const okng_network network = {.name = "okng-s",
                                     .url = "",
                                     .hash_prefix = "",
                                     .stages = "layer1 layer2 layer3",
                                     .defaults = defaults,
                                     .patch = 1,
                                     .step = 16, /* layer3 */
                                     .side = 256,
                                     .weights = okng_builtin_okng_s,
                                     .weights_size = &okng_builtin_okng_s_size,
                                     .licence = "Apache-2.0"};

const okng_family okng_family_okng_s = {build, &network, 1};
