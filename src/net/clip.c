/* CLIP's image towers: open_clip's VisionTransformer (open_clip/transformer.py), which those of OpenAI and TinyCLIP
 * are too. */
#include "net/clip.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "net/clip_tower.h"
#include "net/network.h"
#include "net/positions.h"

/* ---- the network ---- */

/* sizes: side, rows, columns, an okng_positions. */
static okng_status resample_positions(const int64_t sizes[OKNG_RANK_MAX], const okng_shape *stored_shape,
                                      const float *stored, const okng_shape *shape, float *value, okng_error *error)
{
    (void)shape;
    const int64_t width = stored_shape->dims[1];
    const okng_position_rule rule = {.side = (int32_t)sizes[0],
                                     .antialias = sizes[3] <= OKNG_POSITIONS_OPEN_CLIP,
                                     .align_corners = sizes[3] == OKNG_POSITIONS_TINYCLIP,
                                     .bilinear = sizes[3] == OKNG_POSITIONS_AFCLIP};
    memcpy(value, stored, (size_t)width * sizeof *value); /* the class token's */
    return okng_positions_resample(&rule, stored + width, width, sizes[1], sizes[2], 1, value + width, error);
}

/* [N, 1 + rows columns, width]: the class token, then patches, with their positions. */
static okng_value embed(okng_builder *b, const okng_clip_shape *clip, const okng_graph_request *request)
{
    const int32_t patch = clip->patch;
    const int64_t width = clip->width, rows = request->height / patch, columns = request->width / patch;
    okng_value image = okng_net_input_patches(b, patch, request->height, request->width);
    okng_value x = okng_net_conv(b, image, "visual", "conv1", width, okng_window_square(patch, patch, 0), 1);
    x = okng_net_tokens(b, x, "visual", "patches");
    okng_value token =
        okng_net_constant_made(b, "visual", "class_embedding", OKNG_SHAPE(width), OKNG_SHAPE(1, 1, width), NULL, NULL);
    x = okng_net_concat(b, (okng_value[]){token, x}, 2, 1, "visual", "cat");
    okng_value places =
        okng_net_constant_made(b, "visual", "positional_embedding", OKNG_SHAPE(1 + clip->side * clip->side, width),
                               OKNG_SHAPE(1, 1 + rows * columns, width), resample_positions,
                               (int64_t[OKNG_RANK_MAX]){clip->side, rows, columns, request->positions});
    return okng_net_add(b, x, places, "visual", "pos_add");
}

/* Marks x with the class token as "name.tokens", and without it as the map "name". */
static void mark(okng_builder *b, okng_value x, int64_t rows, int64_t columns, const char *name)
{
    okng_value y = okng_net_slice(b, x, 1, 1, rows * columns, name, "patches");
    okng_net_mark(b, okng_net_map(b, y, rows, columns, name, "map"), name);
    okng_clip_mark_tokens(b, x, name);
}

/* x [N, sequences * length, width] after ln_post, of any length: what the class tokens come to in the joint space. */
static void mark_embedding(okng_builder *b, okng_value x, const okng_clip_shape *clip, int64_t sequences)
{
    x = okng_clip_first(b, x, sequences, "visual");
    okng_net_mark(b, okng_clip_project(b, x, "visual.proj", clip->embedding), "embedding");
}

static okng_clip_tower image_tower(const okng_clip_shape *clip, okng_activation activation, int32_t sequences)
{
    return (okng_clip_tower){.prefix = "visual.transformer.resblocks",
                             .width = clip->width,
                             .layers = clip->layers,
                             .sequences = sequences,
                             .activation = activation};
}

/* From pixels. Marks: "tokens" before ln_pre; "blocks.0" .. and "norm", after ln_post, as maps, "blocks.0.tokens" ..
 * with the class token; "embedding". */
static void build_picture(okng_builder *b, const okng_clip_shape *clip, okng_activation activation,
                          const okng_graph_request *request)
{
    const okng_clip_tower tower = image_tower(clip, activation, 1);
    const int64_t rows = request->height / clip->patch, columns = request->width / clip->patch;
    okng_value x = embed(b, clip, request);
    okng_net_mark(b, x, "tokens");
    x = okng_clip_norm(b, x, "visual", "ln_pre");
    for (int32_t i = 0; i < tower.layers; i++) {
        char name[OKNG_NAME_MAX];
        (void)snprintf(name, sizeof name, "blocks.%d", (int)i);
        x = okng_clip_block(b, x, &tower, i);
        mark(b, x, rows, columns, name);
    }
    x = okng_clip_norm(b, x, "visual", "ln_post");
    mark(b, x, rows, columns, "norm");
    mark_embedding(b, x, clip, 1);
    okng_clip_no_deeper(b, &tower);
}

