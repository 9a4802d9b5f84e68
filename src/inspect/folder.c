/* A folder of pictures: several are inspected at a time; what is said and written does not depend on how many. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bank/apart.h"
#include "base/each.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/sized.h"
#include "features/extractor.h"
#include "inspect/apart.h"
#include "inspect/claims.h"
#include "inspect/folder_page.h"
#include "inspect/names.h"
#include "inspect/page_reasons.h"
#include "inspect/places.h"
#include "inspect/result.h"
#include "inspect/results_file.h"
#include "inspect/shared.h"
#include "inspect/targets.h"
#include "options/options.h"

typedef enum state { WAITING = 0, INSPECTED, UNREADABLE } state;

typedef struct outcome {
    state state;
    okng_result_line line;
    bool warned;
    float review[2];           /* band that the verdict was taken by; NaN: none */
    char *note;                /* for the page: why it was skipped */
    okng_page_reasons reasons; /* likewise, why it is NG */
    okng_result *result;       /* until it is told */
    okng_error *why;           /* likewise, of what is unreadable */
} outcome;

typedef struct job {
    const okng_bank *bank;
    okng_targets targets;
    const char *out, *root; /* of the results; name of the folder of the pictures */
    char **folders;         /* of the results, relative to `out` */
    size_t count;
    okng_existing existing;
    okng_claims claims; /* on `out`, against other runs */
    bool report;
    okng_viewer *viewer;  /* NULL: no page is asked for */
    okng_earlier earlier; /* results.csv of an earlier run that is added to; zeroed: none */
    okng_inspect_options inspect;
    okng_image reference; /* no pixels: none */
    const okng_picture *given_reference;
    unsigned save;
    bool strict;
    okng_calls *calls; /* of other ranks that inspect some of the pictures; NULL: there are none */
    okng_shared_job shared;
    okng_progress_fn progress;
    okng_folder_fn told_to;
    void *user;

    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t moved;  /* `told` or `stopped` changed */
    outcome *outcomes;
    size_t told;    /* pictures before this one have been told */
    size_t ahead;   /* by how many a finished picture may be ahead of it: results take memory until they are told */
    int64_t pixels; /* of the results that wait to be told */
    int64_t most_pixels; /* of those, but for a single one */
    bool stopped;
} job;

/* ---- telling -------------------------------------------------------------------------------- */

static int64_t pixels_of(const outcome *o)
{
    return o->result ? (int64_t)o->result->picture.width * o->result->picture.height : 0;
}

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
                                             .path = j->targets.items[j->told].name,
                                             .folder = o->state == INSPECTED ? j->folders[j->told] : NULL,
                                             .result = o->result,
                                             .error = o->why};
        if (j->told_to) j->told_to(&picture, j->user);
        j->pixels -= pixels_of(o);
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

/* Pictures are handed out in order, so the one that all wait for is being worked on. */
static bool must_wait(const job *j, size_t i, int64_t pixels)
{
    if (j->stopped || i == j->told) return false;
    return i >= j->told + j->ahead || (j->pixels > 0 && j->pixels + pixels > j->most_pixels);
}

/* Takes over what `o` owns. */
static void finish(job *j, size_t i, const outcome *o)
{
    const int64_t pixels = pixels_of(o);
    (void)pthread_mutex_lock(&j->mutex);
    while (must_wait(j, i, pixels)) (void)pthread_cond_wait(&j->moved, &j->mutex);
    j->pixels += pixels;
    j->outcomes[i] = *o;
    tell(j);
    (void)pthread_mutex_unlock(&j->mutex);
}

/* ---- one picture ---------------------------------------------------------------------------- */

/* A picture that cannot be inspected is an outcome, unless the caller is strict; memory may be there for the next
 * run. */
