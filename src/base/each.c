#include "base/each.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/parallel.h"

typedef struct loop {
    okng_each_fn fn;
    void *context;
    okng_ticker *ticker;
    int64_t count;
    _Atomic int64_t next; /* thing that nobody has begun */
    _Atomic int64_t end;  /* things from this one on need not be done any more */
    pthread_mutex_t mutex;
    okng_status status; /* of thing `end` */
    okng_error failure;
} loop;

static void fail(loop *l, int64_t i, okng_status status, const okng_error *error)
{
    (void)pthread_mutex_lock(&l->mutex);
    if (i < atomic_load(&l->end)) {
        atomic_store(&l->end, i);
        l->status = status;
        l->failure = *error;
    }
    (void)pthread_mutex_unlock(&l->mutex);
}

static void go_through(loop *l, int thread)
{
    for (;;) {
        const int64_t i = atomic_fetch_add(&l->next, 1);
        if (i >= l->count || i >= atomic_load(&l->end) || okng_ticker_cancelled(l->ticker)) return;
        okng_error error = {0};
        okng_status status = l->fn(l->context, i, thread, &error);
        if (status != OKNG_OK)
            fail(l, i, status, &error);
        else
            (void)okng_ticker_advance(l->ticker, 1);
    }
}

/* One call for each thread, which goes on for as long as there is something to do. */
static void some(void *context, int64_t begin, int64_t end, int thread)
{
    (void)begin;
    (void)end;
    go_through(context, thread);
}

typedef struct waiting_thread {
    loop *loop;
    int number;
    pthread_t id;
} waiting_thread;

static void *run_waiting(void *context)
{
    const waiting_thread *own = context;
    go_through(own->loop, own->number);
    return NULL;
}

/* Returns how many of `more` there are. */
static int start_waiting(loop *l, waiting_thread *threads, int first, int more)
{
    int started = 0;
    while (threads && started < more) {
        waiting_thread *one = &threads[started];
        *one = (waiting_thread){.loop = l, .number = first + started};
        if (pthread_create(&one->id, NULL, run_waiting, one) != 0) break;
        started++;
    }
    return started;
}

okng_status okng_each(int threads, int64_t count, okng_each_fn fn, void *context, okng_ticker *ticker, const char *what,
                      okng_error *error)
{
    return okng_each_with(threads, 0, count, fn, context, ticker, what, error);
}

okng_status okng_each_with(int threads, int more, int64_t count, okng_each_fn fn, void *context, okng_ticker *ticker,
                           const char *what, okng_error *error)
{
    loop l = {.fn = fn, .context = context, .ticker = ticker, .count = count, .end = INT64_MAX};
    (void)pthread_mutex_init(&l.mutex, NULL);
    waiting_thread *waiting = more > 0 ? calloc((size_t)more, sizeof *waiting) : NULL;
    const int started = start_waiting(&l, waiting, threads, more);
    const int64_t busy = count < threads ? count : threads;
    okng_parallel_for(threads, busy, 1, some, &l);
    for (int t = 0; t < started; t++) (void)pthread_join(waiting[t].id, NULL);
    free(waiting);
    (void)pthread_mutex_destroy(&l.mutex);
    if (l.status != OKNG_OK) {
        if (error) *error = l.failure;
        return l.status;
    }
    if (okng_ticker_cancelled(ticker)) return okng_fail(error, OKNG_ERROR_CANCELLED, "%s was stopped", what);
    return OKNG_OK;
}