/* Whether what the class tokens come to is all that is asked for. */
static bool wants_embedding_alone(const okng_graph_request *request)
{
    return request->layer_count == 1 && strcmp(request->layers[0], "embedding") == 0;
}

/* From tokens, whole pictures or parts of them, each sequence with the class token first. Marks: "blocks.0.tokens" ..,
 * "norm.tokens"; "embedding" [N, sequences, E]. */
static void build_tokens(okng_builder *b, const okng_clip_shape *clip, okng_activation activation,
                         const okng_graph_request *request)
{
    const okng_clip_tower tower = image_tower(clip, activation, request->sequences);
    const bool alone = wants_embedding_alone(request);
    okng_value x = okng_net_input_vectors(b, "tokens", (int64_t)request->sequences * request->length, clip->width);
    x = okng_clip_norm(b, x, "visual", "ln_pre");
    x = okng_clip_blocks(b, x, &tower, alone ? tower.layers - 1 : tower.layers);
    if (alone) x = okng_clip_last_block(b, x, &tower);
    x = okng_clip_norm(b, x, "visual", "ln_post");
    if (!alone) okng_clip_mark_tokens(b, x, "norm");
    mark_embedding(b, x, clip, request->sequences);
    okng_clip_no_deeper(b, &tower);
}

/* From tokens that the last block is given. Marks: "norm.tokens"; "embedding". */
static void build_last(okng_builder *b, const okng_clip_shape *clip, okng_activation activation,
                       const okng_graph_request *request)
{
    const okng_clip_tower tower = image_tower(clip, activation, request->sequences);
    okng_value x = okng_net_input_vectors(b, "tokens", (int64_t)request->sequences * request->length, clip->width);
    x = okng_clip_norm(b, okng_clip_block(b, x, &tower, tower.layers - 1), "visual", "ln_post");
    okng_clip_mark_tokens(b, x, "norm");
    mark_embedding(b, x, clip, request->sequences);
    okng_clip_no_deeper(b, &tower);
}

static void build(okng_builder *b, const okng_network *network, const okng_graph_request *request)
{
    const okng_activation activation = request->activation ? request->activation : network->activation;
    if (request->part != OKNG_PART_PICTURE && request->sequences < 1)
        okng_net_fail(b, OKNG_ERROR_ARGUMENT, "%d sequences, expected 1 or more", (int)request->sequences);
    else if (request->part == OKNG_PART_PICTURE)
        build_picture(b, network->config, activation, request);
    else if (request->part == OKNG_PART_TOKENS)
        build_tokens(b, network->config, activation, request);
    else if (request->part == OKNG_PART_LAST)
        build_last(b, network->config, activation, request);
    else if (request->part >= OKNG_PART_ADAPTER)
        okng_clip_build_adapter(b, network->config, request);
    else
        okng_clip_build_text(b, network->config, activation, request);
}

/* ---- the rows ---- */

#define STAGES_10 "blocks.0 blocks.1 blocks.2 blocks.3 blocks.4 blocks.5 blocks.6 blocks.7 blocks.8 blocks.9 "
#define STAGES_12 STAGES_10 "blocks.10 blocks.11 "
#define STAGES_24                                                                                          \
    STAGES_12 "blocks.12 blocks.13 blocks.14 blocks.15 blocks.16 blocks.17 blocks.18 blocks.19 blocks.20 " \
              "blocks.21 blocks.22 blocks.23 "

/* What all but Laion's ViT-L-14 (mean and std 0.5) were trained with. */
#define DEFAULTS(layer, size)                                                                       \
    (const okng_network_default[])                                                                  \
    {                                                                                               \
        {"layers", layer}, {"resize", size}, {"interpolation", "bicubic"},                          \
            {"mean", "0.48145467,0.4578275,0.40821072"}, {"std", "0.26862955,0.2613026,0.2757771"}, \
            {"patch-size", "1"},                                                                    \
        {                                                                                           \
            NULL, NULL                                                                              \
        }                                                                                           \
    }

