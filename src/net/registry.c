/* Networks by name. Each family's rows stand in its own file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sized.h"
#include "net/network.h"

extern const okng_family okng_family_okng_s, okng_family_resnet, okng_family_vit, okng_family_clip;

static const okng_family *const families[] = {&okng_family_okng_s, &okng_family_resnet, &okng_family_vit,
                                              &okng_family_clip};
enum { FAMILIES = sizeof families / sizeof *families };

/* ---- the rows, in one order ---- */

size_t okng_backbone_count(void)
{
    size_t count = 0;
    for (int i = 0; i < FAMILIES; i++) count += families[i]->count;
    return count;
}

/* Row i of all, and its family where that is wanted; NULL where there are fewer. */
static const okng_network *network_at(size_t i, const okng_family **family)
{
    for (int k = 0; k < FAMILIES; i -= families[k++]->count) {
        if (i >= families[k]->count) continue;
        if (family) *family = families[k];
        return &families[k]->networks[i];
    }
    return NULL;
}

static const okng_network *find_network(const char *name, const okng_family **family)
{
    const okng_network *network;
    for (size_t i = 0; (network = network_at(i, family)); i++)
        if (strcmp(network->name, name) == 0) return network;
    return NULL;
}

const char *okng_network_name(size_t i)
{
    const okng_network *network = network_at(i, NULL);
    return network ? network->name : NULL;
}

/* ---- text for errors ---- */

/* Appends to a list "a, b, c"; what does not fit is left out. */
static void append(char *list, size_t size, const char *item)
{
    size_t used = strlen(list);
    (void)snprintf(list + used, size - used, "%s%s", used ? ", " : "", item);
}

static okng_status unknown_backbone(const char *name, okng_error *error)
{
    char known[1024] = "";
    for (size_t i = 0; i < okng_backbone_count(); i++) append(known, sizeof known, network_at(i, NULL)->name);
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "unknown backbone \"%s\", expected one of: %s", name, known);
}

static okng_status unknown_layer(const okng_graph *graph, const char *name, okng_error *error)
{
    char known[512] = "";
    const char *first = NULL, *last = NULL, *tokens = NULL;
    for (size_t i = 0; i < graph->mark_count; i++) {
        const char *mark = graph->marks[i].name, *end = strrchr(mark, '.');
        if (end && strcmp(end, ".tokens") == 0) {
            if (!tokens) tokens = mark;
            continue;
        }
        if (!strchr(mark, '.')) {
            append(known, sizeof known, mark);
            continue;
        }
        if (!first) first = mark;
        last = mark;
    }
    return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                     "%s has no layer \"%s\", expected one of: %s, or a block of them: %s "
                     "up to %s%s%s%s",
                     graph->backbone, name, known, first ? first : "none", last ? last : "none",
                     tokens ? " (with the class token: " : "", tokens ? tokens : "", tokens ? ")" : "");
}

/* ---- building ---- */

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
        for (int j = 0; j < i; j++)
            if (mark->value == graph->outputs[j])
                return okng_fail(error, OKNG_ERROR_ARGUMENT, "layers %s and %s of %s are the same, expected each once",
                                 layers[j], layers[i], graph->backbone);
        graph->outputs[graph->output_count++] = mark->value;
    }
    return OKNG_OK;
}

/* What has no meaning for the network. */
static okng_status check_request(const okng_network *network, const okng_graph_request *request, okng_error *error)
{
    if (network->activation != OKNG_ACTIVATION_AUTO) return OKNG_OK;
    if (request->part != OKNG_PART_PICTURE)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s has no tower of its own for tokens or texts, expected a CLIP",
                         network->name);
    if (request->activation != OKNG_ACTIVATION_AUTO)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s has no choice of its activation, expected auto",
                         network->name);
    if (request->positions != OKNG_POSITIONS_AUTO)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%s has no choice of how its positions are resampled, expected auto", network->name);
    return OKNG_OK;
}

/* Every node of the network, nothing fused. */
static okng_status build_whole(okng_graph **out, const okng_graph_request *request, okng_error *error)
{
    *out = NULL;
    const okng_family *family;
    const okng_network *network = find_network(request->backbone, &family);
    if (!network) return unknown_backbone(request->backbone, error);
    OKNG_TRY(check_request(network, request, error));
    okng_graph *graph = calloc(1, sizeof *graph);
    if (!graph) return okng_fail_memory(error, sizeof *graph);
    (void)snprintf(graph->backbone, sizeof graph->backbone, "%s", network->name);
    okng_builder b = {.graph = graph, .error = error};
    family->build(&b, network, request);
    if (b.status != OKNG_OK) okng_graph_free(&graph);
    *out = graph;
    return b.status;
}

