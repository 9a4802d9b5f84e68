#include "net/okng_s.h"

#include <stdio.h>

enum { STEM = 32, LAYERS = 3 };

static const struct {
    int32_t channels, blocks, stride;
} layers[LAYERS] = {{32, 1, 1}, {96, 2, 2}, {160, 3, 2}};

static okng_window window3x3(int32_t stride)
{
    return (okng_window){.kernel = 3, .stride = stride, .padding = 1};
}

static okng_window window1x1(int32_t stride)
{
    return (okng_window){.kernel = 1, .stride = stride, .padding = 0};
}

static okng_value conv_relu(okng_builder *b, okng_value x, const char *prefix, const char *name, int64_t channels,
                            int32_t stride)
{
    return okng_net_relu(b, okng_net_conv_bias(b, x, prefix, name, channels, window3x3(stride)), prefix, "relu");
}

/* (N, channels, H / stride, W / stride) */
static okng_value block(okng_builder *b, okng_value x, const char *prefix, int32_t channels, int32_t stride)
{
    okng_value y = conv_relu(b, x, prefix, "conv1", channels, stride);
    y = okng_net_conv_bias(b, y, prefix, "conv2", channels, window3x3(1));
    okng_value skip = x;
    if (stride != 1 || okng_net_channels(b, x) != channels)
        skip = okng_net_conv_bias(b, x, prefix, "downsample.0", channels, window1x1(stride));
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

void okng_okng_s_build(okng_builder *b, int batch, int height, int width)
{
    okng_value x = okng_net_input(b, batch, 3, height, width);
    x = conv_relu(b, x, "", "conv1", STEM, 2);
    x = conv_relu(b, x, "", "conv2", layers[0].channels, 2);
    x = layer(b, x, 0);
    okng_net_mark(b, x, "layer1");
    /* What the layers of the teacher's names give are the regressed maps, not the student's own. */
    okng_value two = layer(b, x, 1);
    okng_net_mark(b, okng_net_conv_bias(b, two, "", "head2", 128, window1x1(1)), "layer2");
    okng_value three = layer(b, two, 2);
    okng_net_mark(b, okng_net_conv_bias(b, three, "", "head3", 256, window1x1(1)), "layer3");
}
