/* All test pictures of a category scored, and how well the scores tell good from bad. */
#include <math.h>
#include <stdlib.h>

#include "bank/conformal.h"
#include "base/clock.h"
#include "base/memory.h"
#include "eval/image_metrics.h"
#include "eval/pixel_metrics.h"
#include "experiment/category.h"
#include "experiment/kinds.h"
#include "experiment/shared_scores.h"
#include "experiment/truth.h"

typedef struct scoring {
    okng_category_job *job;
    int threads;              /* within a picture */
    okng_calls *calls;        /* of other ranks that score some of the pictures; NULL: there are none */
    okng_pixel_metrics *full; /* NULL where no pixel figures are asked for or there are no masks */
    okng_pixel_metrics *crop;
    okng_kinds *kinds; /* NULL where the data set has no saturations */
} scoring;

/* ---- one picture ---------------------------------------------------------------------------- */

static void note(const okng_category_job *job, const okng_scored *scored, okng_picture_result *picture)
{
    const okng_tau *tau = job->info.tau;
    picture->score = scored->score;
    picture->ng = scored->score > tau->image;
    picture->p_value = okng_conformal_p_value(tau->image_scores, tau->image_count, scored->score);
    picture->window = scored->window;
    picture->map_low = INFINITY;
    picture->map_high = -INFINITY;
    size_t pixels = (size_t)scored->placement.original_height * (size_t)scored->placement.original_width;
    for (size_t i = 0; i < pixels; i++) { /* a comparison with NaN is false: what was not seen does not count */
        if (scored->map[i] < picture->map_low) picture->map_low = scored->map[i];
        if (scored->map[i] > picture->map_high) picture->map_high = scored->map[i];
    }
}

static okng_status add_maps(const scoring *s, const okng_sample *sample, const okng_scored *scored, okng_error *error)
{
    if (!s->full) return OKNG_OK;
    const okng_placement *place = &scored->placement;
    okng_truth truth = {0};
    okng_status status =
        sample->label ? okng_truth_open(&truth, sample, place, s->job->config->crop_masks, error) : OKNG_OK;
    if (status == OKNG_OK && s->kinds && sample->label)
        status =
            okng_kinds_add_defects(s->kinds, sample, scored->map, place->original_width, place->original_height, error);
    if (status == OKNG_OK)
        status = okng_pixel_metrics_add_kind(s->full, s->kinds ? okng_kind_of(sample) : 0, scored->map, truth.full,
                                             place->original_height, place->original_width, error);
    if (status == OKNG_OK)
        status = okng_pixel_metrics_add(s->crop, scored->input_map, truth.crop, place->height, place->width, error);
    okng_truth_close(&truth);
    return status;
}

/* Takes what is kept of a picture that was scored by `status`, whose scores go. */
static okng_status take_scored(const scoring *s, okng_picture_result *picture, okng_status status, okng_scored *scored,
                               okng_error *error)
{
    if (status == OKNG_OK && !isfinite(scored->score))
        status = okng_fail(error, OKNG_ERROR_MISMATCH,
                           "the picture's score is not finite: its features are too large for this bank; check the "
                           "options and the weights");
    if (status != OKNG_OK) (void)okng_error_context(error, status, "%s", picture->sample->path);
    if (status == OKNG_OK) {
        note(s->job, scored, picture);
        status = add_maps(s, picture->sample, scored, error);
    }
    okng_scored_free(scored);
    return status;
}

static okng_status score_one(void *context, int64_t i, int thread, okng_error *error)
{
    (void)thread;
    const scoring *s = context;
    okng_picture_result *picture = &s->job->pictures[i];
    const okng_sample *sample = picture->sample;
    okng_image rgb = {0};
    okng_scored scored = {0};
    double since = okng_clock();
    okng_decoding how = {.max_pixels = s->job->config->build.max_pixels,
                         .bit_depth = okng_bits_of(s->job->info.options->bit_depth)};
    OKNG_TRY(okng_image_load_by(&rgb, sample->path, &how, error));
    okng_status status = okng_model_inspect(s->job->model, &rgb, s->threads, &scored, error);
    picture->milliseconds = 1e3 * (okng_clock() - since);
    okng_image_free(&rgb);
    return take_scored(s, picture, status, &scored, error);
}

/* The same by another rank; its time is that until the scores were here. */
static okng_status ask_one(void *context, int64_t i, int slot, okng_error *error)
{
    const scoring *s = context;
    okng_picture_result *picture = &s->job->pictures[i];
    okng_scored scored = {0};
    double since = okng_clock();
    OKNG_TRY(okng_shared_score(s->calls, slot, picture->sample->path, &scored, error));
    picture->milliseconds = 1e3 * (okng_clock() - since);
    return take_scored(s, picture, OKNG_OK, &scored, error);
}

/* ---- metrics -------------------------------------------------------------------------------- */

