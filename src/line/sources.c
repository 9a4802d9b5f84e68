/* The threads of sources, and what others ask of a source. */
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/clock.h"
#include "line/engine.h"

static const char *name_of(const okng_source_run *run)
{
    return okng_line_name(run->config->settings);
}

static void note_beat(okng_source_run *run)
{
    (void)pthread_mutex_lock(&run->line->lock);
    run->beat = okng_clock();
    (void)pthread_mutex_unlock(&run->line->lock);
}

/* ---- opening and closing --------------------------------------------------------------------------------------------
 */

static void hand_keys(okng_source_run *run, void *handle)
{
    for (size_t i = 0; i < run->key_count; i++) {
        if (run->config->kind->remember) run->config->kind->remember(handle, run->keys[i]);
        free(run->keys[i]);
    }
    run->key_count = 0;
}

static okng_status open_source(okng_source_run *run, okng_error *error)
{
    void *handle = NULL;
    OKNG_TRY(run->config->kind->open(&handle, run->config->settings, run->line, error));
    hand_keys(run, handle);
    (void)pthread_rwlock_wrlock(&run->use);
    run->handle = handle;
    (void)pthread_rwlock_unlock(&run->use);
    if (okng_line_set_state(run->line, &run->state, run->why, OKNG_PART_GOOD, ""))
        okng_line_tell(run->line, "source %s: runs", name_of(run));
    return OKNG_OK;
}

/* Frames may point into what the source owns: it is closed when all are through. */
static void close_source(okng_source_run *run)
{
    (void)pthread_mutex_lock(&run->line->lock);
    while (run->in_flight > 0) (void)pthread_cond_wait(&run->line->changed, &run->line->lock);
    (void)pthread_mutex_unlock(&run->line->lock);
    (void)pthread_rwlock_wrlock(&run->use);
    run->config->kind->close(&run->handle);
    run->handle = NULL;
    (void)pthread_rwlock_unlock(&run->use);
}

static void tell_failure(okng_source_run *run, const okng_error *error)
{
    if (okng_line_set_state(run->line, &run->state, run->why, OKNG_PART_FAILED, error->message))
        okng_line_tell(run->line, "source %s: %s", name_of(run), error->message);
}

/* ---- frames ---------------------------------------------------------------------------------------------------------
 */

/* Notes what holds for a frame from now on. */
static okng_taken *take(okng_source_run *run, const okng_frame *frame)
{
    okng_line *line = run->line;
    okng_taken *taken = malloc(sizeof *taken);
    if (!taken) return NULL;
    *taken = (okng_taken){.frame = *frame, .source = run, .arrived = okng_clock()};
    (void)pthread_mutex_lock(&line->lock);
    memcpy(taken->bank, line->bank, sizeof taken->bank);
    taken->recipe = line->recipe;
    run->in_flight++;
    run->frames++;
    taken->number = frame->number > 0 ? frame->number : run->frames;
    line->pictures++;
    (void)pthread_mutex_unlock(&line->lock);
    return taken;
}

static void hand_on(okng_source_run *run, const okng_frame *frame)
{
    okng_taken *taken = take(run, frame);
    while (!taken) { /* no memory for the few bytes: the picture is here, and must not vanish */
        (void)okng_line_pause(run->line, 0.01);
        taken = take(run, frame);
    }
    if (run->config->kind->live) {
        if (!okng_frame_queue_push(&run->line->frames, taken))
            okng_line_settle(run->line, taken, N_("the line was busy: as many pictures as may wait in memory did"));
        return;
    }
    while (!okng_frame_queue_push(&run->line->frames, taken))
        (void)okng_frame_queue_wait_room(&run->line->frames, OKNG_LINE_WAIT_MS);
}