static okng_status note_unreadable(const job *j, const char *folder, okng_status status, outcome *o, okng_error *error)
{
    okng_forget_file(folder, "scores.json"); /* of an earlier run: it must not stand for what this one could not do */
    if (j->strict || status == OKNG_ERROR_MEMORY) return status;
    OKNG_TRY(okng_model_settled(j->bank->model, error)); /* no picture's fault, and no other can be inspected */
    o->state = UNREADABLE;
    o->why = malloc(sizeof *o->why);
    if (!o->why) return okng_fail_memory(error, sizeof *o->why);
    *o->why = *error;
    if (!j->viewer) return OKNG_OK;
    o->note = strdup(error->message);
    return o->note ? OKNG_OK : okng_fail_memory(error, sizeof *o->why);
}

/* Takes what is told and shown of a result, which becomes the outcome's. */
static okng_status take_result(const job *j, size_t i, okng_result *result, outcome *o, okng_error *error)
{
    o->state = INSPECTED;
    o->result = result;
    o->line = (okng_result_line){.inspected = true,
                                 .score = okng_result_score(result),
                                 .threshold = okng_result_image_threshold(result),
                                 .p_value = okng_result_p_value(result),
                                 .verdict = okng_result_verdict(result)};
    o->warned = okng_result_warning(result) != NULL;
    (void)okng_result_review(result, &o->review[0], &o->review[1]);
    if (!j->viewer) return OKNG_OK;
    OKNG_TRY(okng_folder_page_draw(j->viewer, i, result, error));
    return okng_page_reasons_draw(j->viewer, i, result, &o->reasons, error);
}

/* Who looks at a picture. */
typedef struct seen {
    okng_inspected *here; /* this process: what came of it, whose result is taken; NULL: another rank */
    int slot;             /* to ask that by */
} seen;

/* Results that cannot be written are an error. */
static okng_status write_here(const job *j, size_t i, const char *folder, okng_inspected *here, outcome *o,
                              okng_error *error)
{
    if (here->status != OKNG_OK) *error = here->error;
    if (here->status != OKNG_OK) return note_unreadable(j, folder, here->status, o, error);
    OKNG_TRY(okng_result_write(here->result, folder, j->save, j->shared.reference, error));
    okng_result *result = here->result;
    here->result = NULL;
    return take_result(j, i, result, o, error);
}

/* The same by another rank. */
static okng_status ask_into(const job *j, size_t i, int slot, const char *folder, outcome *o, okng_error *error)
{
    okng_shared_result shared;
    okng_status status = okng_shared_inspect(j->calls, slot, &j->shared, j->targets.items[i].path, &shared, error);
    if (status != OKNG_OK) return note_unreadable(j, folder, status, o, error);
    status = okng_shared_result_write(&shared, folder, j->save, error);
    if (status == OKNG_OK) {
        okng_result *result = shared.result;
        shared.result = NULL;
        status = take_result(j, i, result, o, error);
    }
    okng_shared_result_free(&shared);
    return status;
}

static okng_status conclude(job *j, size_t i, const seen *by, okng_error *error)
{
    outcome o = {0};
    char *folder = okng_path_join(j->out, j->folders[i]);
    okng_status status = !folder    ? okng_fail_memory(error, strlen(j->out) + OKNG_NAME_MAX)
                         : by->here ? write_here(j, i, folder, by->here, &o, error)
                                    : ask_into(j, i, by->slot, folder, &o, error);
    free(folder);
    if (status == OKNG_OK) {
        finish(j, i, &o);
    } else {
        release(&o);
        okng_page_reasons_free(&o.reasons);
        free(o.note);
        stop(j);
    }
    return status;
}

static okng_status inspect_few(void *context, int64_t first, int64_t count, int thread, okng_error *error)
{
    (void)thread;
    job *j = context;
    okng_picture pictures[OKNG_EXTRACTOR_AT_ONCE] = {0};
    okng_inspected inspected[OKNG_EXTRACTOR_AT_ONCE];
    for (int64_t i = 0; i < count; i++)
        pictures[i] = (okng_picture){.struct_size = sizeof *pictures, .path = j->targets.items[first + i].path};
    okng_inspect_few(j->bank, pictures, (int32_t)count, &j->inspect, inspected);
    okng_status status = OKNG_OK;
    for (int64_t i = 0; i < count; i++) {
        if (status == OKNG_OK) status = conclude(j, (size_t)(first + i), &(seen){.here = &inspected[i]}, error);
        okng_result_free(&inspected[i].result);
    }
    return status;
}

