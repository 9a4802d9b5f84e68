#include "serve/jobs.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/parallel.h"
#include "cache/cache.h"
#include "cache/disk.h"
#include "history/record.h"
#include "serve/audit.h"
#include "serve/job.h"
#include "serve/uploads.h"

#define TELL_EACH 0.2 /* seconds between two events of one stage */
#define DOCUMENT "job.json"
#define FILES "files"

typedef enum state { QUEUED, RUNNING, FINISHED, FAILED, CANCELLED, STATES } state;
static const char *const state_names[STATES] = {"queued", "running", "done", "failed", "cancelled"};

static const okng_job_kind *const kinds[] = {&okng_job_build, &okng_job_add, &okng_job_evaluate, &okng_job_export,
                                             &okng_job_pack};
enum { KINDS = sizeof kinds / sizeof *kinds };

typedef struct job {
    struct okng_jobs *jobs;
    char id[OKNG_ID_TEXT];
    const okng_job_kind *kind;
    char bank[OKNG_BANK_NAME_MAX + 1], by[OKNG_USER_NAME_MAX + 1];
    json_t *asked;             /* NULL of one of an earlier run */
    char upload[OKNG_ID_TEXT]; /* that is held; "" = none */
    char *pictures;            /* folder; NULL: none */
    state state;
    bool cancelled;
    char stage[32];
    uint64_t done, total;
    int64_t created, started, finished; /* microseconds since 1970; 0: not yet */
    double told;                        /* when an event of it was sent last */
    char why[512];
    char *result; /* JSON; NULL: none */
    struct job *next;
} job;

struct okng_jobs {
    okng_serve *serve;
    char *folder;
    pthread_t thread;
    bool started;
    pthread_mutex_t mutex; /* guards what follows, and all jobs */
    pthread_cond_t came;
    bool stopping;
    job *first; /* the oldest first */
};

/* ---- what is told of a job: the mutex is held -------------------------------------------------------------------- */

static int64_t now_in_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static json_t *time_json(int64_t time)
{
    char text[32];
    return time ? json_string(okng_time_text(time, text)) : json_null();
}

static bool is_over(const job *j)
{
    return j->state >= FINISHED;
}

static char *path_of(const okng_jobs *jobs, const char *id, const char *below)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s%s%s", jobs->folder, id, *below ? "/" : "", below) < 0 ? NULL : path;
}

/* [{"name", "bytes"}], by name. */
static json_t *files_json(const job *j)
{
    json_t *list = json_array();
    struct dirent **entries = NULL;
    char *path = path_of(j->jobs, j->id, FILES);
    const int count = path ? scandir(path, &entries, NULL, alphasort) : -1;
    for (int i = 0; i < count; i++) {
        char *file = okng_path_join(path, entries[i]->d_name);
        struct stat info;
        if (file && entries[i]->d_name[0] != '.' && stat(file, &info) == 0 && S_ISREG(info.st_mode)) {
            json_t *one = json_object();
            okng_json_put(&one, "name", okng_json_any_text(entries[i]->d_name));
            okng_json_put(&one, "bytes", json_integer(info.st_size));
            okng_json_add(&list, one);
        }
        free(file);
        free(entries[i]);
    }
    free(entries);
    free(path);
    return list;
}

static json_t *result_json(const job *j)
{
    json_t *result;
    if (!j->result || okng_json_parse(&result, j->result, strlen(j->result), "a result", NULL, NULL) != OKNG_OK)
        return json_null();
    return result;
}

static json_t *job_json(const job *j, bool whole)
{
    json_t *row = json_object();
    okng_json_put(&row, "id", json_string(j->id));
    okng_json_put(&row, "kind", json_string(j->kind->name));
    okng_json_put(&row, "bank", json_string(j->bank));
    okng_json_put(&row, "state", json_string(state_names[j->state]));
    okng_json_put(&row, "stage", json_string(j->stage));
    okng_json_put(&row, "done", json_integer((json_int_t)j->done));
    okng_json_put(&row, "total", json_integer((json_int_t)j->total));
    okng_json_put(&row, "created", time_json(j->created));
    okng_json_put(&row, "started", time_json(j->started));
    okng_json_put(&row, "finished", time_json(j->finished));
    okng_json_put(&row, "by", okng_json_any_text(j->by));
    okng_json_put(&row, "why", *j->why ? okng_json_any_text(j->why) : json_null());
    if (whole) okng_json_put(&row, "result", result_json(j));
    if (whole) okng_json_put(&row, "files", files_json(j));
    return row;
}

