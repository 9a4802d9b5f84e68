/* A line from its beginning to its end. */
#include "line/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "line/envelope.h"

/* ---- opening ------------------------------------------------------------------------------------------------------
 */

static okng_status open_spool(okng_line *line, okng_error *error)
{
    const okng_line_config *config = line->config;
    const char *folder = okng_line_text(config->line, "spool");
    okng_spool_reader readers[OKNG_LINE_MAX_PARTS];
    size_t count = 0;
    for (size_t i = 0; i < config->sink_count; i++) {
        const okng_line_sink_config *sink = &config->sinks[i];
        if (sink->kind->delivery != OKNG_DELIVER_EVERY) continue;
        line->sinks[i].reader = count;
        readers[count++] = (okng_spool_reader){okng_line_name(sink->settings), sink->verdicts, sink->queue};
    }
    line->recipe_path = okng_path_join(folder, "recipe");
    if (!line->recipe_path) return okng_fail_memory(error, strlen(folder));
    const uint64_t bytes = (uint64_t)okng_line_integer(config->line, "spool_size") << 20;
    return okng_spool_open(&line->spool, folder, bytes, okng_line_flag(config->line, "sync"), readers, count, error);
}

/* Keeps the key of a result that the spool has, for its source. */
static void keep_key(const okng_entry *entry, void *user)
{
    okng_line *line = user;
    okng_opened opened;
    const okng_status status = okng_envelope_look(&opened, entry->text, NULL);
    for (size_t i = 0; status == OKNG_OK && *opened.envelope.key && i < line->config->source_count; i++) {
        okng_source_run *run = &line->sources[i];
        void *keys = run->keys;
        if (strcmp(okng_line_name(run->config->settings), opened.envelope.source) != 0) continue;
        if (!okng_grow(&keys, &run->key_room, run->key_count + 1, sizeof *run->keys)) continue;
        run->keys = keys;
        run->keys[run->key_count] = strdup(opened.envelope.key);
        run->key_count += run->keys[run->key_count] != NULL;
    }
    okng_opened_free(&opened);
}

static void init_runs(okng_line *line)
{
    for (size_t i = 0; i < line->config->source_count; i++) {
        okng_source_run *run = &line->sources[i];
        *run = (okng_source_run){.line = line, .config = &line->config->sources[i], .beat = okng_clock()};
        (void)pthread_rwlock_init(&run->use, NULL);
    }
    for (size_t i = 0; i < line->config->sink_count; i++) {
        line->sinks[i] = (okng_sink_run){.line = line, .config = &line->config->sinks[i]};
        (void)pthread_mutex_init(&line->sinks[i].sending, NULL);
    }
}

static okng_status start(pthread_t *thread, void *(*body)(void *), void *run, okng_error *error)
{
    return pthread_create(thread, NULL, body, run) == 0
               ? OKNG_OK
               : okng_fail(error, OKNG_ERROR_MEMORY, "the system gives no more threads");
}

/* Sinks first, so that the first picture's verdict finds them. */
static okng_status start_all(okng_line *line, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (; status == OKNG_OK && line->sink_count < line->config->sink_count; line->sink_count++) {
        okng_sink_run *run = &line->sinks[line->sink_count];
        okng_line_begin_sink(run);
        status = start(&run->thread, okng_line_sink_thread, run, error);
        if (status != OKNG_OK) break;
    }
    const size_t workers = (size_t)okng_line_integer(line->config->line, "workers");
    for (; status == OKNG_OK && line->worker_count < workers; line->worker_count++) {
        okng_worker_run *run = &line->workers[line->worker_count];
        run->line = line;
        status = start(&run->thread, okng_line_worker_thread, run, error);
        if (status != OKNG_OK) break;
    }
    for (; status == OKNG_OK && line->source_count < line->config->source_count; line->source_count++) {
        okng_source_run *run = &line->sources[line->source_count];
        status = start(&run->thread, okng_line_source_thread, run, error);
        if (status != OKNG_OK) break;
    }
    if (status == OKNG_OK) status = start(&line->pulse, okng_line_pulse_thread, line, error);
    line->pulse_runs = status == OKNG_OK;
    return status;
}

