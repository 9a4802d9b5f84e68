#include "base/each.h"
#include "method/groups.h"
#include "method/thresholds.h"

typedef struct scoring {
    const okng_calibrator *calibrator;
    const okng_pictures *pictures;
    int threads; /* within a picture */
    okng_thresholds *thresholds;
} scoring;

static okng_status score_one(void *context, int64_t picture, int thread, okng_error *error)
{
    (void)thread;
    scoring *s = context;
    const okng_calibrator *c = s->calibrator;
    size_t i = (size_t)picture;
    okng_image rgb = {0};
    okng_scored scored = {0};
    OKNG_TRY(okng_pictures_load(s->pictures, i, c->options->max_pixels, &rgb, error));
    okng_status status = c->inspect(c->model, &rgb, s->threads, &scored, error);
    if (status == OKNG_OK)
        status = okng_thresholds_add(s->thresholds, i, okng_pictures_relative(s->pictures, i), scored.score,
                                     scored.input_map, error);
    okng_scored_free(&scored);
    okng_image_free(&rgb);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", okng_pictures_name(s->pictures, i));
}

okng_status okng_calibrate(const okng_calibrator *calibrator, const okng_pictures *pictures, okng_ticker *ticker,
                           okng_tau *tau, okng_error *error)
{
    const okng_calibrator *c = calibrator;
    size_t count = pictures->count;
    scoring s = {c, pictures, c->threads > 1 && count > 1 ? 1 : c->threads, NULL};
    okng_groups groups;
    if (count > OKNG_TAU_PICTURES_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%zu pictures; thresholds come from at most %d", count,
                         OKNG_TAU_PICTURES_MAX);
    OKNG_TRY(okng_groups_find(&groups, c->options->group, pictures, error));
    okng_status status = okng_thresholds_new(&s.thresholds, c->options, c->ignored, count, c->height, c->width, error);
    for (size_t i = 0; i < count && status == OKNG_OK; i++)
        okng_thresholds_group(s.thresholds, i, okng_groups_of(&groups, i));
    okng_groups_free(&groups);
    if (status != OKNG_OK) return status;
    if (ticker) okng_ticker_stage(ticker, "calibration", count);
    status = okng_each(c->threads, (int64_t)count, score_one, &s, ticker, "the calibration", error);
    if (status == OKNG_OK) status = okng_thresholds_conclude(s.thresholds, c->basis, tau, error);
    okng_thresholds_free(&s.thresholds);
    return status;
}