static okng_status image_metrics(const okng_category_job *job, okng_error *error)
{
    double *values = job->result->values;
    double *scores = okng_alloc(job->test_count, sizeof *scores);
    uint8_t *bad = okng_alloc(job->test_count, sizeof *bad);
    okng_image_metrics *figures = okng_alloc_zero(1, sizeof *figures);
    okng_status status = scores && bad && figures ? OKNG_OK : okng_fail_memory(error, job->test_count * sizeof *scores);
    for (size_t i = 0; i < job->test_count && status == OKNG_OK; i++) {
        const okng_picture_result *picture = &job->pictures[i];
        scores[i] = (double)picture->score;
        bad[i] = (uint8_t)picture->sample->label;
        values[OKNG_FIGURE_FOUND] += picture->ng && bad[i];
        values[OKNG_FIGURE_FALSE_ALARMS] += picture->ng && !bad[i];
    }
    if (isnan(job->info.tau->image)) /* nothing was found or taken for a defect: there was no threshold */
        values[OKNG_FIGURE_FOUND] = values[OKNG_FIGURE_FALSE_ALARMS] = (double)NAN;
    if (status == OKNG_OK) status = okng_image_metrics_compute(scores, bad, job->test_count, figures, error);
    if (status == OKNG_OK) {
        okng_figures_compute(OKNG_GROUP_IMAGE, &figures->evidence, job->config->metrics, values);
        job->result->image_roc = figures->roc;
    }
    free(scores);
    free(bad);
    free(figures);
    return status;
}

static okng_status pixel_metrics(const scoring *s, okng_error *error)
{
    if (!s->full) return OKNG_OK;
    okng_category_figures *result = s->job->result;
    const bool *asked = s->job->config->metrics;
    okng_pixel_figures *figures = okng_alloc_zero(1, sizeof *figures);
    if (!figures) return okng_fail_memory(error, sizeof *figures);
    okng_status status = okng_pixel_metrics_figures(s->crop, figures, error);
    if (status == OKNG_OK) {
        okng_figures_compute(OKNG_GROUP_PIXEL_CROP, &figures->evidence, asked, result->values);
        if (s->kinds) status = okng_kinds_pixel_figures(s->kinds, s->full, result->values, error);
    }
    if (status == OKNG_OK) status = okng_pixel_metrics_figures(s->full, figures, error);
    if (status == OKNG_OK) {
        okng_figures_compute(OKNG_GROUP_PIXEL, &figures->evidence, asked, result->values);
        result->pixel_roc = figures->roc;
        result->pro = figures->pro;
    }
    free(figures);
    return status;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool wants_pixels(const okng_category_job *job)
{
    bool any = false;
    for (int i = 0; i < OKNG_FIGURES; i++)
        any = any || (okng_figures[i].group == OKNG_GROUP_PIXEL && job->config->metrics[i]);
    return any && okng_samples_have_masks(job->samples);
}

static okng_status score_all(scoring *s, int at_once, okng_error *error)
{
    okng_category_job *job = s->job;
    OKNG_TRY(okng_shared_scores_open(&s->calls, job, s->threads, error));
    const okng_shared_loop loop = {
        .calls = s->calls, .threads = at_once, .context = s, .here = score_one, .asked = ask_one};
    okng_status status = okng_shared_each(&loop, (int64_t)job->test_count, job->ticker, "the experiment", error);
    okng_calls_close(&s->calls);
    return status;
}

okng_status okng_category_score(okng_category_job *job, okng_error *error)
{
    scoring s = {.job = job};
    double since = okng_clock();
    int at_once = job->threads < job->config->batch_size ? job->threads : job->config->batch_size;
    s.threads = at_once > 1 ? 1 : job->threads;
    okng_status status = OKNG_OK;
    if (wants_pixels(job)) {
        status = okng_pixel_metrics_new(&s.full, job->config->pro_mode, job->threads, error);
        if (status == OKNG_OK) status = okng_pixel_metrics_new(&s.crop, job->config->pro_mode, job->threads, error);
        if (status == OKNG_OK && job->saturations.path) status = okng_kinds_new(&s.kinds, &job->saturations, error);
    }
    if (status == OKNG_OK) {
        okng_ticker_stage(job->ticker, "inspecting", job->test_count);
        status = score_all(&s, at_once, error);
    }
    if (status == OKNG_OK) status = image_metrics(job, error);
    if (status == OKNG_OK && job->saturations.path)
        status = okng_kinds_image_figures(job->pictures, job->test_count, job->result->values, error);
    if (status == OKNG_OK) status = pixel_metrics(&s, error);
    okng_pixel_metrics_free(&s.full);
    okng_pixel_metrics_free(&s.crop);
    okng_kinds_free(&s.kinds);
    job->result->values[OKNG_FIGURE_SECONDS_EVALUATE] = okng_clock() - since;
    return status;
}
