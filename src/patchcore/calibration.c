#include <stdlib.h>

#include "base/each.h"
#include "base/memory.h"
#include "features/anomaly_map.h"
#include "method/thresholds.h"
#include "patchcore/doubt.h"
#include "patchcore/scoring.h"
#include "patchcore/standins.h"

/* What one thread owns. */
typedef struct worker {
    okng_extractor_session *session; /* only where the store does not hold whole pictures */
    float *rows;                     /* [patches, dim] */
    float *scores;                   /* [patches] */
    float *map;                      /* [input height, input width] */
} worker;

typedef struct calibration {
    const okng_fitting *fitting;
    worker *workers;
    okng_knn_index *bank;
    okng_standins standins;
    int32_t left_out; /* the one origin that all rows of the bank came from, and that cannot be scored; -1 = none */
    int64_t *place;   /* [good pictures] of each among those that are scored */
    okng_thresholds *thresholds;
    size_t scored;         /* pictures: all, or all but those of left_out */
    okng_doubter *doubter; /* NULL where nothing can be said */
} calibration;

static bool leaves_out(const okng_fitting *fitting)
{
    return fitting->options->calibration != OKNG_CALIBRATION_TRAIN;
}

/* The patches of good picture i as it is. */
static okng_status rows_of_picture(const okng_fitting *fitting, worker *own, int64_t i, okng_patch_rows *out,
                                   okng_error *error)
{
    *out = (okng_patch_rows){.rows = own->rows, .count = fitting->patches};
    if (!fitting->kept) {
        if (fitting->foreground) out->foreground = fitting->foreground + i * fitting->patches;
        int64_t first = i * fitting->turns * fitting->patches;
        return okng_store_read(fitting->store, first, fitting->patches, own->rows, error);
    }
    okng_image rgb;
    okng_placement placement;
    OKNG_TRY(okng_pictures_load(fitting->good, (size_t)i, fitting->options->max_pixels, &rgb, error));
    okng_status status = okng_extractor_run(own->session, &rgb, &placement, own->rows, &out->foreground, NULL, error);
    okng_image_free(&rgb);
    if (status == OKNG_OK) return OKNG_OK;
    return okng_error_context(error, status, "%s", okng_pictures_name(fitting->good, (size_t)i));
}

static okng_status score_picture(void *context, int64_t picture, int thread, okng_error *error)
{
    const calibration *c = context;
    const okng_fitting *fitting = c->fitting;
    const okng_bank_config *config = fitting->config;
    worker *own = &c->workers[thread];
    okng_patch_rows patches;
    int32_t origin = okng_fitting_origin(fitting, picture * fitting->turns);
    if (origin == c->left_out) return OKNG_OK;
    OKNG_TRY(rows_of_picture(fitting, own, picture, &patches, error));
    okng_reference reference = {.bank = c->bank, .excluded = -1};
    if (leaves_out(fitting)) {
        reference.excluded = origin;
        reference.standins = okng_standins_of(&c->standins, origin);
    }
    float score;
    OKNG_TRY(okng_score_patches(fitting->options, &reference, &patches, 1, own->scores, NULL, &score, error));
    okng_map_upsample(own->scores, fitting->grid_height, fitting->grid_width, own->map, config->input_height,
                      config->input_width);
    OKNG_TRY(okng_map_smooth(own->map, config->input_height, config->input_width, fitting->options->smoothing, error));
    size_t place = (size_t)c->place[picture];
    okng_thresholds_group(c->thresholds, place, origin);
    okng_status status = okng_thresholds_add(
        c->thresholds, place, okng_pictures_relative(fitting->good, (size_t)picture), score, own->map, error);
    if (status == OKNG_OK && c->doubter) status = okng_doubter_measure(c->doubter, place, origin, patches.rows, error);
    if (status == OKNG_OK) return OKNG_OK;
    return okng_error_context(error, status, "%s", okng_pictures_name(fitting->good, (size_t)picture));
}

static okng_status open_worker(const okng_fitting *fitting, worker *own, okng_error *error)
{
    size_t patches = (size_t)fitting->patches, dim = (size_t)fitting->dim;
    size_t pixels = (size_t)fitting->config->input_height * (size_t)fitting->config->input_width;
    own->rows = okng_alloc(patches, dim * sizeof(float));
    own->scores = okng_alloc(patches, sizeof(float));
    own->map = okng_alloc(pixels, sizeof(float));
    if (!own->rows || !own->scores || !own->map) return okng_fail_memory(error, patches * dim * sizeof(float));
    return fitting->kept ? okng_extractor_session_new(&own->session, fitting->extractor, error) : OKNG_OK;
}

