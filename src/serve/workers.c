#include "serve/workers.h"

#include <pthread.h>
#include <stdlib.h>

struct okng_workers {
    pthread_mutex_t lock;
    pthread_cond_t more;
    okng_work *first, **last;
    size_t waiting, most, running;
    bool ending;
    size_t threads;
    pthread_t ids[];
};

/* The next work; NULL: the thread shall end. */
static okng_work *take(okng_workers *workers)
{
    (void)pthread_mutex_lock(&workers->lock);
    while (!workers->first && !workers->ending) (void)pthread_cond_wait(&workers->more, &workers->lock);
    okng_work *work = workers->first;
    if (work) {
        workers->first = work->next;
        if (!workers->first) workers->last = &workers->first;
        workers->waiting--;
        workers->running++;
    }
    (void)pthread_mutex_unlock(&workers->lock);
    return work;
}

static void *work_on(void *user)
{
    okng_workers *workers = user;
    for (okng_work *work; (work = take(workers));) {
        work->run(work);
        (void)pthread_mutex_lock(&workers->lock);
        workers->running--;
        (void)pthread_mutex_unlock(&workers->lock);
    }
    return NULL;
}

okng_status okng_workers_open(okng_workers **out, size_t threads, size_t waiting, okng_error *error)
{
    size_t size = sizeof **out + threads * sizeof(pthread_t);
    okng_workers *workers = *out = calloc(1, size);
    if (!workers) return okng_fail_memory(error, size);
    (void)pthread_mutex_init(&workers->lock, NULL);
    (void)pthread_cond_init(&workers->more, NULL);
    workers->last = &workers->first;
    workers->most = waiting;
    for (; workers->threads < threads; workers->threads++)
        if (pthread_create(&workers->ids[workers->threads], NULL, work_on, workers) != 0) {
            okng_status status =
                okng_fail(error, OKNG_ERROR_LIMIT, "the system gives %zu threads for requests, %zu are wanted",
                          workers->threads, threads);
            okng_workers_close(out);
            return status;
        }
    return OKNG_OK;
}

bool okng_workers_add(okng_workers *workers, okng_work *work)
{
    work->next = NULL;
    (void)pthread_mutex_lock(&workers->lock);
    bool room = workers->waiting < workers->most && !workers->ending;
    if (room) {
        *workers->last = work;
        workers->last = &work->next;
        workers->waiting++;
        (void)pthread_cond_signal(&workers->more);
    }
    (void)pthread_mutex_unlock(&workers->lock);
    return room;
}

void okng_workers_count(okng_workers *workers, size_t *waiting, size_t *running)
{
    (void)pthread_mutex_lock(&workers->lock);
    *waiting = workers->waiting;
    *running = workers->running;
    (void)pthread_mutex_unlock(&workers->lock);
}

void okng_workers_end(okng_workers *workers)
{
    (void)pthread_mutex_lock(&workers->lock);
    workers->ending = true;
    (void)pthread_cond_broadcast(&workers->more);
    (void)pthread_mutex_unlock(&workers->lock);
    for (size_t i = 0; i < workers->threads; i++) (void)pthread_join(workers->ids[i], NULL);
    workers->threads = 0;
}

void okng_workers_close(okng_workers **out)
{
    okng_workers *workers = *out;
    if (!workers) return;
    okng_workers_end(workers);
    (void)pthread_cond_destroy(&workers->more);
    (void)pthread_mutex_destroy(&workers->lock);
    free(workers);
    *out = NULL;
}
