/* Thresholds from the scores of a bank's own good pictures and of any more pictures that people have. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/apart.h"
#include "base/catalogue.h"
#include "base/each.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/sized.h"
#include "inspect/apart.h"
#include "inspect/inputs.h"
#include "inspect/result.h"
#include "tune/tuning.h"

#define TUNE_STEM "tune"
enum { MOST_SCORES = 10000000 }; /* that are given */

/* ---- inspecting ----------------------------------------------------------------------------- */

static float highest(const okng_result *result)
{
    float most = -INFINITY;
    size_t pixels = (size_t)result->picture.width * (size_t)result->picture.height;
    for (size_t i = 0; i < pixels; i++)
        if (result->map[i] > most) most = result->map[i];
    return most;
}

static okng_status draw(const okng_tuning *t, size_t i, const okng_result *result, okng_error *error)
{
    okng_image overlay = {0};
    OKNG_TRY(okng_result_draw(result, OKNG_PICTURE_OVERLAY, &overlay, error));
    const okng_viewer_images images = {.picture = &result->picture, .overlay = &overlay};
    okng_status status = okng_viewer_draw(t->viewer, i, &images, error);
    okng_image_free(&overlay);
    return status;
}

/* A picture that cannot be read, or that lacks what the bank looks for, is told and left out; memory may be there for
 * the next run. */
static okng_status inspect_one(void *context, int64_t number, int thread, okng_error *error)
{
    (void)thread;
    const okng_tuning *t = context;
    okng_tuned *p = &t->pictures[number];
    const okng_picture picture = {.struct_size = sizeof picture, .path = p->target->path};
    okng_inspect_options inspect;
    okng_inspect_options_init(&inspect);
    inspect.threads = 1;
    if (isnan(t->tau->image)) inspect.threshold_image = 0; /* an imported bank may lack what is not looked at here */
    if (t->options.max_pixels > 0) inspect.max_pixels = t->options.max_pixels;
    okng_error why;
    okng_result *result;
    okng_status status = okng_inspect(&result, &t->bank, &picture, &inspect, &why);
    if (status == OKNG_ERROR_MEMORY) return okng_fail(error, status, "%s", why.message);
    if (status == OKNG_OK && okng_result_verdict(result) == OKNG_VERDICT_NOT_FOUND) {
        okng_result_free(&result);
        status =
            okng_fail(&why, OKNG_ERROR_NOT_FOUND, "%s: a region of interest of the bank is not in it", p->target->path);
    }
    if (status != OKNG_OK) {
        p->why = strdup(why.message);
        return p->why ? OKNG_OK : okng_fail_memory(error, sizeof why.message);
    }
    p->inspected = true;
    p->score = okng_result_score(result);
    p->pixel = highest(result);
    p->p_value = okng_result_p_value(result);
    if (t->viewer) status = draw(t, (size_t)number, result, error);
    okng_result_free(&result);
    return status;
}

static okng_status list_pictures(okng_tuning *t, okng_error *error)
{
    if (t->options.ok_count > 0)
        OKNG_TRY(okng_targets_open(&t->good, t->options.ok, t->options.ok_count, false, error));
    if (t->options.ng_count > 0) OKNG_TRY(okng_targets_open(&t->bad, t->options.ng, t->options.ng_count, false, error));
    t->count = t->good.count + t->bad.count;
    t->pictures = okng_alloc_zero(t->count + 1, sizeof *t->pictures);
    if (!t->pictures) return okng_fail_memory(error, t->count * sizeof *t->pictures);
    for (size_t i = 0; i < t->count; i++) {
        bool bad = i >= t->good.count;
        t->pictures[i].target = bad ? &t->bad.items[i - t->good.count] : &t->good.items[i];
        t->pictures[i].bad = bad;
    }
    return OKNG_OK;
}

/* Nor would its pictures be good or bad ones the next time. */
static okng_status need_page_apart(const okng_tuning *t, const char *const *paths, size_t count, okng_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (paths[i] && okng_is_folder(paths[i])) OKNG_TRY(okng_need_apart(paths[i], t->options.page, error));
    return OKNG_OK;
}

/* The page takes no picture's place. */
static okng_status keep_inputs(const okng_tuning *t, okng_error *error)
{
    okng_inputs inputs = {0};
    okng_status status = OKNG_OK;
    char *files = okng_path_join(t->options.page, TUNE_STEM "_files");
    for (size_t i = 0; i < t->count && status == OKNG_OK; i++)
        status = okng_inputs_add(&inputs, t->pictures[i].target->path, error);
    okng_inputs_sort(&inputs);
    if (status == OKNG_OK) status = okng_inputs_keep(&inputs, t->options.page, TUNE_STEM ".html", error);
    if (status == OKNG_OK)
        status = files ? okng_inputs_keep(&inputs, files, "", error) : okng_fail_memory(error, OKNG_PATH_MAX);
    free(files);
    okng_inputs_free(&inputs);
    return status;
}

