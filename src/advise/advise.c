/* Sizes of the network's input, tried on the user's own pictures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "base/sized.h"
#include "demo/made_defect.h"
#include "eval/image_metrics.h"
#include "features/input_size.h"
#include "features/picture_sizes.h"
#include "image/image.h"
#include "model/build.h"
#include "model/methods.h"
#include "model/trial.h"
#include "options/options.h"

/* Of the good pictures every HELD-th is kept from learning, at most MOST_HELD of them; into each go MADE defects where
 * there are no bad pictures. Enough to tell sizes apart are learnt and scored, spread over their lists, whose
 * neighbours are often alike. */
enum { HELD = 4, MOST_HELD = 40, MADE = 2, LEAST_PICTURES = 8, MOST_LEARNT = 200, MOST_NG = 100, MOST_SIZES = 4 };
/* Of sizes whose AUROC is within this of the best, the one of fewest pixels is proposed. */
static const double CLOSE = 0.01;

struct okng_advice {
    okng_advice_size sizes[MOST_SIZES];
    size_t count;
    okng_advice_info info;
};

typedef struct advising {
    okng_build_options options; /* complete */
    const char **learnt, **held, **ng;
    size_t learnt_count, held_count, ng_count, made;
    int threads;
    int32_t bit_depth; /* that the good pictures were read by */
    okng_ticker *ticker;
    double *scores; /* [scored] */
    uint8_t *bad;
    size_t scored;
    double *milliseconds; /* [held_count] */
} advising;

/* ---- pictures ------------------------------------------------------------------------------------------------ */

/* `take` of `count` at most, spread evenly. */
static size_t spread(const char **to, const char *const *from, size_t count, size_t take)
{
    if (take > count) take = count;
    for (size_t i = 0; i < take; i++) to[i] = from[i * count / take];
    return take;
}

/* `held` of the good pictures are held out, evenly; of the others those are learnt that there is room for. */
static okng_status divide(advising *a, const char *const *ok, size_t count, size_t held, okng_error *error)
{
    const char **others = okng_alloc(count, sizeof *others);
    if (!others) return okng_fail_memory(error, count * sizeof *others);
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if ((i + 1) * held / count > i * held / count)
            a->held[a->held_count++] = ok[i];
        else
            others[left++] = ok[i];
    }
    a->learnt_count = spread(a->learnt, others, left, MOST_LEARNT);
    free(others);
    return OKNG_OK;
}

static okng_status take_pictures(advising *a, const char *const *ok, size_t ok_count, const char *const *ng,
                                 size_t ng_count, okng_error *error)
{
    if (ok_count < LEAST_PICTURES)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%zu good pictures are too few to compare sizes by, expected at least %d", ok_count,
                         LEAST_PICTURES);
    size_t held = ok_count / HELD < MOST_HELD ? ok_count / HELD : MOST_HELD;
    size_t most = held * (1 + MADE) + MOST_NG;
    a->made = ng_count == 0 ? MADE : 0;
    a->learnt = okng_alloc(MOST_LEARNT, sizeof *a->learnt);
    a->held = okng_alloc(held, sizeof *a->held);
    a->ng = okng_alloc(MOST_NG, sizeof *a->ng);
    a->scores = okng_alloc(most, sizeof *a->scores);
    a->bad = okng_alloc(most, 1);
    a->milliseconds = okng_alloc(held, sizeof *a->milliseconds);
    if (!a->learnt || !a->held || !a->ng || !a->scores || !a->bad || !a->milliseconds)
        return okng_fail_memory(error, most * sizeof *a->scores);
    a->ng_count = spread(a->ng, ng, ng_count, MOST_NG);
    return divide(a, ok, ok_count, held, error);
}

static void release(advising *a)
{
    free(a->learnt);
    free(a->held);
    free(a->ng);
    free(a->scores);
    free(a->bad);
    free(a->milliseconds);
}

/* ---- scores of one size -------------------------------------------------------------------------------------- */

static okng_status load(const advising *a, const char *path, okng_image *rgb, okng_error *error)
{
    okng_decoding how = {.max_pixels = a->options.max_pixels, .bit_depth = a->bit_depth};
    return okng_image_load_by(rgb, path, &how, error);
}

static okng_status score(advising *a, okng_trial *trial, const okng_image *rgb, bool bad, okng_error *error)
{
    float found;
    OKNG_TRY(okng_trial_score(trial, rgb, a->threads, &found, error));
    a->scores[a->scored] = (double)found;
    a->bad[a->scored++] = bad;
    if (okng_ticker_advance(a->ticker, 1)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_CANCELLED, "the trial of sizes was cancelled");
}

