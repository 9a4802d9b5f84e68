#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/quantile.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "features/anomaly_map.h"
#include "patchcore/fitting.h"
#include "patchcore/scoring.h"

/* What one thread owns. */
typedef struct worker {
    okng_extractor_session *session; /* only where the store does not hold whole pictures */
    float *rows;                     /* [patches, dim] */
    float *scores;                   /* [patches] */
    float *map;                      /* [input height, input width] */
} worker;

typedef struct calibration {
    okng_fitting *fitting;
    worker *workers;
    okng_knn_index *bank;
    int32_t left_out;    /* the one picture that all rows of the bank came from, and that cannot be scored; -1 = none */
    float *image_scores; /* [pictures] */
    double *pixel_means; /* [pictures] */
    okng_quantile *pixel; /* under the fitting's mutex */
} calibration;

static bool leaves_out(const okng_fitting *fitting)
{
    return fitting->options->calibration == OKNG_CALIBRATION_LEAVE_ONE_OUT;
}

static okng_status rows_of_picture(const okng_fitting *fitting, worker *own, int64_t picture, okng_error *error)
{
    if (!fitting->kept)
        return okng_store_read(fitting->store, picture * fitting->patches, fitting->patches, own->rows, error);
    okng_image rgb;
    okng_placement placement;
    OKNG_TRY(okng_image_load(&rgb, fitting->pictures[picture], fitting->options->max_pixels, error));
    okng_status status = okng_extractor_run(own->session, &rgb, &placement, own->rows, NULL, error);
    okng_image_free(&rgb);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", fitting->pictures[picture]);
}

static okng_status score_picture(calibration *c, worker *own, int64_t picture, okng_error *error)
{
    okng_fitting *fitting = c->fitting;
    if (picture == c->left_out) return OKNG_OK;
    OKNG_TRY(rows_of_picture(fitting, own, picture, error));
    int32_t excluded = leaves_out(fitting) ? (int32_t)picture : -1;
    OKNG_TRY(okng_score_patches(fitting->options, c->bank, own->rows, fitting->patches, excluded, 1, own->scores,
                                &c->image_scores[picture], error));
    okng_map_upsample(own->scores, fitting->grid_height, fitting->grid_width, own->map, fitting->input_height,
                      fitting->input_width);
    OKNG_TRY(
        okng_map_smooth(own->map, fitting->input_height, fitting->input_width, fitting->options->smoothing, error));

    size_t pixels = (size_t)fitting->input_height * (size_t)fitting->input_width;
    double sum = 0;
    for (size_t i = 0; i < pixels; i++) sum += (double)own->map[i];
    c->pixel_means[picture] = sum / (double)pixels;
    (void)pthread_mutex_lock(&fitting->mutex);
    okng_status status = okng_quantile_add(c->pixel, own->map, pixels, error);
    (void)pthread_mutex_unlock(&fitting->mutex);
    return status;
}

static void score_some(void *context, int64_t begin, int64_t end, int thread)
{
    calibration *c = context;
    okng_fitting *fitting = c->fitting;
    for (int64_t picture = begin; picture < end && picture < atomic_load(&fitting->end); picture++) {
        okng_error error = {0};
        okng_status status = score_picture(c, &c->workers[thread], picture, &error);
        if (status != OKNG_OK) okng_fitting_fail(fitting, picture, status, &error);
        okng_fitting_advance(fitting);
    }
}

static okng_status open_worker(const okng_fitting *fitting, worker *own, okng_error *error)
{
    size_t patches = (size_t)fitting->patches, dim = (size_t)fitting->dim;
    size_t pixels = (size_t)fitting->input_height * (size_t)fitting->input_width;
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

/* The picture that every row came from, or -1. */
static int32_t single_origin(const okng_fitting *fitting)
{
    for (int64_t i = 1; i < fitting->bank_count; i++)
        if (fitting->origin[i] != fitting->origin[0]) return -1;
    return fitting->origin[0];
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Thresholds from the scores that score_picture left behind. */
static okng_status conclude(calibration *c, okng_tau *tau, okng_error *error)
{
    double mean = 0;
    size_t count = 0;
    for (int64_t picture = 0; picture < c->fitting->picture_count; picture++) {
        if (picture == c->left_out) continue;
        mean += c->pixel_means[picture];
        c->image_scores[count++] = c->image_scores[picture];
    }
    qsort(c->image_scores, count, sizeof *c->image_scores, by_value);
    OKNG_TRY(okng_quantile_value(c->pixel, &tau->pixel, error));
    tau->image = okng_quantile_sorted(c->image_scores, count, c->fitting->options->image_pct);
    tau->pixel_low = (float)(mean / (double)count);
    tau->image_scores = c->image_scores;
    tau->image_count = count;
    c->image_scores = NULL;
    return OKNG_OK;
}

okng_status okng_fitting_calibrate(okng_fitting *fitting, okng_tau *tau, okng_error *error)
{
    calibration c = {.fitting = fitting, .left_out = leaves_out(fitting) ? single_origin(fitting) : -1};
    okng_rows bank = {fitting->bank, fitting->bank_count, fitting->dim, fitting->origin};
    int64_t scored = fitting->picture_count - (c.left_out >= 0);
    if (scored == 0)
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "one OK picture leaves nothing to compare it with; give more pictures, or use calibration train");
    size_t pictures = (size_t)fitting->picture_count;
    uint64_t pixels = (uint64_t)scored * (uint64_t)fitting->input_height * (uint64_t)fitting->input_width;
    c.workers = calloc((size_t)fitting->threads, sizeof *c.workers);
    c.image_scores = okng_alloc(pictures, sizeof *c.image_scores);
    c.pixel_means = okng_alloc(pictures, sizeof *c.pixel_means);
    okng_status status = c.workers && c.image_scores && c.pixel_means
                             ? okng_quantile_new(&c.pixel, fitting->options->pixel_pct, pixels, error)
                             : okng_fail_memory(error, pictures * (sizeof *c.image_scores + sizeof *c.pixel_means));
    if (status == OKNG_OK) status = okng_knn_index_new(&c.bank, &bank, OKNG_KNN_MANY, fitting->threads, error);
    for (int t = 0; t < fitting->threads && status == OKNG_OK; t++) status = open_worker(fitting, &c.workers[t], error);
    if (status == OKNG_OK) {
        okng_ticker_stage(fitting->ticker, "calibration", (uint64_t)fitting->picture_count);
        okng_parallel_for(fitting->threads, fitting->picture_count, 1, score_some, &c);
        status = okng_fitting_outcome(fitting, error);
    }
    if (status == OKNG_OK) status = conclude(&c, tau, error);
    for (int t = 0; t < fitting->threads && c.workers; t++) close_worker(&c.workers[t]);
    okng_quantile_free(&c.pixel);
    okng_knn_index_free(&c.bank);
    free(c.workers);
    free(c.image_scores);
    free(c.pixel_means);
    return status;
}
