/* How well a bank does on pictures whose defects are known: a category in the layout of MVTec AD. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/each.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "eval/figures.h"
#include "eval/image_metrics.h"
#include "eval/pixel_metrics.h"
#include "image/mask.h"
#include "inspect/handles.h"
#include "options/options.h"
#include "report/page.h"
#include "report/report.h"

struct okng_evaluation {
    okng_eval_category category;
};

typedef struct job {
    const okng_bank *bank;
    const okng_picture_list *list;
    const char *dir, *results;
    okng_inspect_options options;
    okng_eval_category *category;
    okng_ticker *ticker;
    okng_pixel_metrics *pixels;

    pthread_mutex_t mutex; /* guards category->threshold */
} job;

/* "a/b/crack/003" + ending, of relative "crack/003.jpg" in folder "a/b". malloc'd. */
static char *stem_path(const char *folder, const char *relative, const char *ending)
{
    const char *dot = strrchr(relative, '.');
    size_t stem = dot ? (size_t)(dot - relative) : strlen(relative), size = strlen(folder) + stem + strlen(ending) + 2;
    char *path = malloc(size);
    if (path) (void)snprintf(path, size, "%s/%.*s%s", folder, (int)stem, relative, ending);
    return path;
}

static okng_status save(const job *j, size_t i, const okng_result *result, okng_error *error)
{
    if (!j->results) return OKNG_OK;
    char *folder = stem_path(j->results, okng_picture_list_relative(j->list, i), "");
    if (!folder) return okng_fail_memory(error, strlen(j->results));
    okng_status status = okng_result_save(result, folder, OKNG_SAVE_PICTURES, NULL, error);
    free(folder);
    return status;
}

/* ---- truth ---- */

/* The mask of a bad picture, of the picture's size. */
static okng_status load_truth(const job *j, size_t i, const okng_result *result, okng_image *truth, okng_error *error)
{
    char *folder = okng_path_join(j->dir, "ground_truth");
    char *path = folder ? stem_path(folder, okng_picture_list_relative(j->list, i), "_mask.png") : NULL;
    okng_status status = path ? okng_mask_load(truth, path, j->options.max_pixels, error)
                              : okng_fail_memory(error, strlen(j->dir) + OKNG_NAME_MAX);
    if (status == OKNG_OK && (truth->width != result->picture.width || truth->height != result->picture.height))
        status = okng_fail(error, OKNG_ERROR_MISMATCH, "%s: is %dx%d, expected %dx%d as its picture", path,
                           truth->width, truth->height, result->picture.width, result->picture.height);
    free(path);
    free(folder);
    return status;
}

/* ---- one picture ---- */

static okng_status make_thumbs(const okng_result *result, const okng_image *truth, okng_thumb *thumbs,
                               okng_error *error)
{
    okng_image heat = {0};
    okng_status status = okng_report_heat(result->map, result->picture.height, result->picture.width, result->heat_low,
                                          result->heat_threshold, &heat, error);
    if (status == OKNG_OK) status = okng_thumb_new(&thumbs[OKNG_EVAL_PICTURE], &result->picture, false, error);
    if (status == OKNG_OK) status = okng_thumb_new_heat(&thumbs[OKNG_EVAL_HEAT], &heat, error);
    if (status == OKNG_OK) status = okng_thumb_new(&thumbs[OKNG_EVAL_MASK], &result->mask, true, error);
    if (status == OKNG_OK && truth->pixels) status = okng_thumb_new(&thumbs[OKNG_EVAL_TRUTH], truth, true, error);
    okng_image_free(&heat);
    return status;
}

