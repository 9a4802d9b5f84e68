/* A network that can be asked for by name: one row, in the file of the function that builds its family.
 *
 * A new network of a family that there is takes one row. A new family takes one file, with its builder and an
 * okng_family of its rows, and a line in registry.c. */
#ifndef OKNG_NET_NETWORK_H
#define OKNG_NET_NETWORK_H

#include "net/builder.h"

typedef struct okng_network {
    const char *name;                     /* "resnet18" */
    const char *url, *hash_prefix;        /* of public weights, "" where there are none: see okng_backbone_info */
    const void *config;                   /* what the family's builder wants to know */
    const char *stages;                   /* the layers that end its parts, in order: "layer1 layer2 layer3 layer4" */
    const okng_network_default *defaults; /* up to a row of NULL */
    int32_t patch;                        /* sides of the input are multiples of it */
    int32_t step;                         /* pixels to a place of the deepest layer: a side that is chosen is a
                                             multiple of it */
    int32_t side;                         /* of the square that it is made for */
    okng_activation activation;           /* of a CLIP: that of the public weights; AUTO: there is no choice */
    const unsigned char *weights;         /* part of the library, a .safetensors file; NULL = must be given */
    const uint64_t *weights_size;
    const char *sha256;  /* of the public file, where its publisher states all of it; NULL else */
    int64_t bytes;       /* of the public file; 0 where it is not known */
    const char *licence; /* of the weights: "MIT (OpenAI)" */
} okng_network;

/* Networks with one builder. */
typedef struct okng_family {
    /* Everything up to the deepest layer, with a mark for each that may be asked for. */
    void (*build)(okng_builder *b, const okng_network *network, const okng_graph_request *request);
    const okng_network *networks;
    size_t count;
} okng_family;

#endif
