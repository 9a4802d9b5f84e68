#include "features/extractor.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/memory_room.h"
#include "engine/engine.h"
#include "features/preprocess.h"
#include "net/clip_activation.h"
#include "net/folded.h"
#include "net/node.h"
#include "patch/foreground.h"
#include "patch/normalise.h"
#include "patch/patcher.h"

struct okng_extractor {
    okng_build_options options;
    int32_t height, width;
    int threads;
    int layers;
    int32_t nodes;
    bool pixels; /* the engine takes bytes */
    size_t map_floats[OKNG_MAX_LAYERS];
    int32_t first_channels; /* of the first layer's map */
    int64_t parameters;
    double flops;
    okng_engine *engine;
    okng_patcher *patcher;
    const okng_ignored *ignored;
    okng_looked_at *looked_at; /* NULL: all is */
};

struct okng_extractor_session {
    const okng_extractor *extractor;
    int32_t pictures;
    okng_engine_session *all; /* for so many pictures at once; NULL where they are one */
    okng_engine_session *one;
    void *input;                  /* float32 [pictures, 3, height, width], or uint8 [pictures, height, width, 3] */
    float *maps[OKNG_MAX_LAYERS]; /* [pictures, H_i, W_i, C_i] */
    uint8_t *foreground; /* [grid height * grid width] of the picture whose mask was asked for last; NULL = all is */
};

static okng_status take_weights(okng_graph *graph, const okng_weights *weights, okng_error *error)
{
    okng_graph_take_folded(graph, weights);
    return okng_weights_metadata(weights, OKNG_FOLDED_NOTE) /* their values are looked at while they are packed */
               ? okng_graph_check_shapes(graph, weights, NULL, error)
               : okng_graph_check_weights(graph, weights, error);
}

/* Of weights, or, where they are NULL, of what was kept of them. */
static okng_status compile(okng_extractor *extractor, okng_graph *graph, const okng_weights *weights,
                           const okng_engine_kept *kept, okng_ranges ranges, okng_error *error)
{
    int64_t shapes[OKNG_MAX_LAYERS][3];
    for (int i = 0; i < extractor->layers; i++) {
        int64_t shape[4];
        if (okng_graph_output_shape(graph, i, shape) != 4)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "layer %s of %s is no feature map, expected a layer that is",
                             extractor->options.layers[i], extractor->options.backbone);
        for (int d = 0; d < 3; d++) shapes[i][d] = shape[d + 1];
        extractor->map_floats[i] = (size_t)(shape[1] * shape[2] * shape[3]);
    }
    OKNG_TRY(okng_patcher_new(&extractor->patcher, &extractor->options, (const int64_t(*)[3])shapes, extractor->layers,
                              error));
    extractor->first_channels = (int32_t)shapes[0][0];
    extractor->parameters = okng_graph_parameters(graph);
    extractor->flops = okng_graph_flops(graph);
    if (weights) OKNG_TRY(take_weights(graph, weights, error)); /* counted is the network as it was trained */
    extractor->nodes = okng_graph_node_count(graph);
    if (extractor->options.precision == OKNG_PRECISION_INT8 && ranges.count != extractor->nodes)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "there are activation ranges of %d nodes, expected the %d of %s at these layers", ranges.count,
                         extractor->nodes, extractor->options.backbone);
    okng_pixel_table pixels;
    okng_preprocess_table(&extractor->options, pixels.values);
    /* what is painted over is 0, for which there need not be a byte */
    const bool bytes = !extractor->ignored && !okng_preprocess_in_floats(&extractor->options);
    okng_engine_options options = {.device = extractor->options.device,
                                   .threads = extractor->threads,
                                   .precision = extractor->options.precision,
                                   .winograd = extractor->options.convolution == OKNG_CONVOLUTION_WINOGRAD,
                                   .pixels = bytes ? &pixels : NULL,
                                   .ranges = ranges.values,
                                   .kept = kept};
    OKNG_TRY(okng_engine_compile(&extractor->engine, graph, weights, &options, error));
    extractor->pixels = okng_engine_takes_pixels(extractor->engine);
    return OKNG_OK;
}