/* The picture whose place is `number`. */
static okng_status evaluate_picture(void *context, int64_t number, int thread, okng_error *error)
{
    (void)thread;
    job *j = context;
    size_t i = (size_t)number;
    okng_eval_picture *picture = &j->category->pictures[i];
    const okng_picture source = {.path = okng_picture_list_path(j->list, i)};
    okng_result *result = NULL;
    okng_image truth = {0};
    double started = okng_clock();
    OKNG_TRY(okng_inspect(j->bank, &source, &j->options, &result, error));
    picture->milliseconds = 1e3 * (okng_clock() - started);
    picture->name = strdup(okng_picture_list_relative(j->list, i));
    okng_status status = picture->name ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status != OKNG_OK) goto done;
    picture->bad = strncmp(picture->name, "good/", 5) != 0;
    picture->ng = okng_result_verdict(result) == OKNG_VERDICT_NG;
    picture->score = result->score;
    if (picture->bad) status = load_truth(j, i, result, &truth, error);
    if (status == OKNG_OK) status = save(j, i, result, error);
    if (status == OKNG_OK) status = make_thumbs(result, &truth, picture->thumbs, error);
    if (status == OKNG_OK)
        status = okng_pixel_metrics_add(j->pixels, result->map, truth.pixels, result->picture.height,
                                        result->picture.width, error);
    if (status != OKNG_OK) goto done;
    (void)pthread_mutex_lock(&j->mutex);
    j->category->threshold = result->image_tau;
    (void)pthread_mutex_unlock(&j->mutex);
done:
    okng_image_free(&truth);
    okng_result_free(&result);
    return status;
}

/* ---- all pictures ---- */

static int by_score(const void *a, const void *b)
{
    const okng_eval_picture *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return strcmp(x->name, y->name);
}

static okng_status rank_pictures(okng_eval_category *category, okng_error *error)
{
    double *scores = okng_alloc(category->count, sizeof *scores);
    uint8_t *bad = okng_alloc(category->count, sizeof *bad);
    okng_image_metrics *metrics = malloc(sizeof *metrics);
    okng_status status = OKNG_OK;
    if (!scores || !bad || !metrics) status = okng_fail_memory(error, category->count * sizeof *scores);
    for (size_t i = 0; i < category->count && status == OKNG_OK; i++) {
        const okng_eval_picture *picture = &category->pictures[i];
        scores[i] = (double)picture->score;
        bad[i] = picture->bad;
        category->milliseconds += picture->milliseconds / (double)category->count;
    }
    if (status == OKNG_OK) status = okng_image_metrics_compute(scores, bad, category->count, metrics, error);
    if (status == OKNG_OK) category->image_auroc = okng_figure_of(OKNG_FIGURE_IMAGE_AUROC, &metrics->evidence);
    free(scores);
    free(bad);
    free(metrics);
    return status;
}

static okng_status rank_pixels(job *j, okng_error *error)
{
    okng_pixel_figures *figures = malloc(sizeof *figures);
    if (!figures) return okng_fail_memory(error, sizeof *figures);
    okng_status status = okng_pixel_metrics_figures(j->pixels, figures, error);
    if (status == OKNG_OK) j->category->pixel_auroc = okng_figure_of(OKNG_FIGURE_PIXEL_AUROC, &figures->evidence);
    free(figures);
    return status;
}

static okng_status evaluate_all(job *j, okng_error *error)
{
    okng_eval_category *category = j->category;
    category->count = okng_picture_list_count(j->list);
    category->pictures = calloc(category->count, sizeof *category->pictures);
    if (!category->pictures) return okng_fail_memory(error, category->count * sizeof *category->pictures);
    int threads = okng_thread_count(j->options.threads);
    j->options.threads = threads > 1 ? 1 : j->options.threads;
    okng_ticker_stage(j->ticker, "inspecting", category->count);
    OKNG_TRY(okng_each(threads, (int64_t)category->count, evaluate_picture, j, j->ticker, "the evaluation", error));
    OKNG_TRY(rank_pictures(category, error));
    OKNG_TRY(rank_pixels(j, error));
    qsort(category->pictures, category->count, sizeof *category->pictures, by_score);
    return OKNG_OK;
}

static okng_status open_list(const char *dir, okng_picture_list **list, okng_error *error)
{
    char *test = okng_path_join(dir, "test");
    if (!test) return okng_fail_memory(error, strlen(dir) + OKNG_NAME_MAX);
    okng_status status = okng_picture_list_open(list, test, error);
    if (status == OKNG_OK && okng_picture_list_count(*list) == 0)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND,
                           "%s: no pictures here or in its sub-folders; expected good/ "
                           "and a folder for each kind of defect",
                           test);
    free(test);
    return status;
}

