/* Vision transformers: timm's plain ViT (timm/models/vision_transformer.py) and DINOv2
 * (dinov2/models/vision_transformer.py, dinov2/hub/backbones.py). */
#include <stdio.h>
#include <string.h>

#include "net/network.h"
#include "net/positions.h"

enum { BLOCKS = 12, HEAD_WIDTH = 64 };

static const double epsilon = 1e-6; /* of layer norm, in both projects */

/* In what the networks differ. */
typedef struct vit {
    int32_t width;            /* of a token */
    int32_t side;             /* of the trained grid, in patches */
    int32_t registers;        /* tokens between the class token and the patches */
    bool layer_scale;         /* ls1.gamma, ls2.gamma */
    okng_transform positions; /* pos_embed [1, 1 + side^2, width] for another grid; sizes: side, rows, columns */
} vit;

/* ---- position embeddings ---- */

/* The class token's stays, those of the patches are resampled. */
static okng_status resample(const int64_t sizes[OKNG_RANK_MAX], bool antialias, double offset, int64_t width,
                            const float *stored, float *value, okng_error *error)
{
    const okng_position_rule rule = {.side = (int32_t)sizes[0], .antialias = antialias, .offset = offset};
    memcpy(value, stored, (size_t)width * sizeof *value);
    return okng_positions_resample(&rule, stored + width, width, sizes[1], sizes[2], 1, value + width, error);
}

/* timm, and DINOv2 with registers. */
static okng_status resample_smooth(const int64_t sizes[OKNG_RANK_MAX], const okng_shape *stored_shape,
                                   const float *stored, const okng_shape *shape, float *value, okng_error *error)
{
    (void)shape;
    return resample(sizes, true, 0.0, stored_shape->dims[2], stored, value, error);
}

/* DINOv2 without registers. */
static okng_status resample_shifted(const int64_t sizes[OKNG_RANK_MAX], const okng_shape *stored_shape,
                                    const float *stored, const okng_shape *shape, float *value, okng_error *error)
{
    (void)shape;
    return resample(sizes, false, 0.1, stored_shape->dims[2], stored, value, error);
}

/* ---- the network ---- */

/* [N, 1 + registers + rows columns, width]: positions are added before the registers come in between. */
static okng_value embed(okng_builder *b, const vit *v, int32_t patch, okng_value image, int64_t rows, int64_t columns)
{
    const int64_t patches = rows * columns, width = v->width;
    okng_value x = okng_net_conv_bias(b, image, "patch_embed", "proj", width, okng_window_square(patch, patch, 0));
    x = okng_net_tokens(b, x, "", "tokens");
    okng_value cls = okng_net_constant(b, "", "cls_token", OKNG_SHAPE(1, 1, width));
    x = okng_net_concat(b, (okng_value[]){cls, x}, 2, 1, "", "cat");
    okng_value places = okng_net_constant_made(b, "", "pos_embed", OKNG_SHAPE(1, 1 + v->side * v->side, width),
                                               OKNG_SHAPE(1, 1 + patches, width), v->positions,
                                               (int64_t[OKNG_RANK_MAX]){v->side, rows, columns});
    x = okng_net_add(b, x, places, "", "pos_add");
    if (v->registers == 0) return x;
    okng_value first = okng_net_slice(b, x, 1, 0, 1, "", "cls");
    okng_value rest = okng_net_slice(b, x, 1, 1, patches, "", "patches");
    okng_value registers = okng_net_constant(b, "", "register_tokens", OKNG_SHAPE(1, v->registers, width));
    return okng_net_concat(b, (okng_value[]){first, registers, rest}, 3, 1, "", "cat_registers");
}

/* x + y, or x + gamma y */
static okng_value add(okng_builder *b, const vit *v, okng_value x, okng_value y, const char *block, int number)
{
    char scale[OKNG_NAME_MAX], name[OKNG_NAME_MAX];
    (void)snprintf(name, sizeof name, "ls%d", number);
    okng_net_name(b, scale, block, name);
    if (v->layer_scale) y = okng_net_scale(b, y, scale, "gamma");
    (void)snprintf(name, sizeof name, "add%d", number);
    return okng_net_add(b, x, y, block, name);
}

static okng_value block(okng_builder *b, const vit *v, okng_value x, const char *name)
{
    char attention[OKNG_NAME_MAX], mlp[OKNG_NAME_MAX];
    okng_net_name(b, attention, name, "attn");
    okng_net_name(b, mlp, name, "mlp");
    okng_value y = okng_net_layer_norm(b, x, name, "norm1", epsilon);
    y = okng_net_linear(b, y, attention, "qkv", 3 * v->width, true);
    y = okng_net_attention_packed(b, y, name, "attn", v->width / HEAD_WIDTH, false);
    y = okng_net_linear(b, y, attention, "proj", v->width, true);
    x = add(b, v, x, y, name, 1);
    y = okng_net_layer_norm(b, x, name, "norm2", epsilon);
    y = okng_net_gelu(b, okng_net_linear(b, y, mlp, "fc1", 4 * v->width, true), mlp, "act");
    y = okng_net_linear(b, y, mlp, "fc2", v->width, true);
    return add(b, v, x, y, name, 2);
}

