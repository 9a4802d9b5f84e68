/* A folder of pictures: several are inspected at a time; what is said and written does not depend on how many. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/each.h"
#include "base/file.h"
#include "base/locale.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/sized.h"
#include "inspect/apart.h"
#include "inspect/names.h"
#include "inspect/result.h"
#include "okng/experimental.h"
#include "options/options.h"

typedef enum state { WAITING = 0, INSPECTED, UNREADABLE } state;

typedef struct outcome {
    state state;
    float score;
    okng_verdict verdict;
    okng_result *result; /* until it is told */
    okng_error *why;     /* likewise, of what is unreadable */
} outcome;

typedef struct job {
    const okng_bank *bank;
    const okng_picture_list *list;
    const char *out;
    char **folders; /* of the results, relative to `out` */
    size_t count;
    okng_inspect_options inspect;
    okng_image reference; /* no pixels: none */
    unsigned save;
    bool strict;
    okng_progress_fn progress;
    okng_folder_fn told_to;
    void *user;

    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t moved;  /* `told` or `stopped` changed */
    outcome *outcomes;
    size_t told;  /* pictures before this one have been told */
    size_t ahead; /* by how many a finished picture may be ahead of it: results take memory until they are told */
    bool stopped;
} job;

/* ---- telling -------------------------------------------------------------------------------- */

static void release(outcome *o)
{
    okng_result_free(&o->result);
    free(o->why);
    o->why = NULL;
}

/* Tells what is finished in the order of the list. The mutex is held. */
static void tell(job *j)
{
    for (; j->told < j->count && j->outcomes[j->told].state != WAITING; j->told++) {
        outcome *o = &j->outcomes[j->told];
        const okng_folder_picture picture = {.struct_size = sizeof picture,
                                             .index = j->told,
                                             .count = j->count,
                                             .path = okng_picture_list_relative(j->list, j->told),
                                             .folder = o->state == INSPECTED ? j->folders[j->told] : NULL,
                                             .result = o->result,
                                             .error = o->why};
        if (j->told_to) j->told_to(&picture, j->user);
        release(o);
    }
    (void)pthread_cond_broadcast(&j->moved);
}

static void stop(job *j)
{
    (void)pthread_mutex_lock(&j->mutex);
    j->stopped = true;
    (void)pthread_cond_broadcast(&j->moved);
    (void)pthread_mutex_unlock(&j->mutex);
}

/* An okng_progress_fn between the ticker and the caller's: those who wait must hear of a stop. */
static int pass_on(const okng_progress *progress, void *user)
{
    job *j = user;
    if (!j->progress || j->progress(progress, j->user) == 0) return 0;
    stop(j);
    return 1;
}

/* Takes over what `o` owns. Pictures are handed out in order, so the one that all wait for is being worked on. */
static void finish(job *j, size_t i, const outcome *o)
{
    (void)pthread_mutex_lock(&j->mutex);
    while (!j->stopped && i >= j->told + j->ahead) (void)pthread_cond_wait(&j->moved, &j->mutex);
    j->outcomes[i] = *o;
    tell(j);
    (void)pthread_mutex_unlock(&j->mutex);
}

/* ---- one picture ---------------------------------------------------------------------------- */

/* Removes a file of an earlier run, which must not stand for what this one could not do. */
static void forget(const char *folder, const char *name)
{
    char *path = folder ? okng_path_join(folder, name) : NULL;
    if (path) (void)unlink(path);
    free(path);
}

/* A picture that cannot be inspected is an outcome, unless the caller is strict; memory may be there for the next
 * run. */
static okng_status note_unreadable(const job *j, const char *folder, okng_status status, outcome *o, okng_error *error)
{
    forget(folder, "scores.json");
    if (j->strict || status == OKNG_ERROR_MEMORY) return status;
    o->state = UNREADABLE;
    o->why = malloc(sizeof *o->why);
    if (!o->why) return okng_fail_memory(error, sizeof *o->why);
    *o->why = *error;
    return OKNG_OK;
}

