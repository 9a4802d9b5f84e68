#include "afclip/shots.h"

#include <math.h>
#include <stdlib.h>

#include "bank/sampler.h"
#include "base/clock.h"
#include "base/each.h"
#include "base/memory.h"
#include "method/groups.h"
#include "method/thresholds.h"

/* What is known of the pictures while they are learnt. */
typedef struct shots {
    okng_afclip *afclip;
    const okng_bank_config *config;
    const okng_pictures *pictures;
    int threads;
    okng_ticker *ticker;
    okng_groups groups;
    okng_afclip_memory memory; /* of all of them, until the model has it */
    okng_afclip_memory thin;   /* what is kept of it, where that is less */
    okng_afclip_view *views;   /* [pictures]: what words say of each */
    int32_t *sizes;            /* [pictures][2]: width, height */
    okng_thresholds *thresholds;
} shots;

/* ---- looking ---------------------------------------------------------------------------------------------------- */

typedef struct place {
    shots *s;
    int64_t picture;
} place;

static okng_status put(void *context, int32_t tap, const float *streams, okng_error *error)
{
    const place *to = context;
    return okng_afclip_memory_put(&to->s->memory, tap, streams, to->picture,
                                  okng_groups_of(&to->s->groups, (size_t)to->picture), error);
}

static okng_status look_at(shots *s, size_t i, okng_error *error)
{
    okng_image rgb = {0};
    place to = {s, (int64_t)i};
    OKNG_TRY(okng_pictures_load(s->pictures, i, s->config->options.max_pixels, &rgb, error));
    s->sizes[2 * i] = rgb.width;
    s->sizes[2 * i + 1] = rgb.height;
    okng_status status = okng_afclip_view_new(&s->views[i], okng_afclip_planned(s->afclip), true, error);
    if (status == OKNG_OK) status = okng_afclip_look(s->afclip, &rgb, s->threads, &s->views[i], put, &to, NULL, error);
    okng_image_free(&rgb);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", okng_pictures_name(s->pictures, i));
}

static okng_status look_at_all(shots *s, okng_error *error)
{
    const size_t count = s->pictures->count;
    okng_ticker_stage(s->ticker, "features", count);
    for (size_t i = 0; i < count; i++) {
        OKNG_TRY(look_at(s, i, error));
        if (!okng_ticker_advance(s->ticker, 1)) return okng_fail(error, OKNG_ERROR_CANCELLED, "the build was stopped");
    }
    return OKNG_OK;
}

/* ---- thresholds ------------------------------------------------------------------------------------------------- */

static bool several_groups(const shots *s)
{
    for (size_t i = 1; i < s->pictures->count; i++)
        if (okng_groups_of(&s->groups, i) != okng_groups_of(&s->groups, 0)) return true;
    return false;
}

/* Rows to search for: all of the pictures', wherever they are now. */
static const okng_afclip_memory *all_rows(const shots *s)
{
    return s->memory.pictures > 0 ? &s->memory : okng_afclip_remembers(s->afclip);
}

static okng_status judge(const shots *s, size_t i, int threads, okng_error *error)
{
    const int32_t width = s->sizes[2 * i], height = s->sizes[2 * i + 1];
    okng_scored scored;
    okng_thresholds_group(s->thresholds, i, okng_groups_of(&s->groups, i));
    OKNG_TRY(okng_afclip_memory_leave_out(okng_afclip_remembers(s->afclip), all_rows(s), (int64_t)i, threads,
                                          s->views[i].distances, error));
    OKNG_TRY(okng_afclip_judge(s->afclip, width, height, &s->views[i], &scored, error));
    okng_status status = okng_thresholds_add(s->thresholds, i, okng_pictures_relative(s->pictures, i), scored.score,
                                             scored.input_map, error);
    okng_scored_free(&scored);
    return status;
}

static okng_status judge_picture(void *context, int64_t picture, int thread, okng_error *error)
{
    (void)thread;
    const shots *s = context;
    const bool alone = s->threads == 1 || s->pictures->count == 1;
    okng_status status = judge(s, (size_t)picture, alone ? s->threads : 1, error);
    if (status == OKNG_OK) return OKNG_OK;
    return okng_error_context(error, status, "%s", okng_pictures_name(s->pictures, (size_t)picture));
}