static okng_status inspect_one(void *context, int64_t number, int thread, okng_error *error)
{
    return inspect_few(context, number, 1, thread, error);
}

static okng_status ask_one(void *context, int64_t number, int slot, okng_error *error)
{
    return conclude(context, (size_t)number, &(seen){.slot = slot}, error);
}

/* ---- all pictures --------------------------------------------------------------------------- */

static okng_status inspect_all(job *j, okng_error *error)
{
    okng_ticker ticker;
    int threads = okng_thread_count(j->inspect.threads);
    if ((size_t)threads > j->count) threads = (int)j->count;
    if (threads > 1) j->inspect.threads = 1;
    const okng_shared_loop loop = {
        .calls = j->calls, .threads = threads, .context = j, .here = inspect_one, .asked = ask_one};
    /* with other ranks one by one, so that all have work to the end */
    const int64_t at_once =
        j->calls ? 1 : okng_each_at_once((int64_t)j->count, threads, okng_model_at_once(j->bank->model));
    j->ahead = 2 * (size_t)okng_shared_width(&loop) * (size_t)at_once;
    j->most_pixels = 2 * (int64_t)okng_shared_width(&loop) * OKNG_WAITING_PIXELS;
    okng_ticker_init(&ticker, pass_on, j);
    (void)pthread_mutex_init(&j->mutex, NULL);
    (void)pthread_cond_init(&j->moved, NULL);
    okng_ticker_stage(&ticker, "inspecting", j->count);
    okng_status status =
        j->calls ? okng_shared_each(&loop, (int64_t)j->count, &ticker, "the inspection", error)
                 : okng_each_few(threads, (int64_t)j->count, at_once, inspect_few, j, &ticker, "the inspection", error);
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
        report->warned += o->state == INSPECTED && o->warned;
        report->ok += o->state == INSPECTED && o->line.verdict == OKNG_VERDICT_OK;
        report->ng += o->state == INSPECTED && o->line.verdict == OKNG_VERDICT_NG;
        report->review += o->state == INSPECTED && o->line.verdict == OKNG_VERDICT_REVIEW;
        report->not_found += o->state == INSPECTED && o->line.verdict == OKNG_VERDICT_NOT_FOUND;
    }
}

/* Lines of all pictures, as far as they are known; malloc'd, NULL where memory is out. */
static okng_result_line *lines_of(const job *j)
{
    okng_result_line *lines = okng_alloc(j->count, sizeof *lines);
    for (size_t i = 0; lines && i < j->count; i++) {
        lines[i] = j->outcomes[i].line;
        lines[i].name = j->targets.items[i].name;
    }
    return lines;
}

/* Others may have added lines since the table was read. */
static okng_status add_to_csv(const job *j, const char *path, const okng_result_line *lines, okng_error *error)
{
    okng_earlier earlier;
    OKNG_TRY(okng_earlier_read(&earlier, path, error));
    okng_status status = okng_results_need_new(earlier.table, lines, j->count, error);
    if (status == OKNG_OK) status = okng_results_write(path, &earlier, lines, j->count, j->root, error);
    okng_earlier_close(&earlier);
    return status;
}

static okng_status write_csv(job *j, okng_error *error)
{
    OKNG_TRY(okng_claims_return(&j->claims, error));
    okng_result_line *lines = lines_of(j);
    char *path = okng_path_join(j->out, OKNG_RESULTS_FILE);
    okng_status status = OKNG_OK;
    if (!lines || !path)
        status = okng_fail_memory(error, j->count * sizeof *lines);
    else if (j->existing == OKNG_EXISTING_APPEND)
        status = add_to_csv(j, path, lines, error);
    else
        status = okng_results_write(path, NULL, lines, j->count, j->root, error);
    free(path);
    free(lines);
    return status;
}