okng_status okng_extractor_graph(okng_graph **out, const okng_build_options *options, const okng_weights *weights,
                                 int32_t height, int32_t width, okng_error *error)
{
    *out = NULL;
    const char *layers[OKNG_MAX_LAYERS];
    for (int i = 0; i < options->layer_count; i++) layers[i] = options->layers[i];
    okng_graph_request request = {.backbone = options->backbone,
                                  .layers = layers,
                                  .layer_count = options->layer_count,
                                  .height = height,
                                  .width = width,
                                  .activation = options->activation,
                                  .positions = options->positions};
    if (options->activation == OKNG_ACTIVATION_AUTO) /* else it was settled when the bank was built */
        OKNG_TRY(okng_clip_activation(options->backbone, weights, OKNG_ACTIVATION_AUTO, &request.activation, error));
    return okng_graph_build(out, &request, error);
}

static okng_status look_at_grid(okng_extractor *extractor, okng_error *error)
{
    int32_t height, width;
    okng_extractor_grid(extractor, &height, &width);
    return okng_looked_at_new(&extractor->looked_at, extractor->ignored, &extractor->options, extractor->height,
                              extractor->width, height, width, error);
}

static okng_status open_extractor(okng_extractor **out, const okng_build_options *options, const okng_weights *weights,
                                  const okng_engine_kept *kept, okng_ranges ranges, const okng_ignored *ignored,
                                  int32_t height, int32_t width, int threads, okng_error *error)
{
    *out = NULL;
    okng_extractor *extractor = calloc(1, sizeof *extractor);
    if (!extractor) return okng_fail_memory(error, sizeof *extractor);
    extractor->options = *options;
    extractor->height = height;
    extractor->width = width;
    extractor->threads = threads;
    extractor->ignored = ignored;
    extractor->layers = options->layer_count;

    okng_graph *graph = NULL;
    okng_status status = okng_extractor_graph(&graph, options, weights, height, width, error);
    if (status == OKNG_OK) status = compile(extractor, graph, weights, kept, ranges, error);
    okng_graph_free(&graph);
    if (status == OKNG_OK) status = look_at_grid(extractor, error);
    if (status != OKNG_OK) okng_extractor_free(&extractor);
    *out = extractor;
    return status;
}

okng_status okng_extractor_new(okng_extractor **out, const okng_build_options *options, const okng_weights *weights,
                               okng_ranges ranges, const okng_ignored *ignored, int32_t height, int32_t width,
                               int threads, okng_error *error)
{
    return open_extractor(out, options, weights, NULL, ranges, ignored, height, width, threads, error);
}

okng_status okng_extractor_restore(okng_extractor **out, const okng_build_options *options,
                                   const okng_engine_kept *kept, const okng_ignored *ignored, int32_t height,
                                   int32_t width, int threads, okng_error *error)
{
    return open_extractor(out, options, NULL, kept, (okng_ranges){NULL, 0}, ignored, height, width, threads, error);
}

okng_status okng_extractor_kept_open(okng_engine_kept **out, const okng_build_options *options, const char *sha256,
                                     int32_t height, int32_t width, int threads, okng_error *error)
{
    const okng_engine_options engine = {.device = options->device,
                                        .threads = threads,
                                        .precision = options->precision,
                                        .winograd = options->convolution == OKNG_CONVOLUTION_WINOGRAD};
    okng_network_info network;
    okng_graph *graph;
    *out = NULL;
    OKNG_TRY(okng_network_get(options->backbone, &network, error));
    if (network.activation != OKNG_ACTIVATION_AUTO) return OKNG_OK; /* weights are asked what a CLIP's is */
    OKNG_TRY(okng_extractor_graph(&graph, options, NULL, height, width, error));
    const okng_status status = okng_engine_kept_open(out, graph, &engine, sha256, error);
    okng_graph_free(&graph);
    return status;
}

void okng_extractor_keep(const okng_extractor *extractor, const char *sha256)
{
    okng_engine_keep(extractor->engine, sha256);
}

