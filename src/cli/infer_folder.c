/* Many pictures: workers take them in order; what is said and written does not depend on how many workers there are. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { MAX_WORKERS = 256 };

typedef enum state { WAITING, INSPECTED, UNREADABLE } state;

typedef struct outcome {
    state state;
    float score;
    okng_verdict verdict;
    char *message;    /* why it is unreadable, until it is told */
    json_t *document; /* for --json */
} outcome;

typedef struct job {
    const okng_cli_args *args;
    const okng_bank *bank;
    const okng_picture_list *list;
    const char *out;
    char **folders; /* of the results, relative to `out` */
    okng_inspect_options options;
    size_t count;

    pthread_mutex_t mutex; /* guards all below */
    outcome *outcomes;
    size_t next, done, told;
    bool failed;
    size_t failed_at; /* the first picture, in order, that ended the run */
    okng_error failure;
    okng_cli_progress progress;
} job;

/* ---- one picture ---------------------------------------------------------------------------- */

static okng_status document_of(const okng_result *result, json_t **document, okng_error *error)
{
    char *text = NULL;
    okng_status status = okng_result_json(result, &text, error);
    if (status == OKNG_OK) *document = json_loads(text, 0, NULL);
    okng_text_free(&text);
    if (status == OKNG_OK && !*document) status = okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory");
    return status;
}

static okng_status save(const job *j, size_t i, const okng_result *result, okng_error *error)
{
    const okng_picture reference = {.path = okng_cli_value(j->args, "fuse-ref")};
    char *folder = okng_cli_join(j->out, j->folders[i]);
    if (!folder) return okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory");
    okng_status status =
        okng_result_save(result, folder, okng_cli_save_flags(j->args), reference.path ? &reference : NULL, error);
    free(folder);
    return status;
}

/* Removes a file of an earlier run, which must not stand for what this one could not do. */
static void forget(const char *folder, const char *name)
{
    char *path = okng_cli_join(folder, name);
    if (path) (void)unlink(path);
    free(path);
}

static void forget_picture(const job *j, size_t i)
{
    char *folder = okng_cli_join(j->out, j->folders[i]);
    if (folder) forget(folder, "scores.json");
    free(folder);
}

/* A picture that cannot be inspected is an outcome; results that cannot be written are an error. */
static okng_status inspect(const job *j, size_t i, outcome *o, okng_error *error)
{
    const okng_picture picture = {.path = okng_picture_list_path(j->list, i)};
    okng_result *result = NULL;
    okng_status status = okng_inspect(j->bank, &picture, &j->options, &result, error);
    if (status != OKNG_OK) {
        o->state = UNREADABLE;
        forget_picture(j, i);
        if (okng_cli_value(j->args, "strict") || status == OKNG_ERROR_MEMORY) return status;
        o->message = strdup(error->message);
        return OKNG_OK;
    }
    o->state = INSPECTED;
    o->score = okng_result_score(result);
    o->verdict = okng_result_verdict(result);
    status = save(j, i, result, error);
    if (status == OKNG_OK && j->args->json) status = document_of(result, &o->document, error);
    okng_result_free(&result);
    return status;
}

/* ---- workers -------------------------------------------------------------------------------- */

/* Tells of unreadable pictures in the order of the list. The mutex is held. */
static void tell(job *j)
{
    for (; j->told < j->count && j->outcomes[j->told].state != WAITING; j->told++) {
        outcome *o = &j->outcomes[j->told];
        if (!o->message) continue;
        okng_cli_progress_clear(&j->progress);
        (void)okng_cli_error("%s; skipped", o->message);
        free(o->message);
        o->message = NULL;
    }
}

static void finish(job *j, size_t i, const outcome *o, okng_status status, const okng_error *error)
{
    j->outcomes[i] = *o;
    j->done++;
    if (status != OKNG_OK && (!j->failed || i < j->failed_at)) {
        j->failed = true;
        j->failed_at = i;
        j->failure = *error;
    }
    tell(j);
    (void)okng_cli_progress_step(&(okng_progress){"inspecting", j->done, j->count}, &j->progress);
}

static void *work(void *context)
{
    job *j = context;
    (void)pthread_mutex_lock(&j->mutex);
    /* Pictures are handed out in order, so all before the first failure have been handed out too. */
    while (j->next < j->count && !j->failed && okng_cli_signal() == 0) {
        size_t i = j->next++;
        (void)pthread_mutex_unlock(&j->mutex);
        outcome o = {0};
        okng_error error;
        okng_status status = inspect(j, i, &o, &error);
        (void)pthread_mutex_lock(&j->mutex);
        finish(j, i, &o, status, &error);
    }
    (void)pthread_mutex_unlock(&j->mutex);
    return NULL;
}

static int cores(int requested)
{
    cpu_set_t set;
    int count = requested;
    if (count < 1) count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count > MAX_WORKERS ? MAX_WORKERS : count;
}

