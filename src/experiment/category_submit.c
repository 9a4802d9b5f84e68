/* Maps of the pictures whose truth a server keeps, in the form that it takes. */
#include <math.h>

#include "base/catalogue.h"
#include "base/each.h"
#include "experiment/category.h"
#include "experiment/submission.h"

typedef struct submitting {
    okng_category_job *job;
    const okng_kept_pictures *pictures;
    int threads; /* within a picture */
    float scale;
    _Atomic bool unseen; /* a pixel was not looked at */
} submitting;

static void look_for_unseen(submitting *s, const okng_scored *scored)
{
    const okng_placement *place = &scored->placement;
    const size_t pixels = (size_t)place->original_width * (size_t)place->original_height;
    for (size_t i = 0; i < pixels; i++)
        if (isnan(scored->map[i])) {
            s->unseen = true;
            return;
        }
}

static okng_status submit_one(void *context, int64_t i, int thread, okng_error *error)
{
    (void)thread;
    submitting *s = context;
    const okng_kept_pictures *pictures = s->pictures;
    const char *path = pictures->paths.items[i];
    okng_image rgb = {0};
    okng_scored scored = {0};
    okng_decoding how = {.max_pixels = s->job->config->build.max_pixels,
                         .bit_depth = okng_bits_of(s->job->info.options->bit_depth)};
    OKNG_TRY(okng_image_load_by(&rgb, path, &how, error));
    okng_status status = okng_model_inspect(s->job->model, &rgb, s->threads, &scored, error);
    if (status != OKNG_OK) (void)okng_error_context(error, status, "%s", path);
    if (status == OKNG_OK) {
        const okng_submitted picture = {s->job->name, pictures->splits[i], pictures->stems.items[i]};
        look_for_unseen(s, &scored);
        status =
            okng_submission_write(s->job->config->submission, &picture, scored.map, scored.placement.original_width,
                                  scored.placement.original_height, s->job->info.tau->pixel, s->scale, error);
    }
    okng_scored_free(&scored);
    okng_image_free(&rgb);
    return status;
}

okng_status okng_category_submit(okng_category_job *job, okng_error *error)
{
    const okng_experiment_config *config = job->config;
    okng_kept_pictures pictures;
    if (!*config->submission) return OKNG_OK;
    const float threshold = job->info.tau->pixel;
    if (isnan(threshold))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "submission: there is no pixel threshold, which thresholded pictures need; let the method "
                         "learn from good pictures");
    OKNG_TRY(okng_kept_pictures_list(&pictures, job->dataset, config->root, job->name, error));
    int at_once = job->threads < config->batch_size ? job->threads : config->batch_size;
    submitting s = {.job = job,
                    .pictures = &pictures,
                    .threads = at_once > 1 ? 1 : job->threads,
                    .scale = okng_submission_scale(threshold)};
    okng_ticker_stage(job->ticker, "submission", pictures.paths.count);
    okng_status status =
        okng_each(at_once, (int64_t)pictures.paths.count, submit_one, &s, job->ticker, "the experiment", error);
    if (status == OKNG_OK && s.unseen)
        job->warn(job->warn_user, _("pixels that were cropped away were not looked at and are submitted as 0, good; "
                                    "--crop none looks at everything"));
    okng_kept_pictures_free(&pictures);
    return status;
}
