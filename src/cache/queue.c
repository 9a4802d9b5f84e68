#include "cache/queue.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/parallel.h"

/* Open banks are served first until the oldest picture has waited so long, and for as long as all that waits takes
 * three times: opening a bank costs as much as some pictures, so the longer, the more pictures share it. */
#define STARVED 1.0 /* seconds */

typedef enum state { WAITING, BEGUN, DONE } state;

/* On the stack of who waits for it. */
typedef struct request {
    const char *name;
    okng_queue_work *work;
    void *context;
    okng_error *error;
    okng_status status;
    state state;
    double since;
    pthread_cond_t moved; /* it is DONE */
    struct request *next;
} request;

typedef struct worker {
    struct okng_queue *queue;
    pthread_t thread;
    pthread_cond_t came; /* a request, or the end */
    bool idle;
} worker;

struct okng_queue {
    okng_cache *cache;
    int32_t max_waiting, cores;
    worker workers[OKNG_QUEUE_WORKERS];
    pthread_mutex_t mutex; /* guards what follows, and all requests and workers */
    bool closing;
    request *first, **last; /* that wait, the oldest first */
    okng_queue_counts counts;
};

/* ---- what comes next: the mutex is held -------------------------------------------------------------------------- */

static bool is_open(const okng_queue *queue, const request *r)
{
    return okng_cache_holds(queue->cache, r->name);
}

static bool is_loading(const okng_queue *queue, const request *r)
{
    okng_cache_state known;
    okng_cache_look(queue->cache, r->name, &known);
    return known.loading;
}

static int32_t count_of(const okng_queue *queue, const char *name)
{
    int32_t count = 0;
    for (const request *r = queue->first; r; r = r->next) count += strcmp(r->name, name) == 0;
    return count;
}

/* Of banks that have to be opened, the one that most wait for; a second worker does not wait for the same one. */
static request *worth_opening(const okng_queue *queue)
{
    request *best = queue->first;
    int32_t most = 0;
    for (request *r = queue->first; r; r = r->next) {
        const int32_t count = is_loading(queue, r) ? 0 : count_of(queue, r->name);
        if (count > most) {
            best = r;
            most = count;
        }
    }
    return best;
}

static bool is_starved(const okng_queue *queue, const request *r)
{
    const okng_queue_counts *counts = &queue->counts;
    const double all = counts->seconds * (counts->waiting + counts->busy) / counts->workers;
    return okng_clock() - r->since > fmax(STARVED, 3 * all) && !is_loading(queue, r);
}

static request *choose(const okng_queue *queue)
{
    request *oldest = queue->first;
    if (is_starved(queue, oldest)) return oldest;
    for (request *r = oldest; r; r = r->next)
        if (is_open(queue, r)) return r;
    return worth_opening(queue);
}

static void take_out(okng_queue *queue, request *r)
{
    request **at = &queue->first;
    while (*at != r) at = &(*at)->next;
    *at = r->next;
    if (!*at) queue->last = at;
    queue->counts.waiting--;
}

/* ---- workers ----------------------------------------------------------------------------------------------------- */

static okng_status work_on(okng_queue *queue, const request *r, int32_t threads)
{
    okng_lease *lease;
    OKNG_TRY(okng_cache_take(queue->cache, r->name, &lease, r->error));
    okng_status status = r->work(r->context, okng_lease_bank(lease), okng_lease_hash(lease), threads, r->error);
    okng_lease_drop(&lease);
    return status;
}

/* The mutex is held, and is free while the work is done. The first worker alone uses all cores for a picture: each
 * that ever did so keeps a team of threads. */
static void serve(worker *self, request *r)
{
    okng_queue *queue = self->queue;
    take_out(queue, r);
    r->state = BEGUN;
    const bool alone = queue->counts.busy++ == 0 && !queue->first && self == queue->workers;
    (void)pthread_mutex_unlock(&queue->mutex);
    const double began = okng_clock();
    r->status = work_on(queue, r, alone ? queue->cores : 1);
    const double took = okng_clock() - began;
    (void)pthread_mutex_lock(&queue->mutex);
    okng_queue_counts *counts = &queue->counts;
    counts->seconds = counts->done == 0 ? took : 0.9 * counts->seconds + 0.1 * took;
    counts->done++;
    counts->busy--;
    r->state = DONE;
    (void)pthread_cond_signal(&r->moved);
}

