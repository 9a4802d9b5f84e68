/* Patch vectors of many pictures: a network that is opened once. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bank/bank_file.h"
#include "base/parallel.h"
#include "features/provenance.h"
#include "features/ranges.h"
#include "model/build.h"
#include "model/member.h"
#include "net/graph.h"
#include "options/options.h"
#include "tensor/array.h"

struct okng_embedder {
    okng_build_options options;
    okng_weights *weights;
    okng_recipe *recipe;             /* that those are in; NULL: in none */
    float recorded[OKNG_MAX_RANGES]; /* int8: of a bank's network */
    int32_t recorded_count;          /* 0: every picture is its own measure */
    pthread_mutex_t mutex;           /* guards what follows; held while a picture is embedded */
    okng_extractor *extractor;       /* for pictures that come to [height, width]; NULL before the first */
    okng_extractor_session *session;
    int32_t height, width;
};

/* ---- opening ---- */

static okng_status make(okng_embedder **out, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    (void)pthread_mutex_init(&(*out)->mutex, NULL);
    return OKNG_OK;
}

okng_status okng_embedder_open(okng_embedder **out, const okng_build_options *options, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the embedder", error));
    *out = NULL;
    okng_build_options full;
    OKNG_TRY(okng_build_options_check(options, &full, error));
    OKNG_TRY(okng_choose_network(&full, error));
    OKNG_TRY(okng_model_check_engine(&full, error));
    OKNG_TRY(make(out, error));
    (*out)->options = full;
    okng_status status = okng_graph_weights(&(*out)->weights, full.backbone, full.weights, error);
    if (status == OKNG_OK) status = okng_options_by_weights(&(*out)->options, (*out)->weights, error);
    if (status != OKNG_OK) okng_embedder_close(out);
    return status;
}

static okng_status open_recorded(okng_embedder *embedder, const okng_bank_file *file, const char *override,
                                 okng_error *error)
{
    const okng_bank_config *config = &file->config;
    embedder->options = config->options;
    embedder->recorded_count = config->range_count;
    memcpy(embedder->recorded, config->ranges, sizeof config->ranges);
    if (file->recipe) embedder->recipe = okng_recipe_share(file->recipe);
    return okng_member_weights(&embedder->weights, file, override, error);
}

okng_status okng_embedder_open_bank(okng_embedder **out, const char *bank_dir, const char *weights, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the embedder", error));
    *out = NULL;
    OKNG_TRY(okng_need(bank_dir, "the bank folder", error));
    okng_bank_file file;
    OKNG_TRY(okng_bank_file_open(&file, bank_dir, error));
    okng_status status = OKNG_OK;
    if (file.config.options.tile_height > 0)
        status =
            okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                      "%s: looks at pictures in tiles; cut them, and embed with the options of the bank", bank_dir);
    if (status == OKNG_OK) status = make(out, error);
    if (status == OKNG_OK) status = open_recorded(*out, &file, weights, error);
    okng_bank_file_close(&file);
    if (status != OKNG_OK) okng_embedder_close(out);
    return status;
}

static void forget_extractor(okng_embedder *embedder)
{
    okng_extractor_session_free(&embedder->session);
    okng_extractor_free(&embedder->extractor);
}

void okng_embedder_close(okng_embedder **embedder)
{
    if (!embedder || !*embedder) return;
    forget_extractor(*embedder);
    okng_weights_close(&(*embedder)->weights);
    okng_recipe_close(&(*embedder)->recipe);
    (void)pthread_mutex_destroy(&(*embedder)->mutex);
    free(*embedder);
    *embedder = NULL;
}

/* ---- embedding ---- */

static okng_status compile(okng_embedder *e, const okng_image *rgb, const okng_placement *placement, okng_error *error)
{
    okng_measured_ranges measured;
    okng_ranges ranges = {e->recorded, e->recorded_count};
    if (e->recorded_count == 0) {
        OKNG_TRY(
            okng_ranges_of_image(&measured, &e->options, e->weights, rgb, placement->height, placement->width, error));
        ranges = (okng_ranges){measured.values, measured.count};
    }
    OKNG_TRY(okng_extractor_new(&e->extractor, &e->options, e->weights, ranges, NULL, placement->height,
                                placement->width, okng_thread_count(e->options.threads), error));
    e->height = placement->height;
    e->width = placement->width;
    return okng_extractor_session_new(&e->session, e->extractor, 1, error);
}

/* The mutex is held. */
static okng_status embed(okng_embedder *e, const okng_image *rgb, okng_array **out, okng_error *error)
{
    okng_placement placement;
    int32_t height, width;
    OKNG_TRY(okng_placement_of(&e->options, rgb->width, rgb->height, &placement, error));
    bool own_measure = e->options.precision == OKNG_PRECISION_INT8 && e->recorded_count == 0;
    if (!e->session || own_measure || e->height != placement.height || e->width != placement.width) {
        forget_extractor(e);
        okng_status status = compile(e, rgb, &placement, error);
        if (status != OKNG_OK) forget_extractor(e);
        if (status != OKNG_OK) return status;
    }
    okng_extractor_grid(e->extractor, &height, &width);
    const int64_t shape[2] = {(int64_t)height * width, okng_extractor_dim(e->extractor)};
    OKNG_TRY(okng_array_new(out, OKNG_F32, 2, shape, error));
    okng_status status = okng_extractor_run(e->session, rgb, &placement, (*out)->data, NULL, NULL, error);
    if (status == OKNG_OK && e->recipe) status = okng_recipe_settled(e->recipe, error);
    if (status != OKNG_OK) okng_array_free(out);
    return status;
}

okng_status okng_embedder_run(okng_array **out, okng_embedder *embedder, const okng_picture *picture, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the patch vectors", error));
    *out = NULL;
    OKNG_TRY(okng_need(embedder, "the embedder", error));
    okng_image rgb;
    okng_decoding how = {.max_pixels = embedder->options.max_pixels,
                         .bit_depth = okng_bits_of(embedder->options.bit_depth),
                         .shrink = okng_preprocess_shrink,
                         .shrink_context = &embedder->options};
    OKNG_TRY(okng_image_take(&rgb, picture, &how, error));
    (void)pthread_mutex_lock(&embedder->mutex);
    okng_status status = embed(embedder, &rgb, out, error);
    (void)pthread_mutex_unlock(&embedder->mutex);
    okng_image_free(&rgb);
    return status;
}

okng_status okng_embed(okng_array **out, const okng_picture *picture, const okng_build_options *options,
                       okng_error *error)
{
    okng_embedder *embedder;
    OKNG_TRY(okng_need(out, "the place for the patch vectors", error));
    *out = NULL;
    OKNG_TRY(okng_embedder_open(&embedder, options, error));
    okng_status status = okng_embedder_run(out, embedder, picture, error);
    okng_embedder_close(&embedder);
    return status;
}
