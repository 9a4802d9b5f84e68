#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/okng_s.h"
#include "net/resnet.h"

/* A network that can be asked for by name. */
typedef struct network {
    const char *name, *url, *hash_prefix;
    void (*build)(okng_builder *b, const struct network *entry, int batch, int height, int width);
    okng_resnet resnet;           /* of build_resnet */
    int32_t layers;               /* layer1 up to this one */
    const unsigned char *weights; /* part of the library, a .safetensors file; NULL = must be given */
    const uint64_t *weights_size;
} network;

extern const unsigned char okng_builtin_okng_s[]; /* builtin.S */
extern const uint64_t okng_builtin_okng_s_size;

static void build_okng_s(okng_builder *b, const network *entry, int batch, int height, int width)
{
    (void)entry;
    okng_okng_s_build(b, batch, height, width);
}

static void build_resnet(okng_builder *b, const network *entry, int batch, int height, int width)
{
    okng_resnet_build(b, &entry->resnet, batch, height, width);
}

/* torchvision's IMAGENET1K_V1 files: PatchCore's published numbers were made with these, not with V2. */
#define PUBLIC_FILE(name, hash) name, "https://download.pytorch.org/models/" name "-" hash ".pth", hash

static const network networks[] = {
    {"okng-s", "", "", build_okng_s, {0}, 3, okng_builtin_okng_s, &okng_builtin_okng_s_size},
    {PUBLIC_FILE("resnet18", "f37072fd"), build_resnet, {false, {2, 2, 2, 2}, 1, 64}, 4, NULL, NULL},
    {PUBLIC_FILE("resnet34", "b627a593"), build_resnet, {false, {3, 4, 6, 3}, 1, 64}, 4, NULL, NULL},
    {PUBLIC_FILE("resnet50", "0676ba61"), build_resnet, {true, {3, 4, 6, 3}, 1, 64}, 4, NULL, NULL},
    {PUBLIC_FILE("resnet101", "63fe2227"), build_resnet, {true, {3, 4, 23, 3}, 1, 64}, 4, NULL, NULL},
    {PUBLIC_FILE("resnet152", "394f9c45"), build_resnet, {true, {3, 8, 36, 3}, 1, 64}, 4, NULL, NULL},
    {PUBLIC_FILE("wide_resnet50_2", "95faca4d"), build_resnet, {true, {3, 4, 6, 3}, 1, 128}, 4, NULL, NULL},
    {PUBLIC_FILE("wide_resnet101_2", "32ee1156"), build_resnet, {true, {3, 4, 23, 3}, 1, 128}, 4, NULL, NULL},
    {PUBLIC_FILE("resnext50_32x4d", "7cdf4587"), build_resnet, {true, {3, 4, 6, 3}, 32, 4}, 4, NULL, NULL},
    {PUBLIC_FILE("resnext101_32x8d", "8ba56ff5"), build_resnet, {true, {3, 4, 23, 3}, 32, 8}, 4, NULL, NULL},
};
enum { NETWORKS = sizeof networks / sizeof *networks };

/* ---- text for errors ---- */

/* Appends to a list "a, b, c"; what does not fit is left out. */
static void append(char *list, size_t size, const char *item)
{
    size_t used = strlen(list);
    (void)snprintf(list + used, size - used, "%s%s", used ? ", " : "", item);
}

static okng_status unknown_backbone(const char *name, okng_error *error)
{
    char known[512] = "";
    for (int i = 0; i < NETWORKS; i++) append(known, sizeof known, networks[i].name);
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "unknown backbone \"%s\", expected one of: %s", name, known);
}

static okng_status unknown_layer(const okng_graph *graph, const char *name, okng_error *error)
{
    char known[512] = "";
    const char *first = NULL, *last = NULL;
    for (size_t i = 0; i < graph->mark_count; i++) {
        const char *mark = graph->marks[i].name;
        if (!strchr(mark, '.')) {
            append(known, sizeof known, mark);
            continue;
        }
        if (!first) first = mark;
        last = mark;
    }
    return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                     "%s has no layer \"%s\", expected one of: %s, or a block of them: %s "
                     "up to %s",
                     graph->backbone, name, known, first ? first : "none", last ? last : "none");
}

/* ---- building ---- */

static const network *find_network(const char *name)
{
    for (int i = 0; i < NETWORKS; i++)
        if (strcmp(networks[i].name, name) == 0) return &networks[i];
    return NULL;
}

static const okng_mark *find_mark(const okng_graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->mark_count; i++)
        if (strcmp(graph->marks[i].name, name) == 0) return &graph->marks[i];
    return NULL;
}