static void tell(job *j)
{
    j->told = okng_clock();
    okng_events_publish(j->jobs->serve->events, "job", NULL, job_json(j, false));
}

/* What is known of it, for the next start. That it cannot be written harms no job. */
static void keep(const job *j)
{
    char *path = path_of(j->jobs, j->id, DOCUMENT);
    json_t *document = job_json(j, true);
    if (path) (void)okng_json_write(document, path, NULL);
    json_decref(document);
    free(path);
}

/* ---- the list: the mutex is held --------------------------------------------------------------------------------- */

static job *find(const okng_jobs *jobs, const char *id)
{
    job *j = jobs->first;
    while (j && strcmp(j->id, id) != 0) j = j->next;
    return j;
}

static void free_job(job *j)
{
    if (!j) return;
    json_decref(j->asked);
    free(j->pictures);
    free(j->result);
    free(j);
}

static void take_out(okng_jobs *jobs, job *j)
{
    job **at = &jobs->first;
    while (*at != j) at = &(*at)->next;
    *at = j->next;
}

static void append(okng_jobs *jobs, job *j)
{
    job **at = &jobs->first;
    while (*at) at = &(*at)->next;
    *at = j;
}

static okng_status forget(okng_jobs *jobs, job *j, okng_error *error)
{
    char *path = path_of(jobs, j->id, "");
    okng_status status = path ? okng_folder_remove(path, error) : okng_fail_memory(error, strlen(jobs->folder));
    free(path);
    if (status != OKNG_OK) return status;
    take_out(jobs, j);
    free_job(j);
    return OKNG_OK;
}

static void forget_oldest(okng_jobs *jobs)
{
    size_t over = 0;
    job *oldest = NULL;
    for (job *j = jobs->first; j; j = j->next) {
        if (!is_over(j)) continue;
        if (!oldest) oldest = j;
        over++;
    }
    if (over > OKNG_JOBS_KEPT) (void)forget(jobs, oldest, NULL);
}

static void let_go_of_pictures(job *j, bool taught)
{
    if (*j->upload) okng_uploads_release(j->jobs->serve->uploads, j->upload, taught);
    j->upload[0] = '\0';
    free(j->pictures);
    j->pictures = NULL;
    json_decref(j->asked);
    j->asked = NULL;
}