/* The same defects whatever the size. */
static okng_status score_made(advising *a, okng_trial *trial, const okng_image *good, size_t held, okng_error *error)
{
    for (size_t k = 0; k < a->made; k++) {
        okng_image bad;
        size_t number = held * a->made + k;
        OKNG_TRY(okng_made_defect_put(good, (okng_made_defect)(number % OKNG_MADE_DEFECTS), a->options.seed + number,
                                      &bad, NULL, error));
        okng_status status = score(a, trial, &bad, true, error);
        okng_image_free(&bad);
        OKNG_TRY(status);
    }
    return OKNG_OK;
}

static okng_status score_held(advising *a, okng_trial *trial, size_t i, okng_error *error)
{
    okng_image rgb;
    double since = okng_clock();
    OKNG_TRY(load(a, a->held[i], &rgb, error));
    okng_status status = score(a, trial, &rgb, false, error);
    a->milliseconds[i] = 1000 * (okng_clock() - since);
    if (status == OKNG_OK) status = score_made(a, trial, &rgb, i, error);
    okng_image_free(&rgb);
    return status;
}

static okng_status score_ng(advising *a, okng_trial *trial, size_t i, okng_error *error)
{
    okng_image rgb;
    OKNG_TRY(load(a, a->ng[i], &rgb, error));
    okng_status status = score(a, trial, &rgb, true, error);
    okng_image_free(&rgb);
    return status;
}

static okng_status score_all(advising *a, okng_trial *trial, okng_error *error)
{
    a->scored = 0;
    okng_ticker_stage(a->ticker, "inspecting", a->held_count * (1 + a->made) + a->ng_count);
    for (size_t i = 0; i < a->held_count; i++) OKNG_TRY(score_held(a, trial, i, error));
    for (size_t i = 0; i < a->ng_count; i++) OKNG_TRY(score_ng(a, trial, i, error));
    return OKNG_OK;
}

/* ---- sizes --------------------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static okng_status measure(advising *a, okng_advice_size *size, okng_error *error)
{
    okng_build_report report = {.struct_size = sizeof report};
    okng_trial *trial;
    const okng_pictures pictures = okng_pictures_of_paths(a->learnt, a->learnt_count);
    double since = okng_clock();
    okng_memory_peak_reset();
    OKNG_TRY(okng_trial_learn(&trial, &pictures, &a->options, a->ticker, &report, error));
    size->seconds = okng_clock() - since;
    a->bit_depth = report.bit_depth;
    okng_status status = score_all(a, trial, error);
    okng_trial_free(&trial);
    OKNG_TRY(status);
    size->peak_bytes = okng_memory_peak();
    size->bank_bytes = report.rows * (uint64_t)report.dim * sizeof(float);
    size->patch_height = report.patch_height;
    size->patch_width = report.patch_width;
    qsort(a->milliseconds, a->held_count, sizeof *a->milliseconds, by_value);
    size->milliseconds = a->milliseconds[a->held_count / 2];
    okng_image_metrics *figures = malloc(sizeof *figures);
    if (!figures) return okng_fail_memory(error, sizeof *figures);
    status = okng_image_metrics_compute(a->scores, a->bad, a->scored, figures, error);
    if (status == OKNG_OK) size->auroc = okng_auroc(&figures->evidence);
    free(figures);
    return status;
}

/* Appends what auto comes to with `pixels` or, square, with as many; nothing where it comes to a size that is there. */
static void add_size(okng_advice *advice, okng_build_options options, const okng_picture_sizes *pictures,
                     int64_t pixels, bool square)
{
    options.pixels = pixels;
    square = square || pictures->differ;
    okng_input_size found = okng_input_size_of(&options, square ? 1 : pictures->height, square ? 1 : pictures->width);
    for (size_t i = 0; i < advice->count; i++)
        if (advice->sizes[i].height == found.height && advice->sizes[i].width == found.width) return;
    advice->sizes[advice->count++] = (okng_advice_size){.struct_size = sizeof(okng_advice_size),
                                                        .height = found.height,
                                                        .width = found.width,
                                                        .pixels = square && !pictures->differ ? 0 : pixels};
}

/* The pictures' shape at once, twice and four times the pixels, and a square. */
static okng_status choose_sizes(advising *a, okng_advice *advice, okng_error *error)
{
    okng_build_options automatic = a->options;
    okng_picture_sizes found;
    const okng_pictures pictures = okng_pictures_of_paths(a->learnt, a->learnt_count);
    automatic.resize_mode = OKNG_RESIZE_AUTO;
    automatic.crop = 0;
    int64_t pixels = okng_input_pixels(&automatic);
    okng_build_options looked_at = automatic;
    OKNG_TRY(okng_input_size_choose(&looked_at, &pictures, &found, error));
    add_size(advice, automatic, &found, pixels, true);
    for (int64_t times = 1; times <= 4; times *= 2) add_size(advice, automatic, &found, times * pixels, false);
    advice->info.picture_height = found.height;
    advice->info.picture_width = found.width;
    advice->info.aspects_differ = found.differ;
    return OKNG_OK;
}

