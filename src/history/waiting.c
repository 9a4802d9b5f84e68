/* Who gives the writing thread something to write, and waits for what comes of it. */
#include <errno.h>

#include "history/inside.h"
#include "history/moment.h"

/* With the mutex. BUSY when there was no room in time. */
static okng_status wait_for_room(okng_history *history, double patience, okng_error *error)
{
    const struct timespec until = okng_moment_after(patience < 0 ? 0 : patience > 3600 ? 3600 : patience);
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