/* A job comes to its end. */
static void end(job *j, state how, const char *why)
{
    j->state = how;
    j->finished = now_in_us();
    (void)snprintf(j->why, sizeof j->why, "%.*s", (int)sizeof j->why - 1, why);
    let_go_of_pictures(j, how == FINISHED && j->kind->changes);
    keep(j);
    tell(j);
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* An okng_progress_fn, of the job at work. */
static int step(const okng_progress *progress, void *user)
{
    job *j = user;
    (void)pthread_mutex_lock(&j->jobs->mutex);
    const bool new_stage = strcmp(j->stage, progress->stage) != 0;
    (void)snprintf(j->stage, sizeof j->stage, "%s", progress->stage);
    j->done = progress->done;
    j->total = progress->total;
    if (new_stage || okng_clock() - j->told >= TELL_EACH) tell(j);
    const bool stops = j->cancelled;
    (void)pthread_mutex_unlock(&j->jobs->mutex);
    return stops;
}

/* Builds take half of the cores, so that inspections go on. */
static int32_t threads_of_a_job(void)
{
    const int32_t half = okng_thread_count(0) / 2;
    return half > 0 ? half : 1;
}

static okng_status find_bank(const job *j, char **path, okng_error *error)
{
    const char *folder = okng_cache_folder(j->jobs->serve->cache);
    if (j->kind->needs_bank) return okng_disk_find(folder, j->bank, path, error);
    *path = okng_path_join(folder, j->bank);
    return *path ? OKNG_OK : okng_fail_memory(error, strlen(folder));
}

static okng_status note(const job *j, json_t *result, okng_error *error)
{
    if (!j->kind->noted) return OKNG_OK;
    json_t *after = json_object();
    static const char *const told[] = {"pictures", "rows", "image_threshold", "pixel_threshold", "added"};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (json_object_get(result, told[i]))
            okng_json_put(&after, told[i], json_incref(json_object_get(result, told[i])));
    okng_json_put(&after, "job", json_string(j->id));
    return okng_audit(j->jobs->serve, j->by, j->kind->noted, j->bank, NULL, after, error);
}

static okng_status run(job *j, const char *path, char *folder, char *files, char **text, okng_error *error)
{
    okng_job_run r = {.serve = j->jobs->serve,
                      .asked = j->asked,
                      .bank = j->bank,
                      .path = path,
                      .pictures = j->pictures,
                      .folder = folder,
                      .files = files,
                      .threads = threads_of_a_job(),
                      .progress = step,
                      .user = j,
                      .result = json_object()};
    okng_status status = okng_folder_need_room(okng_cache_folder(r.serve->cache), 0, error);
    if (status == OKNG_OK) status = okng_job_step(&r, "starting", 0, 0, error);
    if (status == OKNG_OK) status = j->kind->run(&r, error);
    if (status == OKNG_OK) status = note(j, r.result, error);
    if (status == OKNG_OK)
        status = okng_json_text(r.result, JSON_COMPACT | JSON_REAL_PRECISION(9), "the result", text, NULL, error);
    json_decref(r.result);
    return status;
}

static okng_status prepare_and_run(job *j, char **text, okng_error *error)
{
    char *path = NULL, *folder = path_of(j->jobs, j->id, ""), *files = path_of(j->jobs, j->id, FILES);
    okng_status status = folder && files ? find_bank(j, &path, error) : okng_fail_memory(error, sizeof *j);
    if (status == OKNG_OK) status = okng_make_folders(files, error);
    if (status == OKNG_OK) status = run(j, path, folder, files, text, error);
    free(files);
    free(folder);
    free(path);
    return status;
}

/* The mutex is held, and is free while the job runs. */
static void run_job(okng_jobs *jobs, job *j)
{
    char *text = NULL;
    okng_error why;
    j->state = RUNNING;
    j->started = now_in_us();
    keep(j);
    tell(j);
    (void)pthread_mutex_unlock(&jobs->mutex);
    okng_status status = prepare_and_run(j, &text, &why);
    (void)pthread_mutex_lock(&jobs->mutex);
    j->result = text;
    end(j,
        status == OKNG_OK                ? FINISHED
        : status == OKNG_ERROR_CANCELLED ? CANCELLED
                                         : FAILED,
        status == OKNG_OK ? "" : why.message);
    forget_oldest(jobs);
}

static job *next_job(const okng_jobs *jobs)
{
    job *j = jobs->first;
    while (j && j->state != QUEUED) j = j->next;
    return j;
}

static void *run_jobs(void *argument)
{
    okng_jobs *jobs = argument;
    (void)pthread_mutex_lock(&jobs->mutex);
    while (!jobs->stopping) {
        job *j = next_job(jobs);
        if (j)
            run_job(jobs, j);
        else
            (void)pthread_cond_wait(&jobs->came, &jobs->mutex);
    }
    (void)pthread_mutex_unlock(&jobs->mutex);
    return NULL;
}

/* ---- what an earlier run left ------------------------------------------------------------------------------------ */

static const okng_job_kind *kind_of(const char *name)
{
    for (size_t i = 0; name && i < KINDS; i++)
        if (strcmp(kinds[i]->name, name) == 0) return kinds[i];
    return NULL;
}

static const char *text_in(const json_t *document, const char *key)
{
    const char *text = json_string_value(json_object_get(document, key));
    return text ? text : "";
}

static okng_status read_result(job *j, const json_t *document, okng_error *error)
{
    const json_t *result = json_object_get(document, "result");
    if (!json_is_object(result)) return OKNG_OK;
    return okng_json_text(result, JSON_COMPACT | JSON_REAL_PRECISION(9), "the result", &j->result, NULL, error);
}

static int64_t time_in(const json_t *document, const char *key)
{
    int64_t time;
    return okng_time_of(text_in(document, key), &time) ? time : 0;
}

/* Of a document that this program wrote; NULL where it is another's or memory is out. */
static job *read_job(okng_jobs *jobs, const char *id, const json_t *document)
{
    job *j = calloc(1, sizeof *j);
    if (!j) return NULL;
    j->jobs = jobs;
    j->kind = kind_of(text_in(document, "kind"));
    j->state = FAILED;
    for (int i = FINISHED; i < STATES; i++)
        if (strcmp(text_in(document, "state"), state_names[i]) == 0) j->state = (state)i;
    const bool was_over = is_over(j) && (j->state != FAILED || strcmp(text_in(document, "state"), "failed") == 0);
    memcpy(j->id, id, sizeof j->id);
    (void)snprintf(j->bank, sizeof j->bank, "%.64s", text_in(document, "bank"));
    (void)snprintf(j->by, sizeof j->by, "%.64s", text_in(document, "by"));
    (void)snprintf(j->why, sizeof j->why, "%.511s",
                   was_over ? text_in(document, "why") : "the server ended while it ran");
    j->created = time_in(document, "created");
    j->started = time_in(document, "started");
    j->finished = time_in(document, "finished");
    if (j->kind && read_result(j, document, NULL) == OKNG_OK) return j;
    free_job(j);
    return NULL;
}

/* A result has a row for each picture. */
static const okng_json_limits document_limits = {.bytes = 32 << 20, .items = 1 << 20, .text = 64 << 10, .depth = 16};

static void read_entry(okng_jobs *jobs, const char *id)
{
    json_t *document;
    char *path = path_of(jobs, id, DOCUMENT);
    if (path && okng_json_read(&document, path, &document_limits, NULL) == OKNG_OK) {
        job *j = read_job(jobs, id, document);
        if (j) append(jobs, j);
        json_decref(document);
    }
    free(path);
}

static int is_id(const struct dirent *entry)
{
    return okng_id_is_good(entry->d_name);
}

/* Ids are in the order of time. */
static okng_status read_folder(okng_jobs *jobs, okng_error *error)
{
    struct dirent **entries = NULL;
    const int count = scandir(jobs->folder, &entries, is_id, alphasort);
    if (count < 0) return okng_fail_errno(error, "look into", jobs->folder);
    for (int i = 0; i < count; i++) {
        read_entry(jobs, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return OKNG_OK;
}

/* ---- opening and closing ----------------------------------------------------------------------------------------- */

static okng_status start(okng_jobs *jobs, okng_error *error)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&jobs->thread, NULL, run_jobs, jobs);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed)
        return okng_fail(error, OKNG_ERROR_MEMORY, "the thread of jobs could not be started: %s",
                         okng_reason_text(failed));
    jobs->started = true;
    return OKNG_OK;
}