static size_t propose(const okng_advice *advice)
{
    size_t best = 0;
    double most = -1;
    for (size_t i = 0; i < advice->count; i++) most = fmax(most, advice->sizes[i].auroc);
    int64_t fewest = INT64_MAX;
    for (size_t i = 0; i < advice->count; i++) {
        const okng_advice_size *size = &advice->sizes[i];
        int64_t area = (int64_t)size->height * size->width;
        bool better = area < fewest || (area == fewest && size->auroc > advice->sizes[best].auroc);
        if (size->auroc < most - CLOSE || !better) continue;
        best = i;
        fewest = area;
    }
    return best;
}

static okng_status run(advising *a, okng_advice *advice, okng_error *error)
{
    OKNG_TRY(choose_sizes(a, advice, error));
    a->options.resize_mode = OKNG_RESIZE_EXACT;
    a->options.crop = 0;
    a->options.pixels = 0;
    for (size_t i = 0; i < advice->count; i++) {
        a->options.resize_height = advice->sizes[i].height;
        a->options.resize_width = advice->sizes[i].width;
        OKNG_TRY(measure(a, &advice->sizes[i], error));
    }
    advice->sizes[propose(advice)].proposed = 1;
    advice->info.sizes = advice->count;
    advice->info.learnt = a->learnt_count;
    advice->info.good = a->held_count;
    advice->info.bad = a->ng_count + a->held_count * a->made;
    advice->info.made = a->made > 0;
    return OKNG_OK;
}

/* What sizes do depends on what good pictures teach. */
static okng_status need_learner(const char *name, okng_error *error)
{
    const okng_method *method;
    OKNG_TRY(okng_method_find(&method, name, error));
    if (method->needs & OKNG_NEEDS_PICTURES) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "sizes are compared by what is learnt from good pictures at each, and %s knows by words, at the "
                     "size that its network was trained with; leave its resize as it is, or compare by okng eval",
                     name);
}

/* ---- the public functions ------------------------------------------------------------------------------------ */

okng_status okng_advise(okng_advice **out, const char *const *ok, size_t ok_count, const char *const *ng,
                        size_t ng_count, const okng_build_options *options, okng_progress_fn progress, void *user,
                        okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the advice", error));
    *out = NULL;
    if (ok_count > 0) OKNG_TRY(okng_need(ok, "the good pictures", error));
    if (ng_count > 0) OKNG_TRY(okng_need(ng, "the bad pictures", error));
    advising a = {0};
    okng_ticker ticker;
    OKNG_TRY(okng_build_options_check(options, &a.options, error));
    OKNG_TRY(need_learner(a.options.method, error));
    OKNG_TRY(okng_choose_network(&a.options, error));
    OKNG_TRY(okng_model_check_engine(&a.options, error));
    a.threads = okng_thread_count(a.options.threads);
    okng_advice *advice = calloc(1, sizeof *advice);
    if (!advice) return okng_fail_memory(error, sizeof *advice);
    advice->info.struct_size = sizeof advice->info;
    okng_ticker_init(&ticker, progress, user);
    a.ticker = &ticker;
    okng_status status = take_pictures(&a, ok, ok_count, ng, ng_count, error);
    if (status == OKNG_OK) status = run(&a, advice, error);
    okng_ticker_destroy(&ticker);
    release(&a);
    if (status != OKNG_OK) okng_advice_free(&advice);
    *out = advice;
    return status;
}

okng_status okng_advice_get_info(const okng_advice *advice, okng_advice_info *info, okng_error *error)
{
    OKNG_TRY(okng_need(advice, "the advice", error));
    return okng_sized_give(info, &advice->info, sizeof advice->info, "the place for what was advised", error);
}

okng_status okng_advice_get_size(const okng_advice *advice, size_t i, okng_advice_size *size, okng_error *error)
{
    OKNG_TRY(okng_need(advice, "the advice", error));
    OKNG_TRY(okng_sized_check(size, "the place for the size", error));
    if (i >= advice->count) return okng_fail(error, OKNG_ERROR_ARGUMENT, "size %zu of %zu", i, advice->count);
    return okng_sized_give(size, &advice->sizes[i], sizeof *size, "the place for the size", error);
}

void okng_advice_free(okng_advice **advice)
{
    if (!advice) return;
    free(*advice);
    *advice = NULL;
}