static void close_worker(worker *own)
{
    okng_extractor_session_free(&own->session);
    free(own->rows);
    free(own->scores);
    free(own->map);
}

/* A bank of all rows has no holes where a picture's are taken out. */
static bool with_standins(const okng_fitting *fitting)
{
    return fitting->options->calibration == OKNG_CALIBRATION_STAND_IN && fitting->bank_count < fitting->kept_count;
}

/* What every row came from, or -1. */
static int32_t single_origin(const okng_fitting *fitting)
{
    for (int64_t i = 1; i < fitting->bank_count; i++)
        if (fitting->origin[i] != fitting->origin[0]) return -1;
    return fitting->origin[0];
}

static okng_status tell_doubts(const calibration *c, okng_error *error)
{
    if (!c->doubter) return OKNG_OK;
    float *doubts = okng_alloc(c->scored, sizeof *doubts);
    if (!doubts) return okng_fail_memory(error, c->scored * sizeof *doubts);
    okng_status status = okng_doubter_conclude(c->doubter, doubts, error);
    for (size_t i = 0; i < c->scored && status == OKNG_OK; i++) okng_thresholds_doubt(c->thresholds, i, doubts[i]);
    free(doubts);
    return status;
}

static okng_status run(calibration *c, okng_tau *tau, okng_error *error)
{
    const okng_fitting *fitting = c->fitting;
    const okng_rows bank = {fitting->bank, fitting->bank_count, fitting->dim, fitting->origin};
    OKNG_TRY(okng_doubter_new(&c->doubter, fitting, c->scored, error));
    OKNG_TRY(okng_knn_index_new(&c->bank, &bank, OKNG_KNN_MANY, fitting->threads, error));
    for (int t = 0; t < fitting->threads; t++) OKNG_TRY(open_worker(fitting, &c->workers[t], error));
    bool standins = with_standins(fitting);
    okng_ticker_stage(fitting->ticker, "calibration",
                      (uint64_t)fitting->good->count + (standins ? (uint64_t)fitting->picture_count : 0));
    if (standins) OKNG_TRY(okng_standins_find(&c->standins, fitting, c->bank, error));
    OKNG_TRY(okng_each(fitting->threads, (int64_t)fitting->good->count, score_picture, c, fitting->ticker, "the build",
                       error));
    OKNG_TRY(tell_doubts(c, error));
    okng_tau_basis basis = standins ? OKNG_TAU_STAND_IN : leaves_out(fitting) ? OKNG_TAU_LEAVE_ONE_OUT : OKNG_TAU_TRAIN;
    return okng_thresholds_conclude(c->thresholds, basis, tau, error);
}

/* Where the scores of pictures go: of those that can be scored, in their order. */
static okng_status find_places(calibration *c, okng_error *error)
{
    const okng_fitting *fitting = c->fitting;
    size_t pictures = fitting->good->count;
    c->place = okng_alloc(pictures, sizeof *c->place);
    if (!c->place) return okng_fail_memory(error, pictures * sizeof *c->place);
    for (size_t i = 0; i < pictures; i++) {
        c->place[i] = (int64_t)c->scored;
        c->scored += okng_fitting_origin(fitting, (int64_t)i * fitting->turns) != c->left_out;
    }
    if (c->scored > 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "one OK picture leaves nothing to compare it with; give more pictures, or use calibration train");
}

static okng_status open_calibration(calibration *c, okng_error *error)
{
    const okng_fitting *fitting = c->fitting;
    OKNG_TRY(find_places(c, error));
    OKNG_TRY(okng_thresholds_new(&c->thresholds, fitting->options, c->scored, fitting->config->input_height,
                                 fitting->config->input_width, error));
    c->workers = calloc((size_t)fitting->threads, sizeof *c->workers);
    return c->workers ? OKNG_OK : okng_fail_memory(error, (size_t)fitting->threads * sizeof *c->workers);
}

okng_status okng_fitting_calibrate(const okng_fitting *fitting, okng_tau *tau, okng_error *error)
{
    calibration c = {.fitting = fitting, .left_out = leaves_out(fitting) ? single_origin(fitting) : -1};
    okng_status status = open_calibration(&c, error);
    if (status == OKNG_OK) status = run(&c, tau, error);
    for (int t = 0; t < fitting->threads && c.workers; t++) close_worker(&c.workers[t]);
    free(c.workers);
    free(c.place);
    okng_doubter_free(&c.doubter);
    okng_knn_index_free(&c.bank);
    okng_standins_free(&c.standins);
    okng_thresholds_free(&c.thresholds);
    return status;
}