static void *run_worker(void *argument)
{
    worker *self = argument;
    okng_queue *queue = self->queue;
    (void)pthread_mutex_lock(&queue->mutex);
    while (queue->first || !queue->closing) {
        if (queue->first) {
            serve(self, choose(queue));
            continue;
        }
        self->idle = true;
        (void)pthread_cond_wait(&self->came, &queue->mutex);
        self->idle = false;
    }
    (void)pthread_mutex_unlock(&queue->mutex);
    return NULL;
}

/* The mutex is held. The first that is idle, so that few pictures are always the same workers'. */
static void wake_worker(okng_queue *queue)
{
    for (int32_t i = 0; i < queue->counts.workers; i++) {
        if (!queue->workers[i].idle) continue;
        queue->workers[i].idle = false;
        (void)pthread_cond_signal(&queue->workers[i].came);
        return;
    }
}

static int start_worker(okng_queue *queue, worker *w)
{
    w->queue = queue;
    (void)pthread_cond_init(&w->came, NULL);
    const int failed = pthread_create(&w->thread, NULL, run_worker, w);
    if (failed) (void)pthread_cond_destroy(&w->came);
    return failed;
}

/* Signals are for the threads of who opened the queue. */
static okng_status start_workers(okng_queue *queue, int32_t wanted, okng_error *error)
{
    sigset_t all, before;
    int failed = 0;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    (void)pthread_mutex_lock(&queue->mutex);
    while (!failed && queue->counts.workers < wanted) {
        failed = start_worker(queue, &queue->workers[queue->counts.workers]);
        queue->counts.workers += !failed;
    }
    (void)pthread_mutex_unlock(&queue->mutex);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!failed) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MEMORY, "worker %d of %d could not be started: %s",
                     (int)queue->counts.workers + 1, (int)wanted, okng_reason_text(failed));
}

okng_status okng_queue_open(okng_queue **out, okng_cache *cache, const okng_queue_options *options, okng_error *error)
{
    *out = NULL;
    const int32_t cores = okng_thread_count(0);
    const int32_t workers = options->workers > 0 ? options->workers : cores;
    if (options->workers < 0 || workers > OKNG_QUEUE_WORKERS || options->max_waiting < 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%d workers and %d waiting pictures, expected 1 to %d and 1 or more", (int)workers,
                         (int)options->max_waiting, OKNG_QUEUE_WORKERS);
    okng_queue *queue = calloc(1, sizeof *queue);
    if (!queue) return okng_fail_memory(error, sizeof *queue);
    queue->cache = cache;
    queue->cores = cores;
    queue->max_waiting = options->max_waiting > 0 ? options->max_waiting : OKNG_QUEUE_WAITING;
    queue->last = &queue->first;
    (void)pthread_mutex_init(&queue->mutex, NULL);
    okng_status status = start_workers(queue, workers, error);
    if (status != OKNG_OK) okng_queue_close(&queue);
    *out = queue;
    return status;
}

void okng_queue_close(okng_queue **queue)
{
    if (!queue || !*queue) return;
    okng_queue *q = *queue;
    (void)pthread_mutex_lock(&q->mutex);
    q->closing = true;
    for (int32_t i = 0; i < q->counts.workers; i++) (void)pthread_cond_signal(&q->workers[i].came);
    (void)pthread_mutex_unlock(&q->mutex);
    for (int32_t i = 0; i < q->counts.workers; i++) {
        (void)pthread_join(q->workers[i].thread, NULL);
        (void)pthread_cond_destroy(&q->workers[i].came);
    }
    (void)pthread_mutex_destroy(&q->mutex);
    free(q);
    *queue = NULL;
}

/* ---- who waits --------------------------------------------------------------------------------------------------- */