okng_status okng_jobs_open(okng_jobs **out, okng_serve *serve, const char *folder, okng_error *error)
{
    *out = NULL;
    okng_jobs *jobs = calloc(1, sizeof *jobs);
    if (!jobs) return okng_fail_memory(error, sizeof *jobs);
    jobs->serve = serve;
    (void)pthread_mutex_init(&jobs->mutex, NULL);
    (void)pthread_cond_init(&jobs->came, NULL);
    okng_status status = okng_make_folders(folder, error);
    if (status == OKNG_OK) status = okng_real_path(&jobs->folder, folder, error);
    if (status == OKNG_OK && !jobs->folder) status = okng_fail_errno(error, "find", folder);
    if (status == OKNG_OK) status = read_folder(jobs, error);
    if (status == OKNG_OK) status = start(jobs, error);
    if (status != OKNG_OK) okng_jobs_close(&jobs);
    *out = jobs;
    return status;
}

void okng_jobs_stop(okng_jobs *jobs)
{
    (void)pthread_mutex_lock(&jobs->mutex);
    jobs->stopping = true;
    for (job *j = jobs->first; j; j = j->next) {
        if (j->state == RUNNING) j->cancelled = true;
        if (j->state == QUEUED) end(j, CANCELLED, "the server was stopped");
    }
    (void)pthread_cond_broadcast(&jobs->came);
    (void)pthread_mutex_unlock(&jobs->mutex);
}

void okng_jobs_close(okng_jobs **jobs)
{
    if (!jobs || !*jobs) return;
    okng_jobs *all = *jobs;
    if (all->started) {
        okng_jobs_stop(all);
        (void)pthread_join(all->thread, NULL);
    }
    while (all->first) {
        job *j = all->first;
        all->first = j->next;
        free_job(j);
    }
    (void)pthread_cond_destroy(&all->came);
    (void)pthread_mutex_destroy(&all->mutex);
    free(all->folder);
    free(all);
    *jobs = NULL;
}

