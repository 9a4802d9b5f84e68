/* The ResNet family of torchvision (models/resnet.py): plain, wide and ResNeXt. */
#ifndef OKNG_NET_RESNET_H
#define OKNG_NET_RESNET_H

#include "net/builder.h"

typedef struct okng_resnet {
    bool bottleneck;         /* 1x1, 3x3, 1x1 with four times the channels, else 3x3, 3x3 */
    int32_t blocks[4];       /* of layer1..layer4 */
    int32_t groups;          /* of the 3x3 convolutions of a bottleneck */
    int32_t width_per_group; /* of layer1; doubles with each layer */
} okng_resnet;

/* Everything up to and with layer4. Marks: "layer1.0", ..., "layer1" (same value as its last block), ... */
void okng_resnet_build(okng_builder *b, const okng_resnet *config, int batch, int height, int width);

#endif