static okng_status choose_outputs(okng_graph *graph, const char *const *layers, int layer_count, okng_error *error)
{
    if (layer_count < 1 || layer_count > OKNG_MAX_LAYERS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%d layers asked of %s, expected 1..%d", layer_count,
                         graph->backbone, OKNG_MAX_LAYERS);
    for (int i = 0; i < layer_count; i++) {
        const okng_mark *mark = find_mark(graph, layers[i]);
        if (!mark) return unknown_layer(graph, layers[i], error);
        if (i > 0 && mark->value == graph->outputs[i - 1])
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "layers %s and %s of %s are the same, expected each once",
                             layers[i - 1], layers[i], graph->backbone);
        if (i > 0 && mark->value < graph->outputs[i - 1])
            return okng_fail(
                error, OKNG_ERROR_ARGUMENT,
                "layers are out of order: %s comes before %s in %s, expected each deeper than the one before",
                layers[i], layers[i - 1], graph->backbone);
        graph->outputs[graph->output_count++] = mark->value;
    }
    return OKNG_OK;
}

okng_status okng_graph_build(okng_graph **out, const char *backbone, const char *const *layers, int layer_count,
                             int batch, int height, int width, okng_error *error)
{
    *out = NULL;
    const network *entry = find_network(backbone);
    if (!entry) return unknown_backbone(backbone, error);
    okng_graph *graph = calloc(1, sizeof *graph);
    if (!graph) return okng_fail_memory(error, sizeof *graph);
    (void)snprintf(graph->backbone, sizeof graph->backbone, "%s", entry->name);

    okng_builder b = {.graph = graph, .error = error};
    entry->build(&b, entry, batch, height, width);
    okng_status status = b.status;
    if (status == OKNG_OK) status = choose_outputs(graph, layers, layer_count, error);
    if (status == OKNG_OK) status = okng_graph_prune(graph, error);
    if (status == OKNG_OK) status = okng_graph_fuse(graph, error);
    if (status == OKNG_OK)
        *out = graph;
    else
        okng_graph_free(&graph);
    return status;
}

okng_status okng_graph_weights(okng_weights **out, const char *backbone, const char *path, okng_error *error)
{
    *out = NULL;
    if (*path) return okng_weights_open(out, path, error);
    const network *entry = find_network(backbone);
    if (!entry) return unknown_backbone(backbone, error);
    if (!entry->weights)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "no weights were given for %s, and none are built in", backbone);
    return okng_weights_open_memory(out, entry->weights, (size_t)*entry->weights_size, "the built-in weights", error);
}

/* ---- the public table ---- */

static const char *const layer_names[] = {"layer1", "layer2", "layer3", "layer4"};
enum { PUBLIC_SIDE = 224 };

size_t okng_backbone_count(void)
{
    return NETWORKS;
}

okng_status okng_backbone_get(size_t i, okng_backbone_info *info, okng_error *error)
{
    OKNG_TRY(okng_need(info, "the place for a backbone's description", error));
    if (i >= NETWORKS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "backbone number %zu, expected 0..%d", i, NETWORKS - 1);
    const network *entry = &networks[i];
    okng_graph *graph;
    OKNG_TRY(okng_graph_build(&graph, entry->name, layer_names, entry->layers, 1, PUBLIC_SIDE, PUBLIC_SIDE, error));
    *info = (okng_backbone_info){.name = entry->name,
                                 .url = entry->url,
                                 .hash_prefix = entry->hash_prefix,
                                 .parameters = okng_graph_parameters(graph),
                                 .flops = okng_graph_flops(graph),
                                 .built_in = entry->weights != NULL};
    okng_graph_free(&graph);
    return OKNG_OK;
}

/* Whether the weights hold any tensor of the nodes after `value`. */
static bool goes_on_after(const okng_graph *graph, const okng_weights *weights, okng_value value)
{
    const char *prefix = okng_graph_prefix(graph, weights);
    char name[2 * OKNG_NAME_MAX];
    for (size_t i = (size_t)value + 1; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i].param_count; k++) {
            (void)snprintf(name, sizeof name, "%s%s", prefix, graph->nodes[i].params[k].name);
            if (okng_weights_find(weights, name)) return true;
        }
    return false;
}

int32_t okng_backbone_fits(const char *backbone, const okng_weights *weights, okng_error *why)
{
    okng_graph *graph;
    if (okng_need(backbone, "the name of a backbone", why) != OKNG_OK ||
        okng_need(weights, "the weights", why) != OKNG_OK)
        return 0;
    const network *entry = find_network(backbone);
    int32_t layers = entry ? entry->layers : 4;
    if (okng_graph_build(&graph, backbone, layer_names, layers, 1, PUBLIC_SIDE, PUBLIC_SIDE, why) != OKNG_OK) return 0;
    okng_value bad = OKNG_NO_VALUE;
    int32_t fits = 0;
    if (okng_graph_check_shapes(graph, weights, &bad, why) == OKNG_OK) {
        fits = layers;
    } else {
        while (graph->outputs[fits] < bad) fits++;
        /* A file that was cut after a layer ends there; one that goes on is of another network of the family. */
        if (fits > 0 && goes_on_after(graph, weights, graph->outputs[fits - 1])) fits = 0;
    }
    okng_graph_free(&graph);
    return fits;
}