/* One picture, or shots of one part alone, leave nothing to compare them with: there are no thresholds then. */
static okng_status calibrate(shots *s, okng_tau *tau, okng_error *error)
{
    const okng_bank_config *config = s->config;
    const size_t count = s->pictures->count;
    if (config->options.calibration == OKNG_CALIBRATION_TRAIN) return OKNG_OK; /* by whoever opens the bank */
    if (!several_groups(s)) {
        *tau = (okng_tau){.pixel = NAN, .image = NAN, .pixel_low = NAN, .source = OKNG_TAU_NONE};
        return OKNG_OK;
    }
    OKNG_TRY(okng_thresholds_new(&s->thresholds, &config->options, NULL, count, config->input_height,
                                 config->input_width, error));
    okng_ticker_stage(s->ticker, "calibration", count);
    okng_status status = okng_each(s->threads, (int64_t)count, judge_picture, s, s->ticker, "the build", error);
    if (status == OKNG_OK) status = okng_thresholds_conclude(s->thresholds, OKNG_TAU_LEAVE_ONE_OUT, tau, error);
    okng_thresholds_free(&s->thresholds);
    return status;
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

static okng_status remember(shots *s, int64_t rows, int64_t kept, okng_build_report *report, double *since,
                            okng_error *error)
{
    if (kept == rows) return okng_afclip_remember(s->afclip, &s->memory, s->threads, error);
    okng_ticker_stage(s->ticker, "coreset", (uint64_t)(OKNG_AFCLIP_STREAMS * kept));
    OKNG_TRY(okng_afclip_memory_thin(&s->thin, &s->memory, &s->config->options, s->ticker, error));
    okng_report_stage(report, "coreset", since);
    return okng_afclip_remember(s->afclip, &s->thin, s->threads, error);
}

static okng_status run(shots *s, okng_tau *tau, okng_build_report *report, okng_error *error)
{
    const okng_afclip_plan *plan = okng_afclip_planned(s->afclip);
    const size_t count = s->pictures->count;
    const int64_t patches = plan->tokens - 1, rows = (int64_t)count * patches;
    const int64_t kept = okng_sampler_count(&s->config->options, rows);
    double since = okng_clock();
    OKNG_TRY(okng_groups_find(&s->groups, s->config->options.group, s->pictures, error));
    const uint64_t bytes = okng_references_bytes(OKNG_AFCLIP_STREAMS * (rows + (kept < rows ? kept : 0)), plan->width);
    OKNG_TRY(okng_references_room(&s->config->options, count, bytes, error)); /* all rows are there until thinned */
    OKNG_TRY(okng_afclip_memory_new(&s->memory, (int64_t)count, patches, plan->width, rows, error));
    s->views = okng_alloc_zero(count, sizeof *s->views);
    s->sizes = okng_alloc(count, 2 * sizeof *s->sizes);
    if (!s->views || !s->sizes) return okng_fail_memory(error, count * sizeof *s->views);
    OKNG_TRY(look_at_all(s, error));
    okng_report_stage(report, "features", &since);
    OKNG_TRY(remember(s, rows, kept, report, &since, error));
    OKNG_TRY(calibrate(s, tau, error));
    okng_report_stage(report, "calibration", &since);
    return OKNG_OK;
}

okng_status okng_afclip_learn_pictures(okng_afclip *afclip, const okng_bank_config *config,
                                       const okng_pictures *pictures, int threads, okng_ticker *ticker, okng_tau *tau,
                                       okng_build_report *report, okng_error *error)
{
    shots s = {.afclip = afclip, .config = config, .pictures = pictures, .threads = threads, .ticker = ticker};
    okng_status status = run(&s, tau, report, error);
    for (size_t i = 0; s.views && i < pictures->count; i++) okng_afclip_view_free(&s.views[i]);
    free(s.views);
    free(s.sizes);
    okng_groups_free(&s.groups);
    okng_afclip_memory_free(&s.memory);
    okng_afclip_memory_free(&s.thin);
    return status;
}