okng_status okng_extractor_check_device(const char *device, okng_error *error)
{
    return okng_engine_check(device, error);
}

void okng_extractor_free(okng_extractor **extractor)
{
    if (!extractor || !*extractor) return;
    okng_engine_free(&(*extractor)->engine);
    okng_patcher_free(&(*extractor)->patcher);
    okng_looked_at_free(&(*extractor)->looked_at);
    free(*extractor);
    *extractor = NULL;
}

void okng_extractor_input(const okng_extractor *extractor, int32_t *height, int32_t *width)
{
    *height = extractor->height;
    *width = extractor->width;
}

void okng_extractor_grid(const okng_extractor *extractor, int32_t *height, int32_t *width)
{
    okng_patcher_grid(extractor->patcher, height, width);
}

int64_t okng_extractor_patches(const okng_extractor *extractor)
{
    int32_t height, width;
    if (extractor->looked_at) return extractor->looked_at->patches;
    okng_extractor_grid(extractor, &height, &width);
    return (int64_t)height * width;
}

const okng_looked_at *okng_extractor_looked_at(const okng_extractor *extractor)
{
    return extractor->looked_at;
}

const okng_ignored *okng_extractor_ignored(const okng_extractor *extractor)
{
    return extractor->ignored;
}

int32_t okng_extractor_dim(const okng_extractor *extractor)
{
    return okng_patcher_dim(extractor->patcher);
}

int32_t okng_extractor_lead(const okng_extractor *extractor)
{
    bool apart = extractor->options.aggregate == OKNG_AGGREGATE_CONCAT;
    return apart ? extractor->first_channels : okng_extractor_dim(extractor);
}

int64_t okng_extractor_parameters(const okng_extractor *extractor)
{
    return extractor->parameters;
}

double okng_extractor_flops(const okng_extractor *extractor)
{
    return extractor->flops;
}

/* ---- sessions ---- */

int32_t okng_extractor_at_once(int32_t height, int32_t width)
{
    enum { TOGETHER = 256 * 256 * OKNG_EXTRACTOR_AT_ONCE }; /* pixels */
    const int64_t most = TOGETHER / ((int64_t)height * width);
    return most < 1 ? 1 : most < OKNG_EXTRACTOR_AT_ONCE ? (int32_t)most : OKNG_EXTRACTOR_AT_ONCE;
}

static okng_status alloc_floats(float **out, int32_t pictures, size_t each, okng_error *error)
{
    *out = okng_alloc((size_t)pictures, each * sizeof **out);
    return *out ? OKNG_OK : okng_fail_memory(error, (size_t)pictures * each * sizeof **out);
}

static size_t input_bytes(const okng_extractor *extractor)
{
    const size_t numbers = (size_t)3 * (size_t)extractor->height * (size_t)extractor->width;
    return extractor->pixels ? numbers : numbers * sizeof(float);
}

static void *input_at(const okng_extractor_session *session, int32_t place)
{
    return (char *)session->input + (size_t)place * input_bytes(session->extractor);
}

static okng_status open_session(okng_extractor_session *session, okng_error *error)
{
    const okng_extractor *extractor = session->extractor;
    const int32_t pictures = session->pictures;
    OKNG_TRY(okng_engine_session_new(&session->one, extractor->engine, 1, error));
    if (pictures > 1) OKNG_TRY(okng_engine_session_new(&session->all, extractor->engine, pictures, error));
    session->input = okng_alloc((size_t)pictures, input_bytes(extractor));
    if (!session->input) return okng_fail_memory(error, (size_t)pictures * input_bytes(extractor));
    for (int i = 0; i < extractor->layers; i++)
        OKNG_TRY(alloc_floats(&session->maps[i], pictures, extractor->map_floats[i], error));
    if (extractor->options.foreground != OKNG_FOREGROUND_PCA) return OKNG_OK;
    int32_t grid_height, grid_width;
    okng_extractor_grid(extractor, &grid_height, &grid_width);
    size_t patches = (size_t)grid_height * (size_t)grid_width;
    session->foreground = okng_alloc(patches, 1);
    return session->foreground ? OKNG_OK : okng_fail_memory(error, patches);
}

