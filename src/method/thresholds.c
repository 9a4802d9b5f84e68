#include "method/thresholds.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "bank/quantile.h"
#include "base/memory.h"

struct okng_thresholds {
    size_t count, pixels; /* pixels of a map */
    double image_pct;
    float *image_scores; /* [count] */
    double *pixel_means; /* [count] */
    pthread_mutex_t mutex;
    okng_quantile *pixel; /* under the mutex */
};

okng_status okng_thresholds_new(okng_thresholds **out, const okng_build_options *options, size_t count, int32_t height,
                                int32_t width, okng_error *error)
{
    *out = NULL;
    okng_thresholds *t = calloc(1, sizeof *t);
    if (!t) return okng_fail_memory(error, sizeof *t);
    t->count = count;
    t->pixels = (size_t)height * (size_t)width;
    t->image_pct = options->image_pct;
    t->image_scores = okng_alloc(count, sizeof *t->image_scores);
    t->pixel_means = okng_alloc(count, sizeof *t->pixel_means);
    (void)pthread_mutex_init(&t->mutex, NULL);
    okng_status status =
        t->image_scores && t->pixel_means
            ? okng_quantile_new(&t->pixel, options->pixel_pct, (uint64_t)count * (uint64_t)t->pixels, error)
            : okng_fail_memory(error, count * (sizeof *t->image_scores + sizeof *t->pixel_means));
    if (status != OKNG_OK) okng_thresholds_free(&t);
    *out = t;
    return status;
}

void okng_thresholds_free(okng_thresholds **thresholds)
{
    okng_thresholds *t = *thresholds;
    if (!t) return;
    okng_quantile_free(&t->pixel);
    (void)pthread_mutex_destroy(&t->mutex);
    free(t->image_scores);
    free(t->pixel_means);
    free(t);
    *thresholds = NULL;
}

okng_status okng_thresholds_add(okng_thresholds *thresholds, size_t i, float score, const float *map, okng_error *error)
{
    okng_thresholds *t = thresholds;
    double sum = 0;
    for (size_t p = 0; p < t->pixels; p++) sum += (double)map[p];
    t->image_scores[i] = score;
    t->pixel_means[i] = sum / (double)t->pixels;
    if (!isfinite(score) || !isfinite(sum))
        return okng_fail(error, OKNG_ERROR_MISMATCH, "its score is not finite; check the options and the weights");
    (void)pthread_mutex_lock(&t->mutex);
    okng_status status = okng_quantile_add(t->pixel, map, t->pixels, error);
    (void)pthread_mutex_unlock(&t->mutex);
    return status;
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

okng_status okng_thresholds_conclude(okng_thresholds *thresholds, okng_tau_basis basis, okng_tau *tau,
                                     okng_error *error)
{
    okng_thresholds *t = thresholds;
    double mean = 0;
    float pixel;
    OKNG_TRY(okng_quantile_value(t->pixel, &pixel, error));
    for (size_t i = 0; i < t->count; i++) mean += t->pixel_means[i];
    qsort(t->image_scores, t->count, sizeof *t->image_scores, by_value);
    *tau = (okng_tau){.pixel = pixel,
                      .image = okng_quantile_sorted(t->image_scores, t->count, t->image_pct),
                      .pixel_low = (float)(mean / (double)t->count),
                      .image_scores = t->image_scores,
                      .image_count = t->count,
                      .basis = basis};
    t->image_scores = NULL;
    return OKNG_OK;
}
