/* Thresholds from good pictures that were held out. */
#include <math.h>
#include <stdlib.h>

#include "bank/quantile.h"
#include "base/each.h"
#include "base/memory.h"
#include "method/method.h"

typedef struct calibration {
    const okng_method *method;
    void *model;
    const okng_model_info *info;
    const char *const *pictures;
    int threads;         /* within a picture */
    float *image_scores; /* [pictures] */
    double *pixel_means; /* [pictures] */
    pthread_mutex_t mutex;
    okng_quantile *pixel; /* under the mutex */
} calibration;

static okng_status add(calibration *c, int64_t i, const okng_scored *scored, okng_error *error)
{
    size_t pixels = (size_t)scored->placement.height * (size_t)scored->placement.width;
    double sum = 0;
    for (size_t p = 0; p < pixels; p++) sum += (double)scored->input_map[p];
    c->image_scores[i] = scored->score;
    c->pixel_means[i] = sum / (double)pixels;
    if (!isfinite(scored->score) || !isfinite(sum))
        return okng_fail(error, OKNG_ERROR_MISMATCH, "its score is not finite; check the options and the weights");
    (void)pthread_mutex_lock(&c->mutex);
    okng_status status = okng_quantile_add(c->pixel, scored->input_map, pixels, error);
    (void)pthread_mutex_unlock(&c->mutex);
    return status;
}

static okng_status score_one(void *context, int64_t i, int thread, okng_error *error)
{
    (void)thread;
    calibration *c = context;
    okng_image rgb = {0};
    okng_scored scored = {0};
    OKNG_TRY(okng_image_load(&rgb, c->pictures[i], c->info->options->max_pixels, error));
    okng_status status = c->method->score(c->model, &rgb, c->threads, &scored, error);
    if (status == OKNG_OK) status = add(c, i, &scored, error);
    okng_scored_free(&scored);
    okng_image_free(&rgb);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", c->pictures[i]);
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static okng_status conclude(calibration *c, size_t count, okng_tau *tau, okng_error *error)
{
    double mean = 0;
    for (size_t i = 0; i < count; i++) mean += c->pixel_means[i];
    qsort(c->image_scores, count, sizeof *c->image_scores, by_value);
    OKNG_TRY(okng_quantile_value(c->pixel, &tau->pixel, error));
    tau->image = okng_quantile_sorted(c->image_scores, count, c->info->options->image_pct);
    tau->pixel_low = (float)(mean / (double)count);
    tau->image_scores = c->image_scores;
    tau->image_count = count;
    tau->held_out = true;
    c->image_scores = NULL;
    return OKNG_OK;
}

okng_status okng_method_calibrate(const okng_method *method, void *model, const char *dir, const char *const *pictures,
                                  size_t count, int threads, okng_ticker *ticker, okng_error *error)
{
    okng_model_info info;
    OKNG_TRY(method->describe(model, &info, error));
    calibration c = {.method = method, .model = model, .info = &info, .pictures = pictures};
    c.threads = threads > 1 && count > 1 ? 1 : threads;
    c.image_scores = okng_alloc(count, sizeof *c.image_scores);
    c.pixel_means = okng_alloc(count, sizeof *c.pixel_means);
    (void)pthread_mutex_init(&c.mutex, NULL);
    uint64_t pixels = (uint64_t)count * (uint64_t)info.input_height * (uint64_t)info.input_width;
    okng_tau tau = {0};
    okng_status status = c.image_scores && c.pixel_means
                             ? okng_quantile_new(&c.pixel, info.options->pixel_pct, pixels, error)
                             : okng_fail_memory(error, count * (sizeof(float) + sizeof(double)));
    if (status == OKNG_OK) {
        okng_ticker_stage(ticker, "calibration", count);
        status = okng_each(threads, (int64_t)count, score_one, &c, ticker, "the calibration", error);
    }
    if (status == OKNG_OK) status = conclude(&c, count, &tau, error);
    if (status == OKNG_OK) status = method->set_tau(model, dir, &tau, error);
    okng_quantile_free(&c.pixel);
    (void)pthread_mutex_destroy(&c.mutex);
    free(c.image_scores);
    free(c.pixel_means);
    return status;
}