/* ---- what an earlier run left --------------------------------------------------------------- */

static okng_status refuse_earlier(const job *j, const char *name, okng_error *error)
{
    char *path = okng_path_join(j->out, name);
    bool there = path && access(path, F_OK) == 0;
    free(path);
    if (!path) return okng_fail_memory(error, strlen(j->out));
    if (!there) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s: holds results of an earlier run (%s); give append to add to them, another folder, or stamp "
                     "for a folder of this run's own",
                     j->out, name);
}

static okng_status read_earlier(job *j, okng_error *error)
{
    char *path = okng_path_join(j->out, OKNG_RESULTS_FILE);
    if (!path) return okng_fail_memory(error, strlen(j->out));
    okng_status status = okng_earlier_read(&j->earlier, path, error);
    if (status == OKNG_OK && j->report && j->earlier.table)
        status =
            okng_fail(error, OKNG_ERROR_ARGUMENT,
                      "%s: a report shows the pictures of one run, so it is not made while results are appended", path);
    okng_result_line *lines = status == OKNG_OK ? lines_of(j) : NULL;
    if (status == OKNG_OK)
        status = lines ? okng_results_need_new(j->earlier.table, lines, j->count, error)
                       : okng_fail_memory(error, j->count * sizeof *lines);
    free(lines);
    free(path);
    return status;
}

static okng_status look_at_earlier(job *j, okng_error *error)
{
    static const char *const signs[] = {OKNG_RESULTS_FILE, OKNG_RUN_FILE, "scores.json"};
    if (j->existing == OKNG_EXISTING_APPEND) return read_earlier(j, error);
    const bool refuse = j->existing == OKNG_EXISTING_REFUSE;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0] && refuse; i++) OKNG_TRY(refuse_earlier(j, signs[i], error));
    return OKNG_OK;
}

/* Folders of the results, of names that do not clash with those that earlier pictures took. */
static okng_status name_folders(job *j, okng_error *error)
{
    size_t column = 0, earlier = j->earlier.table ? okng_csv_rows(j->earlier.table) : 0, all = j->count + earlier;
    const char **names = okng_alloc(all, sizeof *names);
    for (size_t i = 0; names && i < j->count; i++) names[i] = j->targets.items[i].name;
    if (earlier > 0) (void)okng_csv_has_column(j->earlier.table, "path", &column);
    for (size_t r = 0; names && r < earlier; r++) names[j->count + r] = okng_csv_field(j->earlier.table, r, column);
    j->folders = names ? okng_result_folders(names, all) : NULL;
    free(names);
    if (!j->folders) return okng_fail_memory(error, all * sizeof *names);
    for (size_t i = j->count; i < all; i++) free(j->folders[i]);
    return OKNG_OK;
}

static okng_status check_places(const job *j, okng_error *error)
{
    const okng_places places = {.out = j->out,
                                .folders = j->folders,
                                .targets = &j->targets,
                                .reference = j->given_reference,
                                .report = j->report,
                                .bank = okng_model_place(j->bank->model)};
    return okng_places_check(&places, error);
}

/* Against runs that go on at once: one that adds claims what it adds, any other the whole folder. */
static okng_status claim(job *j, okng_error *error)
{
    if (j->existing != OKNG_EXISTING_APPEND) return okng_claims_take(&j->claims, NULL, 0, error);
    const char **names = okng_alloc(2 * j->count, sizeof *names);
    if (!names) return okng_fail_memory(error, 2 * j->count * sizeof *names);
    for (size_t i = 0; i < j->count; i++) {
        names[2 * i] = j->targets.items[i].name;
        names[2 * i + 1] = j->folders[i];
    }
    okng_status status = okng_claims_take(&j->claims, names, 2 * j->count, error);
    free(names);
    return status;
}