static okng_status new_session(okng_extractor_session **out, const okng_extractor *extractor, int32_t pictures,
                               okng_error *error)
{
    *out = NULL;
    okng_extractor_session *session = calloc(1, sizeof *session);
    if (!session) return okng_fail_memory(error, sizeof *session);
    session->extractor = extractor;
    session->pictures = pictures;
    okng_status status = open_session(session, error);
    if (status != OKNG_OK) okng_extractor_session_free(&session);
    *out = session;
    return status;
}

/* Amply: sessions of other threads want some, too. */
static bool has_room(const okng_extractor *extractor, int32_t pictures)
{
    const size_t bytes = (size_t)okng_extractor_session_bytes(extractor, pictures);
    return okng_memory_prove(&(okng_memory_need){bytes, bytes}, "", NULL) == OKNG_OK;
}

okng_status okng_extractor_session_new(okng_extractor_session **out, const okng_extractor *extractor, int32_t pictures,
                                       okng_error *error)
{
    okng_error why = {0};
    if (pictures > 1 && !has_room(extractor, pictures)) pictures = 1;
    okng_status status = new_session(out, extractor, pictures, &why);
    const bool is_short = status == OKNG_ERROR_MEMORY || status == OKNG_ERROR_LIMIT;
    if (pictures > 1 && is_short) status = new_session(out, extractor, 1, &why);
    if (status != OKNG_OK && error) *error = why;
    return status;
}

void okng_extractor_session_free(okng_extractor_session **session)
{
    if (!session || !*session) return;
    okng_engine_session_free(&(*session)->all);
    okng_engine_session_free(&(*session)->one);
    free((*session)->input);
    free((*session)->foreground);
    for (int i = 0; i < OKNG_MAX_LAYERS; i++) free((*session)->maps[i]);
    free(*session);
    *session = NULL;
}

int32_t okng_extractor_session_pictures(const okng_extractor_session *session)
{
    return session->pictures;
}

uint64_t okng_extractor_session_bytes(const okng_extractor *extractor, int32_t pictures)
{
    uint64_t pixels = (uint64_t)extractor->height * (uint64_t)extractor->width, maps = 0;
    for (int i = 0; i < extractor->layers; i++) maps += extractor->map_floats[i];
    /* The widest activations are a few times the stem's 64 channels at half resolution. */
    return (uint64_t)pictures * ((3 * pixels + maps) * sizeof(float) + 128 * pixels * sizeof(float));
}

uint64_t okng_extractor_foreground_bytes(const okng_extractor *extractor)
{
    int32_t height, width;
    if (extractor->options.foreground != OKNG_FOREGROUND_PCA) return 0;
    okng_extractor_grid(extractor, &height, &width);
    return okng_foreground_bytes((int64_t)height * width, okng_extractor_dim(extractor));
}

int32_t okng_extractor_nodes(const okng_extractor *extractor)
{
    return extractor->nodes;
}

/* With the mean colour, which is 0 once it is normalised. */
static void paint_over(const okng_extractor *extractor, float *input)
{
    const okng_looked_at *looked_at = extractor->looked_at;
    const size_t pixels = (size_t)extractor->height * (size_t)extractor->width;
    for (size_t c = 0; c < 3 && looked_at; c++, input += pixels)
        for (size_t i = 0; i < pixels; i++)
            if (looked_at->painted[i]) input[i] = 0;
}

okng_status okng_extractor_put(okng_extractor_session *session, int32_t place, const okng_image *rgb,
                               okng_placement *placement, okng_error *error)
{
    const okng_extractor *extractor = session->extractor;
    OKNG_TRY(okng_placement_of(&extractor->options, rgb->width, rgb->height, placement, error));
    if (placement->height != extractor->height || placement->width != extractor->width)
        return okng_fail(
            error, OKNG_ERROR_MISMATCH,
            "a picture of %dx%d comes to an input of %dx%d, expected %dx%d as the other pictures; use resize HxW "
            "or crop N to bring all to one size",
            rgb->width, rgb->height, placement->width, placement->height, extractor->width, extractor->height);
    if (extractor->ignored) OKNG_TRY(okng_ignored_check(extractor->ignored, rgb->width, rgb->height, error));
    void *input = input_at(session, place);
    if (extractor->pixels) return okng_preprocess_pixels(&extractor->options, placement, rgb, input, error);
    OKNG_TRY(okng_preprocess_image(&extractor->options, placement, rgb, input, error));
    paint_over(extractor, input);
    return OKNG_OK;
}

