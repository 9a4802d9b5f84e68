#include "experiment/run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bank/apart.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "experiment/submission.h"
#include "model/methods.h"
#include "report/experiment_page.h"
#include "report/results.h"
#include "report/summary.h"

/* ---- opening -------------------------------------------------------------------------------- */

static okng_status find_folder(okng_run *run, okng_error *error)
{
    const okng_experiment_config *config = run->config;
    OKNG_TRY(okng_need_no_bank(config->output_root, NULL, error));
    char *data = okng_path_join(config->output_root, config->dataset);
    char *method = data ? okng_path_join(data, config->build.method) : NULL;
    run->folder = method ? okng_path_join(method, config->name) : NULL;
    free(data);
    free(method);
    return run->folder ? OKNG_OK : okng_fail_memory(error, strlen(config->output_root) + 3 * OKNG_NAME_MAX);
}

/* A category's name becomes a folder's. */
static okng_status check_category(const char *name, okng_error *error)
{
    static const char *const ours[] = {"figures",
                                       "config.yaml",
                                       "versions.json",
                                       "report.html",
                                       "metrics.json",
                                       "summary_metrics.csv",
                                       "summary_metrics_pretty.csv",
                                       "summary_metrics_pretty.md"};
    bool taken = false;
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) taken = taken || strcmp(name, ours[i]) == 0;
    if (taken)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "category '%s': okng's own results are called so; give the category another name", name);
    if (!okng_utf8_valid(name, strlen(name), NULL))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "category '%s': the name is no UTF-8, which reports need; rename the category", name);
    if (name[0] && name[0] != '.' && !strchr(name, '/') && strlen(name) < OKNG_CATEGORY_NAME_MAX) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "category '%s': results need a folder of this name; expected at most %d bytes without '/', "
                     "without a dot at the front",
                     name, OKNG_CATEGORY_NAME_MAX - 1);
}

static void take(okng_run_category *category, const okng_category_figures *result)
{
    if (result != &category->result) category->result = *result;
    okng_metrics_init(&category->metrics);
    okng_metrics_init(&category->crop);
    okng_figures_to_metrics(result->values, OKNG_GROUP_IMAGE, &category->metrics);
    okng_figures_to_metrics(result->values, OKNG_GROUP_PIXEL, &category->metrics);
    okng_figures_to_metrics(result->values, OKNG_GROUP_PIXEL_CROP, &category->crop);
}

okng_status okng_run_open(okng_run *run, okng_error *error)
{
    const okng_experiment_config *config = run->config;
    const okng_method *method;
    OKNG_TRY(okng_experiment_config_check(config, error));
    OKNG_TRY(okng_experiment_config_hash(config, run->hash, error));
    OKNG_TRY(okng_method_find(&method, config->build.method, error));
    OKNG_TRY(find_folder(run, error));
    okng_dataset_options options = config->data;
    options.seed = config->build.seed;
    OKNG_TRY(okng_dataset_open(&run->dataset, config->dataset, config->root, &options, error));
    run->count = okng_dataset_category_count(run->dataset);
    if (*config->submission) OKNG_TRY(okng_submit_prepare(config->submission, config->dataset, run->dataset, error));
    if (run->count > OKNG_MAX_CATEGORIES)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "%s: %zu categories, expected at most %d in one experiment; name some", config->root,
                         run->count, OKNG_MAX_CATEGORIES);
    run->categories = calloc(run->count ? run->count : 1, sizeof *run->categories);
    if (!run->categories) return okng_fail_memory(error, run->count * sizeof *run->categories);
    for (size_t i = 0; i < run->count; i++) {
        const char *name = okng_dataset_category(run->dataset, i);
        OKNG_TRY(check_category(name, error));
        okng_run_category *category = &run->categories[i];
        okng_category_figures_init(&category->result);
        memcpy(category->result.name, name, strlen(name) + 1);
        take(category, &category->result);
    }
    return okng_run_need_apart(run, error);
}

void okng_run_close(okng_run *run)
{
    okng_dataset_close(&run->dataset);
    free(run->categories);
    free(run->folder);
    *run = (okng_run){0};
}

/* ---- telling -------------------------------------------------------------------------------- */

okng_category_info okng_run_info(const okng_run *run, size_t category)
{
    const okng_run_category *c = &run->categories[category];
    okng_category_info info = {.struct_size = sizeof info,
                               .category = c->result.name,
                               .state = c->state,
                               .metrics = &c->metrics,
                               .metrics_crop = &c->crop,
                               .figures = c->result.values};
    okng_figures_to_info(c->result.values, &info);
    return info;
}