/* Says, from the first picture on, that the folder holds results. */
static okng_status begin(job *j, okng_error *error)
{
    if (j->existing == OKNG_EXISTING_REPLACE) okng_forget_file(j->out, OKNG_RESULTS_FILE);
    char *path = okng_path_join(j->out, OKNG_RUN_FILE);
    if (path && j->existing == OKNG_EXISTING_APPEND && access(path, F_OK) == 0) { /* it says so already */
        free(path);
        return OKNG_OK;
    }
    json_t *document = json_pack("{s:s}", "okng", okng_version());
    okng_status status =
        path && document ? okng_json_write(document, path, error) : okng_fail_memory(error, strlen(j->out));
    json_decref(document);
    free(path);
    return status;
}

static okng_status write_page(job *j, okng_error *error)
{
    okng_result_line *lines = lines_of(j);
    const char **notes = okng_alloc(j->count, sizeof *notes);
    const okng_page_reasons **reasons = okng_alloc(j->count, sizeof *reasons);
    okng_folder_page page = {.title = *j->root ? j->root : "Inspected pictures",
                             .targets = &j->targets,
                             .lines = lines,
                             .folders = j->folders,
                             .notes = notes,
                             .reasons = reasons,
                             .review = {NAN, NAN},
                             .root = j->root};
    for (size_t i = 0; lines && notes && reasons && i < j->count; i++) {
        reasons[i] = &j->outcomes[i].reasons;
        notes[i] = j->outcomes[i].note;
        if (j->outcomes[i].state == INSPECTED) memcpy(page.review, j->outcomes[i].review, sizeof page.review);
    }
    okng_status status = lines && notes && reasons ? okng_folder_page_finish(j->viewer, &page, error)
                                                   : okng_fail_memory(error, j->count * sizeof *lines);
    free((void *)reasons);
    free(notes);
    free(lines);
    return status;
}

/* Other runs may be at work in the folder; what is found there holds until this one's claim is made. */
static okng_status prepare(job *j, okng_error *error)
{
    OKNG_TRY(okng_need_no_bank(j->out, okng_model_place(j->bank->model), error)); /* no lock is made in one */
    OKNG_TRY(okng_make_folders(j->out, error));
    OKNG_TRY(okng_claims_begin(&j->claims, j->out, j->existing != OKNG_EXISTING_APPEND, error));
    OKNG_TRY(look_at_earlier(j, error));
    OKNG_TRY(name_folders(j, error));
    OKNG_TRY(check_places(j, error));
    OKNG_TRY(claim(j, error));
    return begin(j, error);
}

/* With other ranks, where there are any: those refuse what they cannot do before anything is written. */
static okng_status open_shared(job *j, okng_error *error)
{
    j->shared = (okng_shared_job){.bank = j->bank,
                                  .options = &j->inspect,
                                  .save = j->save,
                                  .reference = j->reference.pixels ? &j->reference : NULL,
                                  .pixels = j->report};
    const char **paths = okng_alloc(j->count, sizeof *paths);
    if (!paths) return okng_fail_memory(error, j->count * sizeof *paths);
    for (size_t i = 0; i < j->count; i++) paths[i] = j->targets.items[i].path;
    okng_status status = okng_shared_job_open(&j->calls, &j->shared, paths, j->count, error);
    free(paths);
    return status;
}

static okng_status inspect_targets(job *j, okng_folder_report *report, okng_error *error)
{
    j->count = j->targets.count;
    j->outcomes = calloc(j->count, sizeof *j->outcomes);
    if (!j->outcomes) return okng_fail_memory(error, j->count * sizeof *j->outcomes);
    OKNG_TRY(open_shared(j, error));
    OKNG_TRY(prepare(j, error));
    if (j->report) OKNG_TRY(okng_viewer_open(&j->viewer, j->out, OKNG_REPORT_STEM, error));
    okng_status status = inspect_all(j, error);
    count_all(j, report);
    if (status != OKNG_OK) return status;
    if (report->skipped == j->count)
        return okng_fail(error, OKNG_ERROR_FORMAT, "none of %zu pictures could be read", j->count);
    if (j->viewer) OKNG_TRY(write_page(j, error));
    return write_csv(j, error); /* last: where it is, the run is complete */
}