/* Takes pictures until the source fails or the line stops. */
static okng_status pump(okng_source_run *run, okng_error *error)
{
    const okng_line_source_kind *kind = run->config->kind;
    while (!atomic_load(&run->line->stopping)) {
        okng_frame frame = {0};
        bool got = false;
        note_beat(run);
        if (!kind->live && !okng_frame_queue_wait_room(&run->line->frames, OKNG_LINE_WAIT_MS)) continue;
        OKNG_TRY(kind->next(run->handle, OKNG_LINE_WAIT_MS, &frame, &got, error));
        if (got) hand_on(run, &frame);
    }
    return OKNG_OK;
}

void *okng_line_source_thread(void *user)
{
    okng_source_run *run = user;
    double pause = 0;
    while (!atomic_load(&run->line->stopping)) {
        okng_error error;
        note_beat(run);
        okng_status status = open_source(run, &error);
        if (status == OKNG_OK) {
            const double began = okng_clock();
            status = pump(run, &error);
            close_source(run);
            if (okng_clock() - began > 60) pause = 0; /* it was well for a while */
        }
        if (status == OKNG_OK) break;
        tell_failure(run, &error);
        pause = okng_line_next_pause(pause, 1);
        for (double left = pause; left > 0 && okng_line_pause(run->line, left < 1 ? left : 1); left -= 1)
            note_beat(run);
    }
    return NULL;
}

/* ---- any thread ---------------------------------------------------------------------------------------------------
 * Also while the line begins: whose thread does not run yet is not open.
 */

static okng_source_run *find(okng_line *line, const char *name)
{
    for (size_t i = 0; i < line->config->source_count; i++)
        if (strcmp(name_of(&line->sources[i]), name) == 0) return &line->sources[i];
    return NULL;
}

static okng_status no_source(const char *name, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "the line has no source %.60s", name);
}

static okng_status not_open(const okng_source_run *run, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_BUSY, "source %s: is not open now", name_of(run));
}

static okng_status trigger(okng_source_run *run, okng_error *error)
{
    if (!run->config->kind->trigger)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "source %s: the kind %s takes no triggers", name_of(run),
                         run->config->kind->name);
    (void)pthread_rwlock_rdlock(&run->use);
    const okng_status status = run->handle ? run->config->kind->trigger(run->handle, error) : not_open(run, error);
    (void)pthread_rwlock_unlock(&run->use);
    return status;
}

okng_status okng_line_trigger(okng_line *line, const char *source, okng_error *error)
{
    if (source) {
        okng_source_run *run = find(line, source);
        return run ? trigger(run, error) : no_source(source, error);
    }
    bool any = false;
    for (size_t i = 0; i < line->config->source_count; i++) {
        okng_error why;
        const okng_status status = trigger(&line->sources[i], &why);
        if (status == OKNG_ERROR_UNSUPPORTED) continue; /* its kind takes none, or line.yaml says trigger: none */
        if (status != OKNG_OK) return okng_fail(error, status, "%s", why.message);
        any = true;
    }
    if (any) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "no source of the line takes triggers");
}

okng_status okng_line_look(okng_line *line, const char *source, okng_frame *frame, okng_error *error)
{
    okng_source_run *run = find(line, source);
    if (!run) return no_source(source, error);
    if (!run->config->kind->look)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "source %s: the kind %s has no live view", name_of(run),
                         run->config->kind->name);
    (void)pthread_rwlock_rdlock(&run->use);
    const okng_status status = run->handle ? run->config->kind->look(run->handle, frame, error) : not_open(run, error);
    (void)pthread_rwlock_unlock(&run->use);
    return status;
}

void *okng_line_source_take(okng_line *line, const char *source, const okng_line_source_kind *kind)
{
    okng_source_run *run = find(line, source);
    if (!run || run->config->kind != kind) return NULL;
    (void)pthread_rwlock_rdlock(&run->use);
    if (run->handle) return run->handle;
    (void)pthread_rwlock_unlock(&run->use);
    return NULL;
}

void okng_line_source_drop(okng_line *line, const char *source)
{
    okng_source_run *run = find(line, source);
    if (run) (void)pthread_rwlock_unlock(&run->use);
}
