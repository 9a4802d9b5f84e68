/* The writing thread: takes all that waits into one transaction. */
#include <errno.h>

#include "base/clock.h"
#include "history/inside.h"
#include "history/moment.h"

enum {
    BATCH = 256,     /* writes of one transaction, at most: nobody waits for thousands of others */
    REST_SECONDS = 1 /* between two looks at what is not urgent */
};

/* ---- one batch ----------------------------------------------------------------------------------------------------
 */

/* Where the database turns out to be damaged they come into a new one. */
static okng_status write_list(okng_history *history, okng_write *list, okng_error *error)
{
    okng_error why;
    OKNG_TRY(okng_history_stay_in_place(history, error));
    okng_status status = okng_transaction_all(&history->database, list, &why);
    if (status == OKNG_OK) return OKNG_OK;
    if (status != OKNG_ERROR_FORMAT) return okng_fail(error, status, "%s", why.message);
    OKNG_TRY(okng_history_put_aside(history, why.message, error));
    return okng_transaction_all(&history->database, list, error);
}

static okng_status write_batch(okng_history *history, okng_write *list, okng_error *error)
{
    const okng_status status = write_list(history, list, error);
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
            const struct timespec until = okng_moment_after(left);
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