/* Results that cannot be written are an error. */
static okng_status inspect_into(const job *j, size_t i, const char *folder, outcome *o, okng_error *error)
{
    const okng_picture picture = {.struct_size = sizeof picture, .path = okng_picture_list_path(j->list, i)};
    okng_status status = okng_inspect(&o->result, j->bank, &picture, &j->inspect, error);
    if (status != OKNG_OK) return note_unreadable(j, folder, status, o, error);
    o->state = INSPECTED;
    o->score = okng_result_score(o->result);
    o->verdict = okng_result_verdict(o->result);
    return okng_result_write(o->result, folder, j->save, j->reference.pixels ? &j->reference : NULL, error);
}

static okng_status inspect_one(void *context, int64_t number, int thread, okng_error *error)
{
    (void)thread;
    job *j = context;
    size_t i = (size_t)number;
    outcome o = {0};
    char *folder = okng_path_join(j->out, j->folders[i]);
    okng_status status =
        folder ? inspect_into(j, i, folder, &o, error) : okng_fail_memory(error, strlen(j->out) + OKNG_NAME_MAX);
    free(folder);
    if (status == OKNG_OK) {
        finish(j, i, &o);
    } else {
        release(&o);
        stop(j);
    }
    return status;
}

/* ---- all pictures --------------------------------------------------------------------------- */

static okng_status inspect_all(job *j, okng_error *error)
{
    okng_ticker ticker;
    int threads = okng_thread_count(j->inspect.threads);
    if ((size_t)threads > j->count) threads = (int)j->count;
    if (threads > 1) j->inspect.threads = 1;
    j->ahead = 2 * (size_t)threads;
    okng_ticker_init(&ticker, pass_on, j);
    (void)pthread_mutex_init(&j->mutex, NULL);
    (void)pthread_cond_init(&j->moved, NULL);
    okng_ticker_stage(&ticker, "inspecting", j->count);
    okng_status status = okng_each(threads, (int64_t)j->count, inspect_one, j, &ticker, "the inspection", error);
    (void)pthread_cond_destroy(&j->moved);
    (void)pthread_mutex_destroy(&j->mutex);
    okng_ticker_destroy(&ticker);
    return status;
}

static void count_all(const job *j, okng_folder_report *report)
{
    report->pictures = j->count;
    for (size_t i = 0; i < j->count; i++) {
        const outcome *o = &j->outcomes[i];
        report->skipped += o->state == UNREADABLE;
        report->ok += o->state == INSPECTED && o->verdict == OKNG_VERDICT_OK;
        report->ng += o->state == INSPECTED && o->verdict == OKNG_VERDICT_NG;
        report->review += o->state == INSPECTED && o->verdict == OKNG_VERDICT_REVIEW;
    }
}

static void print_csv(const job *j, FILE *stream)
{
    locale_t before = okng_locale_enter();
    (void)fprintf(stream, "path,score,verdict\n");
    for (size_t i = 0; i < j->count; i++) {
        const outcome *o = &j->outcomes[i];
        okng_csv_write_field(stream, okng_picture_list_relative(j->list, i));
        if (o->state == INSPECTED)
            (void)fprintf(stream, ",%.9g,%s\n", (double)o->score, okng_verdict_text(o->verdict));
        else
            (void)fprintf(stream, ",,error\n");
    }
    okng_locale_leave(before);
}

static okng_status write_csv(const job *j, okng_error *error)
{
    okng_writer writer;
    char *path = okng_path_join(j->out, OKNG_RESULTS_FILE);
    okng_status status =
        path ? okng_writer_open(&writer, path, error) : okng_fail_memory(error, strlen(j->out) + OKNG_NAME_MAX);
    free(path);
    if (status != OKNG_OK) return status;
    print_csv(j, writer.stream);
    return okng_writer_commit(&writer, error);
}