okng_status okng_evaluate(const okng_bank *bank, const char *name, const char *dir, const char *results_dir,
                          const okng_inspect_options *options, okng_progress_fn progress, void *user,
                          okng_evaluation **out, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the evaluation", error));
    *out = NULL;
    job j = {.bank = bank, .dir = dir, .results = results_dir};
    OKNG_TRY(okng_inspect_options_check(options, &j.options, error));
    if (!bank || !name || !dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no bank, name or folder was given");
    okng_evaluation *evaluation = calloc(1, sizeof *evaluation);
    if (!evaluation) return okng_fail_memory(error, sizeof *evaluation);
    okng_picture_list *list = NULL;
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    (void)pthread_mutex_init(&j.mutex, NULL);
    j.ticker = &ticker;
    j.category = &evaluation->category;
    j.category->learned = okng_patchcore_file(bank->method)->tau.image_count;
    j.category->name = strdup(name);
    okng_status status = j.category->name ? open_list(dir, &list, error) : okng_fail_memory(error, strlen(name));
    j.list = list;
    if (status == OKNG_OK) status = okng_pixel_metrics_new(&j.pixels, OKNG_PRO_EXACT, j.options.threads, error);
    if (status == OKNG_OK) status = evaluate_all(&j, error);
    okng_picture_list_free(&list);
    (void)pthread_mutex_destroy(&j.mutex);
    okng_ticker_destroy(&ticker);
    okng_pixel_metrics_free(&j.pixels);
    if (status != OKNG_OK) okng_evaluation_free(&evaluation);
    *out = evaluation;
    return status;
}

void okng_evaluation_free(okng_evaluation **evaluation)
{
    if (!evaluation || !*evaluation) return;
    okng_eval_category *category = &(*evaluation)->category;
    for (size_t i = 0; category->pictures && i < category->count; i++) {
        free(category->pictures[i].name);
        for (int t = 0; t < OKNG_EVAL_THUMBS; t++) free(category->pictures[i].thumbs[t].data);
    }
    free(category->pictures);
    free(category->name);
    free(*evaluation);
    *evaluation = NULL;
}

okng_status okng_evaluation_get(const okng_evaluation *evaluation, okng_evaluation_info *info, okng_error *error)
{
    OKNG_TRY(okng_need(evaluation, "the evaluation", error));
    OKNG_TRY(okng_need(info, "the place for the figures", error));
    okng_evaluation_info full = {.struct_size = info->struct_size,
                                 .pictures = evaluation->category.count,
                                 .image_auroc = evaluation->category.image_auroc,
                                 .pixel_auroc = evaluation->category.pixel_auroc,
                                 .milliseconds = evaluation->category.milliseconds,
                                 .image_tau = evaluation->category.threshold};
    for (size_t i = 0; i < evaluation->category.count; i++) {
        const okng_eval_picture *picture = &evaluation->category.pictures[i];
        full.defects += picture->bad;
        full.found += picture->bad && picture->ng;
        full.false_alarms += !picture->bad && picture->ng;
    }
    memcpy(info, &full, info->struct_size < sizeof full ? info->struct_size : sizeof full);
    return OKNG_OK;
}

okng_status okng_report_write(const char *path, const okng_evaluation *const *evaluations, size_t count,
                              okng_error *error)
{
    if (!path || !evaluations || count == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "no path or no evaluation was given");
    const okng_eval_category **categories = okng_alloc(count, sizeof *categories);
    if (!categories) return okng_fail_memory(error, count * sizeof *categories);
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < count && status == OKNG_OK; i++) {
        status = okng_need(evaluations[i], "an evaluation", error);
        if (status == OKNG_OK) categories[i] = &evaluations[i]->category;
    }
    if (status == OKNG_OK) status = okng_page_write(path, categories, count, error);
    free(categories);
    return status;
}