/* Names the patches of x, without the tokens before them, as a map [N, width, rows, columns]. */
static void mark(okng_builder *b, const vit *v, okng_value x, int64_t rows, int64_t columns, const char *name)
{
    okng_value y = okng_net_slice(b, x, 1, 1 + v->registers, rows * columns, name, "patches");
    okng_net_mark(b, okng_net_map(b, y, rows, columns, name, "map"), name);
}

/* Weights of a sibling that would fit but for what they hold besides. */
static void name_absent(okng_builder *b, const vit *v)
{
    okng_net_absent(b, "blocks.12.norm1.weight");
    if (v->registers == 0) okng_net_absent(b, "register_tokens");
    if (!v->layer_scale) okng_net_absent(b, "blocks.0.ls1.gamma");
}

/* Marks: "blocks.0" .. "blocks.11" before the last norm, "norm" after it. */
static void build(okng_builder *b, const okng_network *network, const okng_graph_request *request)
{
    const vit *v = network->config;
    const int32_t patch = network->patch;
    const int64_t rows = request->height / patch, columns = request->width / patch;
    okng_value x = embed(b, v, patch, okng_net_input_patches(b, patch, request->height, request->width), rows, columns);
    for (int i = 0; i < BLOCKS; i++) {
        char name[OKNG_NAME_MAX];
        (void)snprintf(name, sizeof name, "blocks.%d", i);
        x = block(b, v, x, name);
        mark(b, v, x, rows, columns, name);
    }
    mark(b, v, okng_net_layer_norm(b, x, "", "norm", epsilon), rows, columns, "norm");
    name_absent(b, v);
}

/* ---- the rows ---- */

#define STAGES                                                                                                       \
    "blocks.0 blocks.1 blocks.2 blocks.3 blocks.4 blocks.5 blocks.6 blocks.7 blocks.8 blocks.9 blocks.10 blocks.11 " \
    "norm"

static const okng_network_default timm_defaults[] = {
    {"layers", "blocks.5"},
    {"resize", "224x224"},
    {"interpolation", "bicubic"},
    {"mean", "0.5,0.5,0.5"},
    {"std", "0.5,0.5,0.5"},
    {"patch-size", "1"},
    {NULL, NULL},
};

static const okng_network_default dinov2_defaults[] = {
    {"layers", "norm"},
    {"resize", "518x518"},
    {"interpolation", "bicubic"},
    {"mean", "0.485,0.456,0.406"},
    {"std", "0.229,0.224,0.225"},
    {"patch-size", "1"},
    {NULL, NULL},
};

/* What timm.create_model takes for the bare name: augreg, trained on ImageNet-21k, then ImageNet-1k. */
#define TIMM(text, wide, tag, revision, hash)                                                                       \
    {                                                                                                               \
        .name = text, .url = "https://huggingface.co/timm/" text "." tag "/resolve/" revision "/model.safetensors", \
        .hash_prefix = hash, .config = &(const vit){wide, 14, 0, false, resample_smooth}, .stages = STAGES,         \
        .defaults = timm_defaults, .patch = 16, .step = 16, .side = 224, .licence = "Apache-2.0 (timm)"             \
    }

#define DINOV2(text, folder, file, hash, wide, registers, positions)                                         \
    {                                                                                                        \
        .name = text, .url = "https://dl.fbaipublicfiles.com/dinov2/" folder "/" file "_pretrain.pth",       \
        .hash_prefix = hash, .config = &(const vit){wide, 37, registers, true, positions}, .stages = STAGES, \
        .defaults = dinov2_defaults, .patch = 14, .step = 14, .side = 518, .licence = "Apache-2.0 (DINOv2)"  \
    }

static const okng_network networks[] = {
    TIMM("vit_tiny_patch16_224", 192, "augreg_in21k_ft_in1k", "7d3afdd0cf93ad84d986eb2d6bcc5812ebd0b106", "fecf81b4"),
    TIMM("vit_small_patch16_224", 384, "augreg_in21k_ft_in1k", "7e2c55630205e1266030f18370f4c6ed1a514b52", "79c03c63"),
    TIMM("vit_base_patch16_224", 768, "augreg2_in21k_ft_in1k", "063c6c38a5d8510b2e57df480445e94b231dad2c", "32aa17d6"),
    DINOV2("dinov2_vits14", "dinov2_vits14", "dinov2_vits14", "b938bf1b", 384, 0, resample_shifted),
    DINOV2("dinov2_vitb14", "dinov2_vitb14", "dinov2_vitb14", "0b8b82f8", 768, 0, resample_shifted),
    DINOV2("dinov2_vits14_reg", "dinov2_vits14", "dinov2_vits14_reg4", "f4331770", 384, 4, resample_smooth),
    DINOV2("dinov2_vitb14_reg", "dinov2_vitb14", "dinov2_vitb14_reg4", "73182a08", 768, 4, resample_smooth),
};

const okng_family okng_family_vit = {build, networks, sizeof networks / sizeof *networks};
