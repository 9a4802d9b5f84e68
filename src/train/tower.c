#include "train/tower.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "engine/engine.h"
#include "features/preprocess.h"

struct okng_train_tower {
    const okng_build_options *options;
    size_t floats; /* of a tap */
    okng_engine *engine;
    okng_engine_session *session;
    float *tensor; /* [3, height, width] */
};

void okng_train_tower_free(okng_train_tower **tower)
{
    if (!tower || !*tower) return;
    okng_engine_session_free(&(*tower)->session);
    okng_engine_free(&(*tower)->engine);
    free((*tower)->tensor);
    free(*tower);
    *tower = NULL;
}

static okng_status compile(okng_train_tower *t, const okng_weights *weights, const okng_afclip_plan *plan, int threads,
                           okng_error *error)
{
    char names[OKNG_AFCLIP_TAPS][32];
    const char *layers[OKNG_AFCLIP_TAPS];
    okng_graph *graph;
    for (int i = 0; i < OKNG_AFCLIP_TAPS; i++) {
        (void)snprintf(names[i], sizeof names[i], "blocks.%d.tokens", (int)plan->taps[i]);
        layers[i] = names[i];
    }
    const okng_graph_request request = {.backbone = t->options->backbone,
                                        .layers = layers,
                                        .layer_count = OKNG_AFCLIP_TAPS,
                                        .height = t->options->resize_height,
                                        .width = t->options->resize_width,
                                        .activation = t->options->activation,
                                        .positions = t->options->positions};
    OKNG_TRY(okng_graph_build(&graph, &request, error));
    const okng_engine_options options = {.device = t->options->device, .threads = threads, .winograd = true};
    okng_status status = okng_engine_compile(&t->engine, graph, weights, &options, error);
    okng_graph_free(&graph);
    return status == OKNG_OK ? okng_engine_session_new(&t->session, t->engine, 1, error) : status;
}

okng_status okng_train_tower_new(okng_train_tower **out, const okng_weights *weights, const okng_build_options *options,
                                 const okng_afclip_plan *plan, int threads, okng_error *error)
{
    const size_t pixels = (size_t)options->resize_height * (size_t)options->resize_width;
    okng_train_tower *t = *out = calloc(1, sizeof *t);
    if (!t) return okng_fail_memory(error, sizeof *t);
    t->options = options;
    t->floats = (size_t)plan->tokens * (size_t)plan->width;
    t->tensor = okng_alloc(3 * pixels, sizeof *t->tensor);
    okng_status status =
        t->tensor ? compile(t, weights, plan, threads, error) : okng_fail_memory(error, 3 * pixels * sizeof *t->tensor);
    if (status != OKNG_OK) okng_train_tower_free(out);
    return status;
}

static okng_status preprocess(okng_train_tower *t, const okng_image *rgb, okng_error *error)
{
    okng_placement placement;
    OKNG_TRY(okng_placement_of(t->options, rgb->width, rgb->height, &placement, error));
    return okng_preprocess_image(t->options, &placement, rgb, t->tensor, error);
}

okng_status okng_train_tower_run(okng_train_tower *t, const char *path, float *taps, okng_error *error)
{
    const okng_picture picture = {.struct_size = sizeof picture, .path = path};
    okng_decoding how = {
        .max_pixels = t->options->max_pixels, .shrink = okng_preprocess_shrink, .shrink_context = t->options};
    okng_image rgb;
    OKNG_TRY(okng_image_take(&rgb, &picture, &how, error));
    okng_status status = preprocess(t, &rgb, error);
    okng_image_free(&rgb);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", path);
    float *const outputs[OKNG_AFCLIP_TAPS] = {taps, taps + t->floats, taps + 2 * t->floats, taps + 3 * t->floats};
    return okng_engine_run(t->session, (const void *[]){t->tensor}, outputs, error);
}
