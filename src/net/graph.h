/* A network as data: a list of named operators with shapes. Built once by a builder function, then folded, fused,
 * executed (engine/), counted, printed and exported from that same list. */
#ifndef OKNG_NET_GRAPH_H
#define OKNG_NET_GRAPH_H

#include "tensor/weights.h"

typedef struct okng_graph okng_graph;

/* What goes in. Of a CLIP there are graphs from further on in its image tower, and of its text tower (net/clip.h). */
typedef enum okng_part {
    OKNG_PART_PICTURE = 0, /* [1, 3, height, width]; all networks have this one */
    OKNG_PART_TOKENS,      /* [1, sequences * length, width]: tokens of pictures as the layer "tokens" gives them */
    OKNG_PART_TEXT,        /* [1, sequences * length]: ids of the tokens of texts, int32 */
    OKNG_PART_LAST,    /* as TOKENS, of tokens as the last block but one gives them; "norm.tokens", "embedding" alone */
    OKNG_PART_VECTORS, /* [1, sequences * length, text width]: as TEXT, of vectors in place of tokens' ids: positions
                          are still to be added */
    OKNG_PART_ADAPTER, /* [1, length, width]: of one sequence of tokens of a picture, to the layer "tokens.embedding":
                          AF-CLIP's adapter, which is no part of a CLIP's weights, then the tower's last norm and its
                          projection (net/clip_adapter.c) */
    OKNG_PART_ADAPTER_MAPS, /* the same in two steps, of weights that afclip/fold.h makes: tokens less their mean to
                               the layer "maps", [1, length, 3 * 512] */
    OKNG_PART_ADAPTER_HEADS /* and such maps, normed, to "tokens.embedding", no wider than tokens are */
} okng_part;

/* Which graph is wanted. What is left out is 0, and means what it says there. */
typedef struct okng_graph_request {
    const char *backbone;       /* "resnet18" */
    const char *const *layers;  /* layer_count names of what is wanted: "layer1", "layer2.1", "blocks.5", "norm" */
    int layer_count;            /* 1..OKNG_MAX_LAYERS */
    int32_t height, width;      /* of the input, in pixels */
    okng_activation activation; /* of a CLIP: AUTO = the row's own (who has weights asks okng_clip_activation) */
    okng_positions positions;   /* of a CLIP: AUTO = as open_clip */
    okng_part part;             /* layers of TOKENS, TEXT, VECTORS: "blocks.0.tokens", "norm.tokens", "embedding" */
    int32_t sequences, length;  /* of all but PICTURE: so many, which know nothing of each other, of so many tokens each
                                   (of all ADAPTER... one) */
} okng_graph_request;

/* The network for input [1, 3, height, width] (how many pictures go in at once is up to who runs it), only as far as
 * the layers need, batch norm folded, activations and residual sums fused. Layers: in any order, each once. Errors:
 * NOT_FOUND for an unknown backbone or layer (naming those known), ARGUMENT for a layer named twice, an input too small
 * and for what the network has no choice of. Weights are not touched here: the graph holds their PyTorch names and
 * shapes. */
okng_status okng_graph_build(okng_graph **out, const okng_graph_request *request, okng_error *error);
void okng_graph_free(okng_graph **graph);

/* Shape of output i (the i-th asked layer) for one picture, [1, C, H, W] for a feature map. Returns its rank, 1..4. */
int32_t okng_graph_output_shape(const okng_graph *graph, int i, int64_t shape[4]);
int okng_graph_output_count(const okng_graph *graph);
int32_t okng_graph_node_count(const okng_graph *graph);
int64_t okng_graph_parameters(const okng_graph *graph); /* as torch counts: not running mean and variance */
/* Multiply-adds x 2 of convolutions and other products, as torch.utils.flop_counter counts. */
double okng_graph_flops(const okng_graph *graph);

/* What an option of okng_build_options is for a network where nothing else is asked for, as text: what it was trained
 * with. */
typedef struct okng_network_default {
    const char *option, *value; /* "layers", "layer2 layer3" */
} okng_network_default;

/* Static storage. */
typedef struct okng_network_info {
    const char *stages;                   /* the layers that end its parts, in order; okng_backbone_fits counts these */
    const okng_network_default *defaults; /* up to a row of NULL */
    int32_t patch;                        /* sides of the input are multiples of it */
    int32_t step;                         /* sides that are chosen are multiples of it: of patch, or more */
    int32_t side;                         /* of the square that it is made for */
    okng_activation activation;           /* of the weights that its name stands for; AUTO: there is no choice */
    const char *url, *hash_prefix;        /* of the public file; "" where there is none, or no hash is stated */
} okng_network_info;
/* The name of backbone number i of okng_backbone_get, of which nothing is built here; NULL after the last. */
const char *okng_network_name(size_t i);
/* NOT_FOUND for an unknown backbone, naming those known. */
okng_status okng_network_get(const char *backbone, okng_network_info *info, okng_error *error);

/* Opens the weights of a backbone: the file at `path`, or, where that is "", those that are part of the library
 * (ARGUMENT when there are none). */
okng_status okng_graph_weights(okng_weights **out, const char *backbone, const char *path, okng_error *error);

/* Checks that the weights hold every tensor that the graph needs, in the right shape, finite. MISMATCH or NOT_FOUND
 * names the first missing or mis-shaped tensor with found and expected shape. Weights of a deeper sibling (resnet34's
 * for resnet18), which hold all that is needed, are a MISMATCH too. Names may carry a training wrapper's prefix
 * ("module.").
 */
okng_status okng_graph_check_weights(const okng_graph *graph, const okng_weights *weights, okng_error *error);

#endif