#define ROW(text, blocks, layer, pixels, size, ...)                                                  \
    .name = text, .config = &(const okng_clip_shape){__VA_ARGS__}, .stages = STAGES_##blocks "norm", \
    .defaults = DEFAULTS(layer, size), .side = pixels

#define PATCH(pixels) .patch = pixels, .step = pixels

/* The public files, with the activation that they were trained with. OpenAI's, TorchScript archives, have their SHA-256
 * in their address. */
#define OPENAI(file, begin, rest, size)                                                                       \
    .url = "https://openaipublic.azureedge.net/clip/models/" begin rest "/" file ".pt", .hash_prefix = begin, \
    .sha256 = begin rest, .bytes = size, .licence = "MIT (OpenAI)", .activation = OKNG_ACTIVATION_QUICKGELU
#define LAION(release, file, begin)                                                                          \
    .url = "https://github.com/mlfoundations/open_clip/releases/download/" release "/" file "-" begin ".pt", \
    .hash_prefix = begin, .licence = "MIT (open_clip)", .activation = OKNG_ACTIVATION_GELU
#define TINYCLIP(file)                                                                                      \
    .url = "https://github.com/wkcn/TinyCLIP-model-zoo/releases/download/checkpoints/TinyCLIP-" file ".pt", \
    .hash_prefix = "", .licence = "MIT (TinyCLIP, Microsoft)", .activation = OKNG_ACTIVATION_GELU

/* width, layers, patch, side, text width, text layers, embedding */
static const okng_network networks[] = {
    {ROW("clip-vit-b-16", 12, "blocks.5", 224, "224x224", 768, 12, 16, 14, 512, 12, 512), PATCH(16),
     OPENAI("ViT-B-16", "5806e77c", "d80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f", 350837078)},
    {ROW("clip-vit-b-16-plus-240", 12, "blocks.5", 240, "240x240", 896, 12, 16, 15, 640, 12, 640), PATCH(16),
     LAION("v0.2-weights", "vit_b_16_plus_240-laion400m_e31", "8fb26589")},
    {ROW("clip-vit-b-32", 12, "blocks.5", 224, "224x224", 768, 12, 32, 7, 512, 12, 512), PATCH(32),
     OPENAI("ViT-B-32", "40d36571", "5913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af", 353976522)},
    {ROW("clip-vit-l-14", 24, "blocks.11", 224, "224x224", 1024, 24, 14, 16, 768, 12, 768), PATCH(14),
     OPENAI("ViT-L-14", "b8cca3fd", "41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836", 932768134)},
    {ROW("clip-vit-l-14-336", 24, "blocks.11", 336, "336x336", 1024, 24, 14, 24, 768, 12, 768), PATCH(14),
     OPENAI("ViT-L-14-336px", "3035c92b", "350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02", 934088680)},
    {ROW("clip-tinyclip-8m-16", 10, "blocks.4", 224, "224x224", 256, 10, 16, 14, 256, 3, 512), PATCH(16),
     TINYCLIP("ViT-8M-16-Text-3M-YFCC15M")},
    {ROW("clip-tinyclip-39m-16", 12, "blocks.5", 224, "224x224", 512, 12, 16, 14, 512, 6, 512), PATCH(16),
     TINYCLIP("ViT-39M-16-Text-19M-YFCC15M")},
    {ROW("clip-tinyclip-40m-32", 12, "blocks.5", 224, "224x224", 512, 12, 32, 7, 512, 6, 512), PATCH(32),
     TINYCLIP("ViT-40M-32-Text-19M-LAION400M")},
    {ROW("clip-tinyclip-61m-32", 12, "blocks.5", 224, "224x224", 640, 12, 32, 7, 512, 9, 512), PATCH(32),
     TINYCLIP("ViT-61M-32-Text-29M-LAION400M")},
};
enum { NETWORKS = sizeof networks / sizeof *networks };

const okng_family okng_family_clip = {build, networks, NETWORKS};

okng_status okng_clip_shape_of(const char *backbone, okng_clip_shape *out, okng_error *error)
{
    char known[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < NETWORKS; i++) {
        if (strcmp(networks[i].name, backbone) == 0) {
            *out = *(const okng_clip_shape *)networks[i].config;
            return OKNG_OK;
        }
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", networks[i].name);
    }
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "\"%.80s\" is no CLIP, expected one of: %s", backbone, known);
}