static okng_status inspect_all(okng_tuning *t, okng_progress_fn progress, void *user, okng_error *error)
{
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    okng_ticker_stage(&ticker, "inspecting", t->count);
    okng_status status = okng_each(okng_thread_count(t->options.threads), (int64_t)t->count, inspect_one, t, &ticker,
                                   "the inspection", error);
    okng_ticker_destroy(&ticker);
    for (size_t i = 0; i < t->count; i++) t->skipped += !t->pictures[i].inspected;
    if (status == OKNG_OK && t->count > 0 && t->skipped == t->count)
        status =
            okng_fail(error, OKNG_ERROR_FORMAT, "none of %zu pictures could be read: %s", t->count, t->pictures[0].why);
    return status;
}

/* ---- thresholds ----------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Scores of one kind that come from elsewhere than the pictures. Zeroed: none. */
typedef struct known {
    const float *own, *good, *bad; /* the bank's, and those that were given */
    size_t own_count, good_count, bad_count;
} known;

/* Adds scores to those of `list`, which has room. */
static void put(float *list, size_t *count, const float *scores, size_t more)
{
    if (more > 0) memcpy(list + *count, scores, more * sizeof *scores);
    *count += more;
}

/* Gathers the scores of good and bad pictures. */
static okng_status gather(const okng_tuning *t, okng_tuned_kind *kind, const known *k, bool pixels, okng_error *error)
{
    okng_tune_scores *s = &kind->scores;
    const size_t good = k->own_count + k->good_count + t->count, bad = k->bad_count + t->count;
    kind->good = okng_alloc(good + 1, sizeof *kind->good);
    kind->bad = okng_alloc(bad + 1, sizeof *kind->bad);
    if (!kind->good || !kind->bad) return okng_fail_memory(error, (good + bad) * sizeof *kind->good);
    *s = (okng_tune_scores){.good = kind->good, .bad = kind->bad};
    put(kind->good, &s->good_count, k->own, k->own_count);
    put(kind->good, &s->good_count, k->good, k->good_count);
    put(kind->bad, &s->bad_count, k->bad, k->bad_count);
    for (size_t i = 0; i < t->count; i++) {
        const okng_tuned *p = &t->pictures[i];
        float score = pixels ? p->pixel : p->score;
        if (!p->inspected || !(fabsf(score) < INFINITY)) continue;
        if (p->bad)
            kind->bad[s->bad_count++] = score;
        else
            kind->good[s->good_count++] = score;
    }
    qsort(kind->good, s->good_count, sizeof *kind->good, by_value);
    qsort(kind->bad, s->bad_count, sizeof *kind->bad, by_value);
    return OKNG_OK;
}

static okng_status tune_image(okng_tuning *t, okng_error *error)
{
    okng_tuned_kind *kind = &t->image;
    const okng_tune_options *o = &t->options;
    const known k = {.own = t->tau->image_scores,
                     .own_count = t->tau->image_count,
                     .good = o->ok_scores,
                     .good_count = o->ok_score_count,
                     .bad = o->ng_scores,
                     .bad_count = o->ng_score_count};
    OKNG_TRY(gather(t, kind, &k, false, error));
    kind->in_force = t->tau->image;
    kind->computed = t->tau->image_computed;
    kind->chosen = t->tau->image_chosen;
    OKNG_TRY(
        okng_tune_propose(&kind->scores, t->options.rule, t->options.rate, kind->computed, &kind->proposed, error));
    kind->rung_count = okng_tune_ladder(&kind->scores, kind->in_force, kind->computed, kind->proposed, kind->rungs);
    return OKNG_OK;
}

/* Of good pictures the bank keeps no pixels, so that those which were given are all there are; without any nothing is
 * proposed, as every threshold low enough would seem right. */
static okng_status tune_pixel(okng_tuning *t, okng_error *error)
{
    okng_tuned_kind *kind = &t->pixel;
    OKNG_TRY(gather(t, kind, &(known){0}, true, error));
    kind->in_force = t->tau->pixel;
    kind->computed = t->tau->pixel_computed;
    kind->chosen = t->tau->pixel_chosen;
    kind->proposed = NAN;
    if (kind->scores.good_count > 0)
        OKNG_TRY(
            okng_tune_propose(&kind->scores, t->options.rule, t->options.rate, kind->computed, &kind->proposed, error));
    if (kind->scores.good_count + kind->scores.bad_count > 0)
        kind->rung_count = okng_tune_ladder(&kind->scores, kind->in_force, kind->computed, kind->proposed, kind->rungs);
    return OKNG_OK;
}