/* ---- asking for one ---------------------------------------------------------------------------------------------- */

/* A folder below the one that may be read, by its real path. */
static okng_status take_folder(const okng_serve_options *options, const char *given, char **real, okng_error *error)
{
    char *root = NULL, *path = NULL;
    *real = NULL;
    if (!options->root)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "folder: the server reads no folders of its machine; start it with --root DIR, or upload the "
                         "pictures");
    okng_status status = okng_real_path(&root, options->root, error);
    if (status == OKNG_OK && !(path = given[0] == '/' ? strdup(given) : okng_path_join(options->root, given)))
        status = okng_fail_memory(error, strlen(given));
    if (status == OKNG_OK) status = okng_real_path(real, path, error);
    const bool inside = status == OKNG_OK && root && *real && okng_path_inside(*real, root) && okng_is_folder(*real);
    if (status == OKNG_OK && !inside)
        status =
            okng_fail(error, OKNG_ERROR_NOT_FOUND, "folder: \"%.200s\" is no folder below the one of --root", given);
    free(path);
    free(root);
    if (status == OKNG_OK) return OKNG_OK;
    free(*real);
    *real = NULL;
    return status;
}

static okng_status take_pictures(job *j, okng_error *error)
{
    const char *upload, *folder;
    OKNG_TRY(okng_job_text(j->asked, "upload", &upload, error));
    OKNG_TRY(okng_job_text(j->asked, "folder", &folder, error));
    if (upload && folder)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "upload and folder are two places of pictures; give one");
    if (folder) return take_folder(j->jobs->serve->options, folder, &j->pictures, error);
    if (!upload)
        return j->kind->needs_pictures ? okng_fail(error, OKNG_ERROR_ARGUMENT, "upload: it is missing, or folder")
                                       : OKNG_OK;
    OKNG_TRY(okng_uploads_hold(j->jobs->serve->uploads, upload, &j->pictures, error));
    (void)snprintf(j->upload, sizeof j->upload, "%s", upload);
    return OKNG_OK;
}

static okng_status take_bank(job *j, okng_error *error)
{
    const char *bank;
    char *path = NULL;
    OKNG_TRY(okng_job_text(j->asked, "bank", &bank, error));
    if (!bank) return okng_fail(error, OKNG_ERROR_ARGUMENT, "bank: it is missing");
    okng_status status = okng_disk_find(okng_cache_folder(j->jobs->serve->cache), bank, &path, error);
    free(path);
    if (status == OKNG_ERROR_NOT_FOUND && !j->kind->needs_bank) status = OKNG_OK;
    if (status == OKNG_OK) (void)snprintf(j->bank, sizeof j->bank, "%s", bank);
    return status;
}

static okng_status take_asked(job *j, const json_t *asked, okng_error *error)
{
    const char *kind;
    OKNG_TRY(okng_job_text(asked, "kind", &kind, error));
    j->kind = kind_of(kind);
    if (!j->kind)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "kind: found \"%.40s\", expected build, add, evaluate, export or pack", kind ? kind : "");
    j->asked = json_incref((json_t *)(uintptr_t)asked);
    OKNG_TRY(take_bank(j, error));
    if (j->kind->check) OKNG_TRY(j->kind->check(asked, j->jobs->serve->options, error));
    return take_pictures(j, error);
}

static size_t count_waiting(const okng_jobs *jobs)
{
    size_t count = 0;
    for (const job *j = jobs->first; j; j = j->next) count += j->state == QUEUED;
    return count;
}

/* The mutex is held. */
static okng_status queue_up(okng_jobs *jobs, job *j, okng_error *error)
{
    if (jobs->stopping) return okng_fail(error, OKNG_ERROR_BUSY, "the server is stopping");
    if (count_waiting(jobs) >= OKNG_JOBS_WAITING)
        return okng_fail(error, OKNG_ERROR_BUSY, "%d jobs wait already; ask again when some have ended",
                         OKNG_JOBS_WAITING);
    char *path = path_of(jobs, j->id, "");
    okng_status status = path ? okng_make_folders(path, error) : okng_fail_memory(error, strlen(jobs->folder));
    free(path);
    if (status != OKNG_OK) return status;
    append(jobs, j);
    keep(j);
    tell(j);
    (void)pthread_cond_signal(&jobs->came);
    return OKNG_OK;
}

