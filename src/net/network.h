/* A network that can be asked for by name: one row, in the file of the function that builds its family.
 *
 * A new network of a family that there is takes one row. A new family takes one file, with its builder and an
 * okng_family of its rows, and a line in registry.c. */
#ifndef OKNG_NET_NETWORK_H
#define OKNG_NET_NETWORK_H

#include "net/builder.h"

typedef struct okng_network {
    const char *name;              /* "resnet18" */
    const char *url, *hash_prefix; /* of public weights, "" where there are none: see okng_backbone_info */
    const void *config;            /* what the family's builder wants to know */
    const char *stages;            /* the layers that end its parts, in order: "layer1 layer2 layer3 layer4" */
    const char *layers;            /* those to take where none are asked for */
    float mean[3], std[3];         /* of RGB in 0..1, as it was trained */
    int32_t height, width;         /* of the input that it was trained with */
    const char *interpolation;     /* of the resize before it, a name of the option */
    const unsigned char *weights;  /* part of the library, a .safetensors file; NULL = must be given */
    const uint64_t *weights_size;
} okng_network;

/* Networks with one builder. */
typedef struct okng_family {
    /* Everything up to the deepest layer, with a mark for each that may be asked for. */
    void (*build)(okng_builder *b, const okng_network *network, int64_t height, int64_t width);
    const okng_network *networks;
    size_t count;
} okng_family;

/* Row fields that ResNet's descendants share. */
#define OKNG_IMAGENET_COLOURS .mean = {0.485f, 0.456f, 0.406f}, .std = {0.229f, 0.224f, 0.225f}

#endif