static struct timespec later(double seconds)
{
    struct timespec when;
    (void)clock_gettime(CLOCK_MONOTONIC, &when);
    const double whole = floor(seconds);
    when.tv_sec += (time_t)whole;
    when.tv_nsec += (long)((seconds - whole) * 1e9);
    if (when.tv_nsec >= 1000000000) {
        when.tv_nsec -= 1000000000;
        when.tv_sec++;
    }
    return when;
}

/* The mutex is held. What was begun is waited for, as the caller's memory is in use. */
static void wait_for(okng_queue *queue, request *r, double patience)
{
    const bool bounded = patience < 1e9;
    const struct timespec end = later(bounded ? patience : 0);
    while (r->state != DONE) {
        if (!bounded || r->state == BEGUN) {
            (void)pthread_cond_wait(&r->moved, &queue->mutex);
        } else if (pthread_cond_timedwait(&r->moved, &queue->mutex, &end) == ETIMEDOUT && r->state == WAITING) {
            take_out(queue, r);
            queue->counts.expired++;
            r->status =
                okng_fail(r->error, OKNG_ERROR_BUSY,
                          "the picture was not begun within %.3g s, as others were before it; send it again, or "
                          "send fewer at a time",
                          patience);
            return;
        }
    }
}

/* The mutex is held. */
static void queue_up(okng_queue *queue, request *r, double patience)
{
    if (queue->counts.waiting >= queue->max_waiting) {
        queue->counts.refused++;
        r->status = okng_fail(r->error, OKNG_ERROR_BUSY,
                              "the queue is full, %d pictures wait already; send it again in a while, or send fewer at "
                              "a time",
                              (int)queue->counts.waiting);
        return;
    }
    *queue->last = r;
    queue->last = &r->next;
    queue->counts.waiting++;
    wake_worker(queue);
    wait_for(queue, r, patience);
}

okng_status okng_queue_run(okng_queue *queue, const char *name, okng_queue_work *work, void *context, double patience,
                           okng_error *error)
{
    request r = {.name = name, .work = work, .context = context, .error = error, .since = okng_clock()};
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&r.moved, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_lock(&queue->mutex);
    queue_up(queue, &r, patience);
    (void)pthread_mutex_unlock(&queue->mutex);
    (void)pthread_cond_destroy(&r.moved);
    return r.status;
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

typedef struct inspection {
    const okng_picture *picture;
    const okng_inspect_options *options;
    okng_inspected *out;
} inspection;

static okng_status inspect(void *context, const okng_bank *bank, const char *hash, int32_t threads, okng_error *error)
{
    const inspection *in = context;
    okng_inspect_options options = *in->options;
    options.threads = threads;
    const double began = okng_clock();
    OKNG_TRY(okng_inspect(&in->out->result, bank, in->picture, &options, error));
    in->out->seconds = okng_clock() - began;
    memcpy(in->out->hash, hash, sizeof in->out->hash);
    return OKNG_OK;
}

okng_status okng_queue_inspect(okng_queue *queue, const char *name, const okng_picture *picture,
                               const okng_inspect_options *options, double patience, okng_inspected *out,
                               okng_error *error)
{
    okng_inspect_options defaults;
    okng_inspect_options_init(&defaults);
    *out = (okng_inspected){0};
    inspection in = {picture, options ? options : &defaults, out};
    return okng_queue_run(queue, name, inspect, &in, patience, error);
}

void okng_inspected_free(okng_inspected *inspected)
{
    okng_result_free(&inspected->result);
    *inspected = (okng_inspected){0};
}

/* ---- what it knows ----------------------------------------------------------------------------------------------- */

okng_queue_counts okng_queue_count(okng_queue *queue)
{
    (void)pthread_mutex_lock(&queue->mutex);
    const okng_queue_counts counts = queue->counts;
    (void)pthread_mutex_unlock(&queue->mutex);
    return counts;
}

int32_t okng_queue_retry_after(okng_queue *queue)
{
    enum { LONGEST = 60 };
    const okng_queue_counts counts = okng_queue_count(queue);
    const double seconds = ceil(counts.seconds * (counts.waiting + counts.busy) / counts.workers);
    return seconds < 1 ? 1 : seconds > LONGEST ? LONGEST : (int32_t)seconds;
}