/* All places at once where all are taken, else one after the other: the bits are the same. */
okng_status okng_extractor_forward(okng_extractor_session *session, int32_t count, okng_error *error)
{
    const okng_extractor *extractor = session->extractor;
    const bool whole = count > 1 && count == session->pictures;
    for (int32_t place = 0; place < count; place += whole ? count : 1) {
        const void *input = input_at(session, place);
        float *maps[OKNG_MAX_LAYERS];
        for (int i = 0; i < extractor->layers; i++)
            maps[i] = session->maps[i] + (size_t)place * extractor->map_floats[i];
        OKNG_TRY(okng_engine_run(whole ? session->all : session->one, (const void *[]){input}, maps, error));
    }
    return OKNG_OK;
}

/* Leaves the rows of the patches that are looked at, and what is foreground among them: all, where nothing is. */
static void close_up(const okng_looked_at *looked_at, float *rows, size_t dim, uint8_t *foreground)
{
    bool any = false;
    if (!looked_at) return;
    for (int64_t i = 0; i < looked_at->patches; i++) {
        const int32_t cell = looked_at->cells[i];
        if (cell > i) memcpy(rows + (size_t)i * dim, rows + (size_t)cell * dim, dim * sizeof *rows);
        if (foreground) any |= (foreground[i] = foreground[cell]) != 0;
    }
    if (foreground && !any) memset(foreground, 1, (size_t)looked_at->patches);
}

okng_status okng_extractor_take(okng_extractor_session *session, int32_t place, float *rows, const uint8_t **foreground,
                                okng_error *error)
{
    const okng_extractor *extractor = session->extractor;
    const float *maps[OKNG_MAX_LAYERS];
    for (int i = 0; i < extractor->layers; i++) maps[i] = session->maps[i] + (size_t)place * extractor->map_floats[i];
    OKNG_TRY(okng_patcher_run(extractor->patcher, maps, rows, extractor->threads, error));
    int32_t height, width, dim = okng_extractor_dim(extractor);
    okng_extractor_grid(extractor, &height, &width);
    if (foreground) {
        *foreground = session->foreground;
        if (*foreground) OKNG_TRY(okng_foreground_find(rows, height, width, dim, session->foreground, error));
    }
    close_up(extractor->looked_at, rows, (size_t)dim, foreground ? session->foreground : NULL);
    if (extractor->options.distance == OKNG_DISTANCE_COSINE)
        okng_rows_normalise(rows, okng_extractor_patches(extractor), dim);
    return OKNG_OK;
}

okng_status okng_extractor_run(okng_extractor_session *session, const okng_image *rgb, okng_placement *placement,
                               float *rows, const uint8_t **foreground, okng_stages *stages, okng_error *error)
{
    double since = okng_clock();
    OKNG_TRY(okng_extractor_put(session, 0, rgb, placement, error));
    okng_stages_add(stages, OKNG_STAGE_RESIZE, &since);
    OKNG_TRY(okng_extractor_forward(session, 1, error));
    okng_stages_add(stages, OKNG_STAGE_NETWORK, &since);
    OKNG_TRY(okng_extractor_take(session, 0, rows, foreground, error));
    okng_stages_add(stages, OKNG_STAGE_PATCHES, &since);
    return OKNG_OK;
}

okng_status okng_extractor_observe(okng_extractor_session *session, const okng_image *rgb, float *ranges,
                                   okng_error *error)
{
    okng_placement placement;
    OKNG_TRY(okng_extractor_put(session, 0, rgb, &placement, error));
    return okng_engine_observe(session->one, (const void *[]){session->input}, session->maps, ranges, error);
}