/* What a listener hears. */
static void tell(const okng_run *run, okng_experiment_event_kind kind, size_t category, const char *text)
{
    if (!run->listener) return;
    okng_category_info info = okng_run_info(run, category);
    okng_experiment_event event = {
        .struct_size = sizeof event, .kind = kind, .index = category, .count = run->count, .info = &info, .text = text};
    run->listener(&event, run->user);
}

typedef struct warned {
    const okng_run *run;
    size_t category;
} warned;

static void warn(void *user, const char *text)
{
    const warned *w = user;
    tell(w->run, OKNG_EXPERIMENT_WARNING, w->category, text);
}

/* ---- one category --------------------------------------------------------------------------- */

/* Pictures and maps are named after the data set's, so their kind must do. */
static bool is_own(const char *name)
{
    static const char *const endings[] = {".png", ".jpg", ".npy"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (length > strlen(endings[i]) && strcmp(name + length - strlen(endings[i]), endings[i]) == 0) return true;
    return false;
}

/* What an unfinished run left would be mixed with this one's. */
static okng_status clear_pictures(const char *folder, okng_error *error)
{
    static const char *const names[] = {"overlays", "anomaly_maps", "pictures", "truth", "heats"};
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && status == OKNG_OK; i++) {
        char *path = okng_path_join(folder, names[i]);
        status = path ? okng_remove_own(path, is_own, error) : okng_fail_memory(error, strlen(folder));
        free(path);
    }
    return status;
}

static okng_status do_category(okng_run *run, size_t i, const char *folder, okng_error *error)
{
    warned w = {run, i};
    okng_category_figures *result = calloc(1, sizeof *result);
    if (!result) return okng_fail_memory(error, sizeof *result);
    okng_category_job job = {.config = run->config,
                             .ticker = run->ticker,
                             .name = run->categories[i].result.name,
                             .folder = folder,
                             .result = result,
                             .warn = warn,
                             .warn_user = &w};
    okng_memory_peak_reset();
    okng_status status = okng_make_folders(folder, error);
    if (status == OKNG_OK) status = clear_pictures(folder, error);
    if (status == OKNG_OK) status = okng_category_open(&job, run->dataset, error);
    if (status == OKNG_OK) status = okng_category_fit(&job, error);
    if (status == OKNG_OK) status = okng_category_score(&job, error);
    if (status == OKNG_OK) status = okng_category_latency(&job, error);
    if (status == OKNG_OK) status = okng_category_examples(&job, error);
    if (status == OKNG_OK) status = okng_category_submit(&job, error);
    if (status == OKNG_OK) status = okng_category_write(&job, error);
    okng_category_close(&job);
    if (status == OKNG_OK) take(&run->categories[i], result);
    free(result);
    return status;
}

/* Whether an earlier run finished it, and then what came of it. */
static okng_status finished_before(okng_run *run, size_t i, const char *folder, bool *finished, okng_error *error)
{
    okng_run_category *category = &run->categories[i];
    char *path = okng_path_join(folder, "metrics.json");
    if (!path) return okng_fail_memory(error, strlen(folder));
    struct stat info;
    *finished = stat(path, &info) == 0;
    okng_status status = OKNG_OK;
    if (*finished) {
        okng_category_figures *result = calloc(1, sizeof *result);
        okng_error why = {0};
        status = result ? OKNG_OK : okng_fail_memory(error, sizeof *result);
        if (result && okng_category_figures_read(result, path, &why) == OKNG_OK &&
            strcmp(result->name, category->result.name) == 0)
            take(category, result);
        else
            *finished = false;
        if (result && !*finished && unlink(path) != 0) status = okng_fail_errno(error, "replace", path);
        if (result && !*finished && status == OKNG_OK)
            tell(run, OKNG_EXPERIMENT_WARNING, i,
                 why.message[0] ? why.message : "its metrics.json is that of another category; done again");
        free(result);
    }
    free(path);
    return status;
}