okng_status okng_graph_build(okng_graph **out, const okng_graph_request *request, okng_error *error)
{
    okng_graph *graph;
    *out = NULL;
    OKNG_TRY(build_whole(&graph, request, error));
    okng_status status = choose_outputs(graph, request->layers, request->layer_count, error);
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
    const okng_network *entry = find_network(backbone, NULL);
    if (!entry) return unknown_backbone(backbone, error);
    if (!entry->weights)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "no weights were given for %s, and none are built in", backbone);
    return okng_weights_open_memory(out, entry->weights, (size_t)*entry->weights_size, "the built-in weights", error);
}

okng_status okng_network_get(const char *backbone, okng_network_info *info, okng_error *error)
{
    const okng_network *row = find_network(backbone, NULL);
    if (!row) return unknown_backbone(backbone, error);
    *info = (okng_network_info){.stages = row->stages,
                                .defaults = row->defaults,
                                .patch = row->patch,
                                .step = row->step,
                                .side = row->side,
                                .activation = row->activation,
                                .url = row->url,
                                .hash_prefix = row->hash_prefix};
    return OKNG_OK;
}

/* ---- the public table ---- */

/* All of it, for a side that is a multiple of the patches of all transformers. */
static okng_status build_public(okng_graph **out, const char *backbone, okng_error *error)
{
    return build_whole(out, &(okng_graph_request){.backbone = backbone, .height = 224, .width = 224}, error);
}

/* The value of stage `number` (from 0) of the row's list; OKNG_NO_VALUE after the last. */
static okng_value stage_value(const okng_graph *graph, const okng_network *row, int32_t number)
{
    const char *at = row->stages;
    char name[OKNG_NAME_MAX] = "";
    for (int32_t i = 0; i < number && at; i++) at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL;
    if (!at) return OKNG_NO_VALUE;
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(at, " "), at);
    const okng_mark *mark = find_mark(graph, name);
    return mark ? mark->value : OKNG_NO_VALUE;
}

static int32_t stage_count(const okng_graph *graph, const okng_network *row)
{
    int32_t count = 0;
    while (stage_value(graph, row, count) != OKNG_NO_VALUE) count++;
    return count;
}

okng_status okng_backbone_get(size_t i, okng_backbone_info *info, okng_error *error)
{
    OKNG_TRY(okng_sized_check(info, "the place for a backbone's description", error));
    const okng_network *row = network_at(i, NULL);
    if (!row)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "backbone number %zu, expected 0..%zu", i,
                         okng_backbone_count() - 1);
    okng_graph *graph;
    OKNG_TRY(build_public(&graph, row->name, error));
    const okng_backbone_info full = {.name = row->name,
                                     .url = row->url,
                                     .hash_prefix = row->hash_prefix,
                                     .parameters = okng_graph_parameters(graph),
                                     .flops = okng_graph_flops(graph),
                                     .built_in = row->weights != NULL,
                                     .layers = row->stages,
                                     .sha256 = row->sha256 ? row->sha256 : "",
                                     .bytes = row->bytes,
                                     .licence = row->licence};
    okng_graph_free(&graph);
    return okng_sized_give(info, &full, sizeof full, "the place for a backbone's description", error);
}

/* Whether the weights hold any tensor of the nodes after `value`. */
static bool goes_on_after(const okng_graph *graph, const okng_weights *weights, okng_value value)
{
    const okng_naming naming = okng_graph_naming(graph, weights);
    for (size_t i = (size_t)value + 1; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i].param_count; k++)
            if (okng_naming_has(&naming, graph->nodes[i].params[k].name)) return true;
    return false;
}

int32_t okng_backbone_fits(const char *backbone, const okng_weights *weights, okng_error *why)
{
    okng_graph *graph;
    int32_t fits = 0;
    if (okng_need(backbone, "the name of a backbone", why) != OKNG_OK ||
        okng_need(weights, "the weights", why) != OKNG_OK)
        return 0;
    if (build_public(&graph, backbone, why) != OKNG_OK) return 0;
    const okng_network *row = find_network(backbone, NULL);
    okng_value bad = OKNG_NO_VALUE;
    okng_error first = {0}; /* what is missing; of no matter where the layers before it fit */
    okng_status status = okng_graph_check_shapes(graph, weights, &bad, &first);
    if (status == OKNG_OK) {
        fits = stage_count(graph, row);
    } else if (status != OKNG_ERROR_MEMORY) {
        while (stage_value(graph, row, fits) < bad) fits++;
        /* A file that was cut after a stage ends there; one that goes on is of another network of the family. */
        if (fits > 0 && goes_on_after(graph, weights, stage_value(graph, row, fits - 1))) fits = 0;
    }
    okng_graph_free(&graph);
    if (fits == 0 && why) *why = first;
    return fits;
}