okng_status okng_jobs_add(okng_jobs *jobs, const json_t *asked, const char *by, json_t **row, okng_error *error)
{
    job *j = calloc(1, sizeof *j);
    *row = NULL;
    if (!j) return okng_fail_memory(error, sizeof *j);
    j->jobs = jobs;
    j->created = now_in_us();
    (void)snprintf(j->by, sizeof j->by, "%s", by);
    okng_status status = okng_id_make(j->id, error);
    if (status == OKNG_OK) status = take_asked(j, asked, error);
    (void)pthread_mutex_lock(&jobs->mutex);
    if (status == OKNG_OK) status = queue_up(jobs, j, error);
    if (status == OKNG_OK) *row = job_json(j, true);
    (void)pthread_mutex_unlock(&jobs->mutex);
    if (status == OKNG_OK) return OKNG_OK;
    let_go_of_pictures(j, false);
    free_job(j);
    return status;
}

/* ---- looking and removing ---------------------------------------------------------------------------------------- */

static okng_status fail_missing(okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "there is no job of that id; it may have been forgotten");
}

okng_status okng_jobs_get(okng_jobs *jobs, const char *id, json_t **row, okng_error *error)
{
    (void)pthread_mutex_lock(&jobs->mutex);
    const job *j = find(jobs, id);
    *row = j ? job_json(j, true) : NULL;
    (void)pthread_mutex_unlock(&jobs->mutex);
    if (!j) return fail_missing(error);
    return *row ? OKNG_OK : okng_fail_memory(error, sizeof *j);
}

json_t *okng_jobs_list(okng_jobs *jobs)
{
    json_t *document = json_object(), *list = json_array();
    (void)pthread_mutex_lock(&jobs->mutex);
    for (const job *j = jobs->first; j; j = j->next)
        if (list && json_array_insert_new(list, 0, job_json(j, false)) != 0) {
            json_decref(list);
            list = NULL;
        }
    (void)pthread_mutex_unlock(&jobs->mutex);
    okng_json_put(&document, "jobs", list);
    return document;
}

okng_status okng_jobs_remove(okng_jobs *jobs, const char *id, bool *over, okng_error *error)
{
    (void)pthread_mutex_lock(&jobs->mutex);
    job *j = find(jobs, id);
    okng_status status = j ? OKNG_OK : fail_missing(error);
    *over = j && is_over(j);
    if (*over)
        status = forget(jobs, j, error);
    else if (j && j->state == QUEUED)
        end(j, CANCELLED, "the job was cancelled");
    else if (j)
        j->cancelled = true;
    (void)pthread_mutex_unlock(&jobs->mutex);
    return status;
}

okng_status okng_jobs_file(okng_jobs *jobs, const char *id, const char *name, char **path, bool *known,
                           okng_error *error)
{
    char below[NAME_MAX + sizeof FILES + 1];
    const bool good = name[0] != '.' && !strchr(name, '/') && strlen(name) <= NAME_MAX;
    (void)pthread_mutex_lock(&jobs->mutex);
    *known = find(jobs, id) != NULL;
    (void)pthread_mutex_unlock(&jobs->mutex);
    *path = NULL;
    if (!*known) return fail_missing(error);
    (void)snprintf(below, sizeof below, FILES "/%.*s", NAME_MAX, name);
    if (good && !(*path = path_of(jobs, id, below))) return okng_fail_memory(error, sizeof below);
    struct stat info;
    if (good && lstat(*path, &info) == 0 && S_ISREG(info.st_mode)) return OKNG_OK;
    free(*path);
    *path = NULL;
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "the job has no file of that name");
}

bool okng_jobs_change(okng_jobs *jobs, const char *name)
{
    bool found = false;
    (void)pthread_mutex_lock(&jobs->mutex);
    for (const job *j = jobs->first; j; j = j->next)
        found = found || (!is_over(j) && j->kind->changes && strcmp(j->bank, name) == 0);
    (void)pthread_mutex_unlock(&jobs->mutex);
    return found;
}