static okng_status keep(const okng_tuning *t, okng_error *error)
{
    static const char *const names[] = {"balanced", "false alarms of at most", "misses of at most", "f1"};
    char by[128];
    bool rated = t->options.rule == OKNG_TUNE_FALSE_ALARM || t->options.rule == OKNG_TUNE_MISS;
    if (rated)
        (void)snprintf(by, sizeof by, "okng tune, %s %g", names[t->options.rule], t->options.rate);
    else
        (void)snprintf(by, sizeof by, "okng tune, %s", names[t->options.rule]);
    const okng_bank_choice choice = {.struct_size = sizeof choice,
                                     .sets_image = 1,
                                     .image = t->image.proposed,
                                     .sets_pixel = !isnan(t->pixel.proposed),
                                     .pixel = t->pixel.proposed,
                                     .by = by};
    return okng_bank_choose(t->folder, &choice, error);
}

/* ---- the public function -------------------------------------------------------------------- */

static okng_status check_scores(const float *scores, size_t count, const char *what, okng_error *error)
{
    if (count > MOST_SCORES)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%zu %s, expected at most %d", count, okng_translate(what),
                         MOST_SCORES);
    if (count > 0) OKNG_TRY(okng_need(scores, what, error));
    for (size_t i = 0; i < count; i++)
        if (!(fabsf(scores[i]) < INFINITY))
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: number %zu is not finite", okng_translate(what), i);
    return OKNG_OK;
}

static okng_status check(const okng_tune_options *options, okng_error *error)
{
    bool rated = options->rule == OKNG_TUNE_FALSE_ALARM || options->rule == OKNG_TUNE_MISS;
    if ((unsigned)options->rule > OKNG_TUNE_F1)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "rule %d is none of okng_tune_rule", (int)options->rule);
    if (rated && !(options->rate >= 0 && options->rate <= 1))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the rate is %g, expected a number from 0 to 1", options->rate);
    if ((options->ok_count > 0 && !options->ok) || (options->ng_count > 0 && !options->ng))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a list of pictures is NULL");
    OKNG_TRY(check_scores(options->ok_scores, options->ok_score_count, N_("scores of good pictures"), error));
    OKNG_TRY(check_scores(options->ng_scores, options->ng_score_count, N_("scores of bad pictures"), error));
    if (options->threads < 0 || options->threads > OKNG_MAX_THREADS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%d threads, expected 1 to %d, or 0 for all cores",
                         (int)options->threads, OKNG_MAX_THREADS);
    return OKNG_OK;
}

static okng_status open_page(okng_tuning *t, okng_error *error)
{
    const char *page = t->options.page;
    OKNG_TRY(okng_need_no_bank(page, okng_model_place(t->bank.model), error));
    OKNG_TRY(need_page_apart(t, t->options.ok, t->options.ok_count, error));
    OKNG_TRY(need_page_apart(t, t->options.ng, t->options.ng_count, error));
    OKNG_TRY(keep_inputs(t, error));
    OKNG_TRY(okng_viewer_need_own(page, TUNE_STEM, error));
    return okng_viewer_open(&t->viewer, page, TUNE_STEM, error);
}

static okng_status tune(okng_tuning *t, okng_progress_fn progress, void *user, char **json, okng_error *error)
{
    OKNG_TRY(check(&t->options, error));
    OKNG_TRY(okng_model_open(&t->bank.model, t->folder, t->options.weights, error));
    t->tau = okng_model_look(t->bank.model).tau;
    OKNG_TRY(list_pictures(t, error));
    if (t->options.page) OKNG_TRY(open_page(t, error));
    if (t->count > 0) OKNG_TRY(inspect_all(t, progress, user, error));
    OKNG_TRY(tune_image(t, error));
    OKNG_TRY(tune_pixel(t, error));
    if (t->viewer) OKNG_TRY(okng_tuning_page(t, error));
    if (t->options.write) OKNG_TRY(keep(t, error));
    json_t *document = okng_tuning_document(t, t->options.write != 0);
    okng_status status = okng_json_text(document, OKNG_JSON_PRETTY, t->folder, json, NULL, error);
    json_decref(document);
    return status;
}

static void close_tuning(okng_tuning *t)
{
    okng_viewer_free(&t->viewer);
    free(t->image.good);
    free(t->image.bad);
    free(t->pixel.good);
    free(t->pixel.bad);
    for (size_t i = 0; t->pictures && i < t->count; i++) free(t->pictures[i].why);
    free(t->pictures);
    okng_targets_close(&t->good);
    okng_targets_close(&t->bad);
    okng_model_close(&t->bank.model);
}

okng_status okng_tune(const char *bank_dir, const okng_tune_options *options, okng_progress_fn progress, void *user,
                      char **json, okng_error *error)
{
    OKNG_TRY(okng_need(json, "the place for the text", error));
    *json = NULL;
    OKNG_TRY(okng_need(bank_dir, "the bank folder", error));
    okng_tuning t = {.folder = bank_dir, .options = {.struct_size = sizeof t.options}};
    if (options) OKNG_TRY(okng_sized_take(&t.options, sizeof t.options, options, "the options", error));
    okng_status status = tune(&t, progress, user, json, error);
    close_tuning(&t);
    return status;
}
