#include "base/each.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/parallel.h"

typedef struct loop {
    okng_each_few_fn fn;
    void *context;
    okng_ticker *ticker;
    int64_t count, at_once;
    _Atomic int64_t next; /* thing that nobody has begun */
    _Atomic int64_t end;  /* things from this one on need not be done any more */
    pthread_mutex_t mutex;
    okng_status status; /* of the few that begin with thing `end` */
    okng_error failure;
} loop;

static void fail(loop *l, int64_t first, okng_status status, const okng_error *error)
{
    (void)pthread_mutex_lock(&l->mutex);
    if (first < atomic_load(&l->end)) {
        atomic_store(&l->end, first);
        l->status = status;
        l->failure = *error;
    }
    (void)pthread_mutex_unlock(&l->mutex);
}

static void go_through(loop *l, int thread)
{
    for (;;) {
        const int64_t first = atomic_fetch_add(&l->next, l->at_once), left = l->count - first;
        if (left <= 0 || first >= atomic_load(&l->end) || okng_ticker_cancelled(l->ticker)) return;
        const int64_t few = left < l->at_once ? left : l->at_once;
        okng_error error = {0};
        okng_status status = l->fn(l->context, first, few, thread, &error);
        if (status != OKNG_OK)
            fail(l, first, status, &error);
        else
            (void)okng_ticker_advance(l->ticker, (uint64_t)few);
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

static okng_status run(loop *l, int threads, int more, const char *what, okng_error *error)
{
    (void)pthread_mutex_init(&l->mutex, NULL);
    waiting_thread *waiting = more > 0 ? calloc((size_t)more, sizeof *waiting) : NULL;
    const int started = start_waiting(l, waiting, threads, more);
    const int64_t few = (l->count + l->at_once - 1) / l->at_once, busy = few < threads ? few : threads;
    okng_parallel_for(threads, busy, 1, some, l);
    for (int t = 0; t < started; t++) (void)pthread_join(waiting[t].id, NULL);
    free(waiting);
    (void)pthread_mutex_destroy(&l->mutex);
    if (l->status != OKNG_OK) {
        if (error) *error = l->failure;
        return l->status;
    }
    if (okng_ticker_cancelled(l->ticker)) return okng_fail(error, OKNG_ERROR_CANCELLED, "%s was stopped", what);
    return OKNG_OK;
}

/* ---- few at a time ---- */

int64_t okng_each_at_once(int64_t count, int threads, int64_t most)
{
    enum { ROUNDS = 2 }; /* of each thread: one that began late, or has slow ones, leaves the rest to the others */
    const int64_t each = count / ((int64_t)threads * ROUNDS);
    return each < 1 ? 1 : each < most ? each : most;
}

okng_status okng_each_few(int threads, int64_t count, int64_t at_once, okng_each_few_fn fn, void *context,
                          okng_ticker *ticker, const char *what, okng_error *error)
{
    loop l = {.fn = fn, .context = context, .ticker = ticker, .count = count, .at_once = at_once, .end = INT64_MAX};
    return run(&l, threads, 0, what, error);
}

/* ---- one at a time ---- */

typedef struct singly {
    okng_each_fn fn;
    void *context;
} singly;

static okng_status do_one(void *context, int64_t first, int64_t count, int thread, okng_error *error)
{
    (void)count;
    const singly *s = context;
    return s->fn(s->context, first, thread, error);
}

okng_status okng_each_with(int threads, int more, int64_t count, okng_each_fn fn, void *context, okng_ticker *ticker,
                           const char *what, okng_error *error)
{
    singly s = {fn, context};
    loop l = {.fn = do_one, .context = &s, .ticker = ticker, .count = count, .at_once = 1, .end = INT64_MAX};
    return run(&l, threads, more, what, error);
}

okng_status okng_each(int threads, int64_t count, okng_each_fn fn, void *context, okng_ticker *ticker, const char *what,
                      okng_error *error)
{
    return okng_each_with(threads, 0, count, fn, context, ticker, what, error);
}