static void close_job(job *j)
{
    okng_calls_close(&j->calls);
    okng_claims_end(&j->claims);
    for (size_t i = 0; j->outcomes && i < j->count; i++) {
        release(&j->outcomes[i]);
        free(j->outcomes[i].note);
        okng_page_reasons_free(&j->outcomes[i].reasons);
    }
    free(j->outcomes);
    okng_viewer_free(&j->viewer);
    okng_result_folders_free(&j->folders, j->count);
    okng_image_free(&j->reference);
    okng_earlier_close(&j->earlier);
    okng_targets_close(&j->targets);
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
    if ((unsigned)full.existing > OKNG_EXISTING_APPEND)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "existing results: %d is none of okng_existing",
                         (int)full.existing);
    j->existing = full.existing;
    j->report = full.report != 0;
    j->given_reference = full.reference;
    if (!full.reference) return OKNG_OK;
    return okng_image_from_picture(&j->reference, full.reference, j->inspect.max_pixels, error);
}

/* Name of the only folder that was given; "" otherwise. Malloc'd, NULL where memory is out. */
static char *name_of_root(const char *const *paths, size_t count)
{
    char *real = NULL;
    if (count == 1 && okng_is_folder(paths[0]) && okng_real_path(&real, paths[0], NULL) != OKNG_OK) return NULL;
    char *name = strdup(real ? strrchr(real, '/') + 1 : "");
    free(real);
    return name;
}

static okng_status inspect_paths(job *j, const char *const *paths, size_t count, const okng_folder_options *options,
                                 okng_folder_report *report, okng_error *error)
{
    OKNG_TRY(take_options(j, options, error));
    OKNG_TRY(okng_inspect_ready(j->bank, &j->inspect, error));
    for (size_t i = 0; i < count; i++) {
        if (!paths[i] || !*paths[i])
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "the name of the folder of pictures is empty");
        if (okng_is_folder(paths[i])) OKNG_TRY(okng_need_apart(paths[i], j->out, error));
    }
    OKNG_TRY(okng_targets_open(&j->targets, paths, count, j->strict, error));
    report->left_out = j->targets.left_out;
    char *root = name_of_root(paths, count);
    if (!root) return okng_fail_memory(error, OKNG_NAME_MAX);
    j->root = root;
    okng_status status = inspect_targets(j, report, error);
    free(root);
    return status;
}

okng_status okng_inspect_paths(const okng_bank *bank, const char *const *paths, size_t count, const char *out_dir,
                               const okng_folder_options *options, okng_progress_fn progress, okng_folder_fn listener,
                               void *user, okng_folder_report *report, okng_error *error)
{
    OKNG_TRY(okng_need(bank, "the bank", error));
    OKNG_TRY(okng_need(paths, "the list of pictures", error));
    OKNG_TRY(okng_need(out_dir, "the folder of results", error));
    if (!*out_dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "the name of the folder of results is empty");
    if (report) OKNG_TRY(okng_sized_check(report, "the report", error));
    job j = {.bank = bank, .out = out_dir, .progress = progress, .told_to = listener, .user = user};
    j.claims.gate.descriptor = j.claims.run.descriptor = -1; /* none is held */
    okng_folder_report full = {0};
    okng_status status = inspect_paths(&j, paths, count, options, &full, error);
    close_job(&j);
    if (report) (void)okng_sized_give(report, &full, sizeof full, "the report", error);
    return status;
}

okng_status okng_inspect_folder(const okng_bank *bank, const char *dir, const char *out_dir,
                                const okng_folder_options *options, okng_progress_fn progress, okng_folder_fn listener,
                                void *user, okng_folder_report *report, okng_error *error)
{
    OKNG_TRY(okng_need(dir, "the folder of pictures", error));
    struct stat info;
    if (*dir && stat(dir, &info) == 0 && !S_ISDIR(info.st_mode))
        return okng_fail(error, OKNG_ERROR_IO, "%s: is a file, expected a folder", dir);
    return okng_inspect_paths(bank, &dir, 1, out_dir, options, progress, listener, user, report, error);
}