static okng_status next_category(okng_run *run, size_t i, okng_error *error)
{
    okng_run_category *category = &run->categories[i];
    char *folder = okng_path_join(run->folder, category->result.name);
    if (!folder) return okng_fail_memory(error, strlen(run->folder));
    bool finished = false;
    okng_status status = finished_before(run, i, folder, &finished, error);
    if (status == OKNG_OK && finished && *run->config->submission)
        status = okng_submit_is_written(run->config->submission, run->dataset, run->config->root, category->result.name,
                                        &finished, error);
    if (status == OKNG_OK && finished) {
        category->state = OKNG_CATEGORY_SKIPPED;
        tell(run, OKNG_EXPERIMENT_SKIPPED, i, NULL);
    } else if (status == OKNG_OK) {
        tell(run, OKNG_EXPERIMENT_STARTED, i, NULL);
        status = do_category(run, i, folder, error);
        if (status == OKNG_OK) status = okng_summary_write(run->folder, error);
        if (status == OKNG_OK) {
            category->state = OKNG_CATEGORY_FINISHED;
            tell(run, OKNG_EXPERIMENT_FINISHED, i, NULL);
        }
    }
    free(folder);
    return status;
}

/* ---- all ------------------------------------------------------------------------------------ */

/* "category cloth: ...", unless it says so already. */
static void name_category(const okng_run *run, size_t i, okng_status status, okng_error *error)
{
    char begin[OKNG_CATEGORY_NAME_MAX + 16];
    int length = snprintf(begin, sizeof begin, "category %s", run->categories[i].result.name);
    if (strncmp(error->message, begin, (size_t)length) != 0) (void)okng_error_context(error, status, "%s", begin);
}

/* The first failure, and how many there were. */
static okng_status go_through(okng_run *run, size_t *failed, okng_error *failure)
{
    okng_status first = OKNG_OK;
    for (size_t i = 0; i < run->count; i++) {
        okng_error why = {0};
        okng_status status = next_category(run, i, &why);
        if (status == OKNG_OK) continue;
        bool first_one = (*failed)++ == 0;
        run->categories[i].state = OKNG_CATEGORY_FAILED;
        name_category(run, i, status, &why);
        if (first_one || status == OKNG_ERROR_CANCELLED) {
            first = status;
            *failure = why;
        }
        if (status == OKNG_ERROR_CANCELLED || !(run->flags & OKNG_EXPERIMENT_KEEP_GOING)) break;
        tell(run, OKNG_EXPERIMENT_FAILED, i, why.message);
    }
    return first;
}

static bool any_done(const okng_run *run)
{
    for (size_t i = 0; i < run->count; i++)
        if (run->categories[i].state == OKNG_CATEGORY_FINISHED || run->categories[i].state == OKNG_CATEGORY_SKIPPED)
            return true;
    return false;
}

static okng_status submit(okng_run *run, okng_error *error)
{
    const char *names[OKNG_MAX_CATEGORIES];
    warned w = {run, 0};
    for (size_t i = 0; i < run->count; i++) names[i] = run->categories[i].result.name;
    return okng_submit_finish(run->config->submission, run->dataset, run->config->root, names, run->count, warn, &w,
                              error);
}

static okng_status run_locked(okng_run *run, okng_error *error)
{
    OKNG_TRY(okng_run_prepare(run, error));
    size_t failed = 0;
    okng_error failure = {0};
    okng_status status = go_through(run, &failed, &failure);
    if (status != OKNG_ERROR_CANCELLED && any_done(run)) {
        OKNG_TRY(okng_summary_write(run->folder, error));
        OKNG_TRY(okng_experiment_report_write(run->folder, (run->flags & OKNG_EXPERIMENT_PUBLISHED) != 0, error));
    }
    if (status == OKNG_OK && *run->config->submission) return submit(run, error);
    if (status == OKNG_OK) return OKNG_OK;
    if ((run->flags & OKNG_EXPERIMENT_KEEP_GOING) && status != OKNG_ERROR_CANCELLED)
        return okng_fail(error, status, "%zu of %zu categories failed", failed, run->count); /* each was told */
    if (error) *error = failure;
    return status;
}

okng_status okng_run_all(okng_run *run, okng_error *error)
{
    OKNG_TRY(okng_make_folders(run->folder, error));
    char *path = okng_path_join(run->folder, ".okng-lock");
    okng_lock lock;
    okng_status status = path ? okng_lock_take(&lock, path, error) : okng_fail_memory(error, strlen(run->folder));
    free(path);
    if (status != OKNG_OK) return status;
    status = run_locked(run, error);
    okng_lock_drop(&lock);
    return status;
}