static okng_status inspect_list(job *j, okng_folder_report *report, okng_error *error)
{
    j->count = okng_picture_list_count(j->list);
    j->outcomes = calloc(j->count, sizeof *j->outcomes);
    j->folders = okng_result_folders(j->list);
    if (!j->outcomes || !j->folders) return okng_fail_memory(error, j->count * sizeof *j->outcomes);
    OKNG_TRY(okng_make_folders(j->out, error));
    forget(j->out, OKNG_RESULTS_FILE);
    okng_status status = inspect_all(j, error);
    count_all(j, report);
    if (status != OKNG_OK) return status;
    if (report->skipped == j->count)
        return okng_fail(error, OKNG_ERROR_FORMAT, "none of %zu pictures could be read", j->count);
    return write_csv(j, error);
}

static void close_job(job *j)
{
    for (size_t i = 0; j->outcomes && i < j->count; i++) release(&j->outcomes[i]);
    free(j->outcomes);
    okng_result_folders_free(&j->folders, j->count);
    okng_image_free(&j->reference);
}

/* ---- the public function -------------------------------------------------------------------- */

static okng_status take_options(job *j, const okng_folder_options *options, okng_error *error)
{
    okng_folder_options full = {
        .struct_size = sizeof full,
    };
    if (options) OKNG_TRY(okng_sized_take(&full, sizeof full, options, "the options of a folder", error));
    okng_inspect_options defaults;
    okng_inspect_options_init(&defaults);
    OKNG_TRY(okng_inspect_options_check(full.inspect ? full.inspect : &defaults, &j->inspect, error));
    j->save = OKNG_SAVE_PICTURES | (full.save_maps ? (unsigned)OKNG_SAVE_MAP : 0u);
    j->strict = full.strict != 0;
    if (!full.reference) return OKNG_OK;
    return okng_image_from_picture(&j->reference, full.reference, j->inspect.max_pixels, error);
}

/* UNSUPPORTED where a picture was left out, naming the first. */
static okng_status need_all(const okng_picture_list *list, const char *dir, okng_error *error)
{
    okng_left_out left = {.struct_size = sizeof left};
    for (size_t i = 0; okng_picture_list_left_out(list, i, &left, NULL) == OKNG_OK; i++)
        if (!left.is_folder)
            return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                             "%s/%s: pictures of this kind (%s) are not read; save it as PNG, or move it elsewhere",
                             dir, left.path, left.what);
    return OKNG_OK;
}

static okng_status inspect_folder(job *j, const char *dir, const okng_folder_options *options,
                                  okng_folder_report *report, okng_error *error)
{
    okng_picture_list *list = NULL;
    OKNG_TRY(take_options(j, options, error));
    OKNG_TRY(okng_inspect_ready(j->bank, &j->inspect, error));
    OKNG_TRY(okng_need_apart(dir, j->out, error));
    OKNG_TRY(okng_picture_list_open(&list, dir, error));
    j->list = list;
    report->left_out = okng_picture_list_left_out_files(list);
    okng_status status = j->strict ? need_all(list, dir, error) : OKNG_OK;
    if (status == OKNG_OK && okng_picture_list_count(list) == 0)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no pictures here or in its sub-folders", dir);
    if (status == OKNG_OK) status = inspect_list(j, report, error);
    okng_picture_list_free(&list);
    return status;
}

okng_status okng_inspect_folder(const okng_bank *bank, const char *dir, const char *out_dir,
                                const okng_folder_options *options, okng_progress_fn progress, okng_folder_fn listener,
                                void *user, okng_folder_report *report, okng_error *error)
{
    OKNG_TRY(okng_need(bank, "the bank", error));
    OKNG_TRY(okng_need(dir, "the folder of pictures", error));
    OKNG_TRY(okng_need(out_dir, "the folder of results", error));
    if (!*dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "the name of the folder of pictures is empty");
    if (!*out_dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "the name of the folder of results is empty");
    if (report) OKNG_TRY(okng_sized_check(report, "the report", error));
    job j = {.bank = bank, .out = out_dir, .progress = progress, .told_to = listener, .user = user};
    okng_folder_report full = {0};
    okng_status status = inspect_folder(&j, dir, options, &full, error);
    close_job(&j);
    if (report) (void)okng_sized_give(report, &full, sizeof full, "the report", error);
    return status;
}