static okng_status open_line(okng_line *line, okng_error *error)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&line->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&line->lock, NULL);
    (void)pthread_mutex_init(&line->choosing, NULL);
    init_runs(line);
    const size_t room = (size_t)okng_line_integer(line->config->line, "frames");
    okng_status status = okng_frame_queue_init(&line->frames, room, error);
    if (status == OKNG_OK) status = okng_line_config_usable(line->config, error);
    if (status == OKNG_OK) status = open_spool(line, error);
    if (status == OKNG_OK) status = okng_spool_each(line->spool, keep_key, line, error);
    if (status == OKNG_OK) status = okng_line_begin_recipe(line, error);
    if (status == OKNG_OK) status = start_all(line, error);
    return status;
}

okng_status okng_line_open(okng_line **out, const okng_line_config *config, const okng_line_host *host,
                           okng_error *error)
{
    *out = NULL;
    okng_line *line = calloc(1, sizeof *line);
    if (!line) return okng_fail_memory(error, sizeof *line);
    line->config = config;
    line->host = *host;
    line->name = okng_line_text(config->line, "name");
    line->limit = okng_line_number(config->line, "limit");
    line->began = okng_clock();
    okng_status status = open_line(line, error);
    if (status == OKNG_OK)
        *out = line;
    else
        okng_line_close(&line, 0);
    return status;
}

/* ---- closing ------------------------------------------------------------------------------------------------------
 */

static void stop_sources(okng_line *line)
{
    (void)pthread_mutex_lock(&line->lock);
    atomic_store(&line->stopping, true);
    (void)pthread_cond_broadcast(&line->changed);
    (void)pthread_mutex_unlock(&line->lock);
    for (size_t i = 0; i < line->source_count; i++) {
        okng_source_run *run = &line->sources[i];
        (void)pthread_rwlock_rdlock(&run->use);
        if (run->handle && run->config->kind->wake) run->config->kind->wake(run->handle);
        (void)pthread_rwlock_unlock(&run->use);
    }
}

static void stop_sinks(okng_line *line, double seconds)
{
    line->sinks_until = okng_clock() + seconds;
    atomic_store(&line->sinks_end, true);
    if (line->spool) okng_spool_wake(line->spool);
    for (size_t i = 0; i < line->sink_count; i++) (void)pthread_join(line->sinks[i].thread, NULL);
}

static void free_line(okng_line *line)
{
    if (line->held) line->host.inspector.release(line->host.inspector.user, &line->held);
    okng_spool_close(&line->spool);
    okng_frame_queue_free(&line->frames);
    for (size_t i = 0; i < line->config->source_count; i++) {
        for (size_t j = 0; j < line->sources[i].key_count; j++) free(line->sources[i].keys[j]);
        free(line->sources[i].keys);
        (void)pthread_rwlock_destroy(&line->sources[i].use);
    }
    for (size_t i = 0; i < line->config->sink_count; i++) {
        if (line->sinks[i].handle) line->config->sinks[i].kind->close(&line->sinks[i].handle); /* of no thread */
        (void)pthread_mutex_destroy(&line->sinks[i].sending);
    }
    (void)pthread_mutex_destroy(&line->lock);
    (void)pthread_mutex_destroy(&line->choosing);
    (void)pthread_cond_destroy(&line->changed);
    free(line->recipe_path);
    free(line);
}

void okng_line_close(okng_line **line_of, double seconds)
{
    okng_line *line = *line_of;
    if (!line) return;
    stop_sources(line);
    /* A source waits for its frames to be through before it closes, so the workers go on until all have. */
    for (size_t i = 0; i < line->source_count; i++) (void)pthread_join(line->sources[i].thread, NULL);
    okng_frame_queue_close(&line->frames);
    for (size_t i = 0; i < line->worker_count; i++) (void)pthread_join(line->workers[i].thread, NULL);
    stop_sinks(line, seconds);
    if (line->pulse_runs) (void)pthread_join(line->pulse, NULL);
    free_line(line);
    *line_of = NULL;
}