static void run_workers(job *j)
{
    int workers = cores(j->args->inspect.threads), started = 0;
    if ((size_t)workers > j->count) workers = (int)j->count;
    if (workers > 1) j->options.threads = 1;
    pthread_t threads[MAX_WORKERS];
    for (; started < workers - 1; started++)
        if (pthread_create(&threads[started], NULL, work, j) != 0) break; /* the others do its work */
    (void)work(j);
    for (int i = 0; i < started; i++) (void)pthread_join(threads[i], NULL);
    okng_cli_progress_clear(&j->progress);
}

/* ---- the results of all --------------------------------------------------------------------- */

static size_t count_outcomes(const job *j, state wanted, okng_verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < j->count; i++) count += j->outcomes[i].state == wanted && j->outcomes[i].verdict == verdict;
    return count;
}

/* A field as RFC 4180 wants it. */
static void csv_field(FILE *stream, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        (void)fputs(text, stream);
        return;
    }
    (void)fputc('"', stream);
    for (; *text; text++) {
        if (*text == '"') (void)fputc('"', stream);
        (void)fputc(*text, stream);
    }
    (void)fputc('"', stream);
}

static okng_status write_csv(const job *j, okng_error *error)
{
    char *text = NULL, *path = okng_cli_join(j->out, "results.csv");
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream) {
        (void)fprintf(stream, "path,score,verdict\n");
        for (size_t i = 0; i < j->count; i++) {
            const outcome *o = &j->outcomes[i];
            csv_field(stream, okng_picture_list_relative(j->list, i));
            if (o->state == INSPECTED)
                (void)fprintf(stream, ",%.9g,%s\n", (double)o->score, o->verdict == OKNG_VERDICT_NG ? "NG" : "OK");
            else
                (void)fprintf(stream, ",,error\n");
        }
    }
    bool fine = stream && fclose(stream) == 0 && path;
    okng_status status = fine ? okng_cli_write_file(path, text, size, error)
                              : okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory for results.csv");
    free(text);
    free(path);
    return status;
}

static json_t *as_json(const job *j)
{
    json_t *pictures = json_array();
    for (size_t i = 0; i < j->count; i++) {
        const outcome *o = &j->outcomes[i];
        json_t *path = okng_cli_json_path(okng_picture_list_relative(j->list, i));
        json_t *picture = o->state == INSPECTED
                              ? json_pack("{s:o, s:o}", "path", path, "out", okng_cli_json_path(j->folders[i]))
                              : json_pack("{s:o, s:s}", "path", path, "verdict", "error");
        if (picture && o->document) (void)json_object_update(picture, o->document);
        if (json_array_append_new(pictures, picture) != 0) {
            json_decref(pictures);
            return NULL;
        }
    }
    return json_pack("{s:o, s:i, s:i, s:i, s:o}", "out", okng_cli_json_path(j->out), "ok",
                     (int)count_outcomes(j, INSPECTED, OKNG_VERDICT_OK), "ng",
                     (int)count_outcomes(j, INSPECTED, OKNG_VERDICT_NG), "skipped",
                     (int)count_outcomes(j, UNREADABLE, OKNG_VERDICT_OK), "pictures", pictures);
}

static int report(const job *j)
{
    okng_error error;
    size_t ok = count_outcomes(j, INSPECTED, OKNG_VERDICT_OK), ng = count_outcomes(j, INSPECTED, OKNG_VERDICT_NG);
    size_t skipped = j->count - ok - ng;
    if (okng_cli_signal() != 0) return okng_cli_fail(&(okng_error){.status = OKNG_ERROR_CANCELLED});
    if (j->failed) return okng_cli_fail(&j->failure);
    if (ok + ng == 0) return okng_cli_error("none of %zu pictures could be read", j->count);
    if (write_csv(j, &error) != OKNG_OK) return okng_cli_fail(&error);
    int code = EXIT_OKAY;
    if (j->args->json)
        code = okng_cli_print_json(as_json(j));
    else if (!j->args->quiet)
        (void)printf("%zu pictures: %zu OK, %zu NG, %zu skipped\nresults in %s/results.csv\n", j->count, ok, ng,
                     skipped, j->out);
    return code == EXIT_OKAY && ng > 0 && okng_cli_value(j->args, "exit-code") ? EXIT_NG : code;
}

int okng_cli_infer_folder(const okng_cli_args *args, const okng_bank *bank, const okng_picture_list *list)
{
    job j = {.args = args,
             .bank = bank,
             .list = list,
             .out = okng_cli_value(args, "out-dir"),
             .options = args->inspect,
             .count = okng_picture_list_count(list),
             .progress = okng_cli_progress_new(args)};
    j.outcomes = calloc(j.count, sizeof *j.outcomes);
    j.folders = okng_cli_result_folders(list);
    int code = EXIT_FAILED;
    if (!j.outcomes || !j.folders) {
        code = okng_cli_error("out of memory");
    } else {
        forget(j.out, "results.csv");
        (void)pthread_mutex_init(&j.mutex, NULL);
        run_workers(&j);
        (void)pthread_mutex_destroy(&j.mutex);
        code = report(&j);
    }
    for (size_t i = 0; j.outcomes && i < j.count; i++) {
        free(j.outcomes[i].message);
        json_decref(j.outcomes[i].document);
    }
    free(j.outcomes);
    okng_cli_free_folders(&j.folders, j.count);
    return code;
}
