/* The writing thread: takes all that waits into one transaction. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "history/inside.h"

enum {
    BATCH = 256,     /* writes of one transaction, at most: nobody waits for thousands of others */
    REST_SECONDS = 1 /* between two looks at what is not urgent */
};

/* ---- who waits --------------------------------------------------------------------------------------------------- */

static struct timespec after(double seconds)
{
    struct timespec moment;
    (void)clock_gettime(CLOCK_MONOTONIC, &moment);
    const double whole = floor(seconds);
    moment.tv_sec += (time_t)whole;
    moment.tv_nsec += (long)((seconds - whole) * 1e9);
    if (moment.tv_nsec >= 1000000000) {
        moment.tv_sec++;
        moment.tv_nsec -= 1000000000;
    }
    return moment;
}

/* With the mutex. BUSY when there was no room in time. */
static okng_status wait_for_room(okng_history *history, double patience, okng_error *error)
{
    const struct timespec until = after(patience < 0 ? 0 : patience > 3600 ? 3600 : patience);
    while (history->waiting >= history->options.queue && !history->closing)
        if (pthread_cond_timedwait(&history->room, &history->mutex, &until) == ETIMEDOUT) break;
    if (history->closing) return okng_fail(error, OKNG_ERROR_BUSY, "%s: is being closed", history->path);
    if (history->waiting < history->options.queue) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_BUSY, "%s: %d records wait to be written, as many as may", history->path,
                     history->waiting);
}

okng_status okng_history_write(okng_history *history, okng_write_fn *run, void *context, double patience,
                               okng_error *error)
{
    if (!history->started)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: was opened for reading alone", history->path);
    okng_write write = {.run = run, .context = context};
    (void)pthread_mutex_lock(&history->mutex);
    okng_status status = wait_for_room(history, patience, error);
    if (status == OKNG_OK) {
        *history->last = &write;
        history->last = &write.next;
        history->waiting++;
        (void)pthread_cond_signal(&history->work);
        while (!write.done) (void)pthread_cond_wait(&history->done, &history->mutex);
        status = write.status;
    }
    (void)pthread_mutex_unlock(&history->mutex);
    if (write.done && status != OKNG_OK) return okng_fail(error, status, "%s", write.why.message);
    return status;
}

/* ---- one transaction --------------------------------------------------------------------------------------------- */

static void roll_back(okng_database *database)
{
    if (!sqlite3_get_autocommit(database->sqlite)) (void)sqlite3_exec(database->sqlite, "ROLLBACK", NULL, NULL, NULL);
}

/* Whether a failure is the database's own, and not of what one of them asked for. */
static bool is_of_database(okng_status status)
{
    return status == OKNG_ERROR_IO || status == OKNG_ERROR_FORMAT || status == OKNG_ERROR_BUSY ||
           status == OKNG_ERROR_MEMORY || status == OKNG_ERROR_INTERNAL;
}

/* All of a list, or none of those that the database failed. */
static okng_status write_all(okng_database *database, okng_write *list, okng_error *error)
{
    okng_status status = okng_database_run(database, "BEGIN IMMEDIATE", error);
    for (okng_write *w = list; w && status == OKNG_OK; w = w->next) {
        w->status = w->run(database, w->context, &w->why);
        if (is_of_database(w->status)) status = okng_fail(error, w->status, "%s", w->why.message);
    }
    if (status == OKNG_OK) status = okng_database_run(database, "COMMIT", error);
    if (status != OKNG_OK) roll_back(database);
    return status;
}

okng_status okng_writer_transaction(okng_history *history, okng_write_fn *run, void *context, okng_error *error)
{
    okng_write write = {.run = run, .context = context};
    okng_status status = write_all(&history->database, &write, error);
    if (status == OKNG_OK && write.status != OKNG_OK) return okng_fail(error, write.status, "%s", write.why.message);
    return status;
}

/* The same for those who wait. Where the database turns out to be damaged they come into a new one. */
static okng_status write_batch(okng_history *history, okng_write *list, okng_error *error)
{
    okng_status status = okng_history_stay_in_place(history, error);
    if (status == OKNG_OK) status = write_all(&history->database, list, error);
    if (status == OKNG_ERROR_FORMAT) {
        const okng_error why = *error;
        status = okng_history_put_aside(history, why.message, error);
        if (status == OKNG_OK) status = write_all(&history->database, list, error);
    }
    for (okng_write *w = list; w && status != OKNG_OK; w = w->next) {
        w->status = status;
        w->why = *error;
    }
    return status;
}

/* ---- the thread -------------------------------------------------------------------------------------------------- */

/* With the mutex: the first of those that wait, as a list of their own. */
static okng_write *take_batch(okng_history *history)
{
    okng_write *list = history->first, **end = &list;
    int count = 0;
    for (; *end && count < BATCH; count++) end = &(*end)->next;
    history->first = *end;
    if (!*end) history->last = &history->first;
    *end = NULL;
    history->waiting -= count;
    (void)pthread_cond_broadcast(&history->room);
    return list;
}

/* With the mutex. */
static void wake_batch(okng_history *history, okng_write *list, okng_status status, const okng_error *why)
{
    history->state.failing = status != OKNG_OK;
    if (status != OKNG_OK) (void)snprintf(history->state.why, sizeof history->state.why, "%s", why->message);
    while (list) {
        okng_write *next = list->next; /* who is woken takes it away */
        list->done = true;
        list = next;
    }
    (void)pthread_cond_broadcast(&history->done);
}

/* What comes between writes. Returns seconds until the next time. */
static double rest(okng_history *history)
{
    okng_drift_tick(history);
    return okng_retention_tick(history) ? 0 : REST_SECONDS;
}

static void write_some(okng_history *history)
{
    okng_error why;
    okng_write *list = take_batch(history);
    (void)pthread_mutex_unlock(&history->mutex);
    const okng_status status = write_batch(history, list, &why);
    (void)pthread_mutex_lock(&history->mutex);
    wake_batch(history, list, status, &why);
}

/* Rests when that is due, however much waits, but never twice without a batch between. */
static void *run(void *context)
{
    okng_history *history = context;
    double due = 0;
    bool rested = false;
    (void)pthread_mutex_lock(&history->mutex);
    while (!history->closing || history->first) {
        const double left = due - okng_clock();
        if (history->first && (left > 0 || rested || history->closing)) {
            write_some(history);
            rested = false;
        } else if (left > 0) {
            const struct timespec until = after(left);
            (void)pthread_cond_timedwait(&history->work, &history->mutex, &until);
        } else {
            (void)pthread_mutex_unlock(&history->mutex);
            due = rest(history) + okng_clock();
            rested = true;
            (void)pthread_mutex_lock(&history->mutex);
        }
    }
    (void)pthread_mutex_unlock(&history->mutex);
    return NULL;
}

okng_status okng_writer_start(okng_history *history, okng_error *error)
{
    history->last = &history->first;
    const int reason = pthread_create(&history->thread, NULL, run, history);
    if (reason != 0) {
        errno = reason;
        return okng_fail_errno(error, "start a thread for", history->path);
    }
    history->started = true;
    return OKNG_OK;
}

void okng_writer_stop(okng_history *history)
{
    if (!history->started) return;
    (void)pthread_mutex_lock(&history->mutex);
    history->closing = true;
    (void)pthread_cond_broadcast(&history->work);
    (void)pthread_cond_broadcast(&history->room);
    (void)pthread_mutex_unlock(&history->mutex);
    (void)pthread_join(history->thread, NULL);
    history->started = false;
}
