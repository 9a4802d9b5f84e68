#include "base/each.h"

#include "base/error.h"
#include "base/parallel.h"

typedef struct loop {
    okng_each_fn fn;
    void *context;
    okng_ticker *ticker;
    _Atomic int64_t end; /* things from this one on need not be done any more */
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

static void some(void *context, int64_t begin, int64_t end, int thread)
{
    loop *l = context;
    for (int64_t i = begin; i < end && i < atomic_load(&l->end); i++) {
        if (okng_ticker_cancelled(l->ticker)) return;
        okng_error error = {0};
        okng_status status = l->fn(l->context, i, thread, &error);
        if (status != OKNG_OK)
            fail(l, i, status, &error);
        else
            (void)okng_ticker_advance(l->ticker, 1);
    }
}

okng_status okng_each(int threads, int64_t count, okng_each_fn fn, void *context, okng_ticker *ticker, const char *what,
                      okng_error *error)
{
    loop l = {.fn = fn, .context = context, .ticker = ticker, .end = INT64_MAX};
    (void)pthread_mutex_init(&l.mutex, NULL);
    okng_parallel_for(threads, count, 1, some, &l);
    (void)pthread_mutex_destroy(&l.mutex);
    if (l.status != OKNG_OK) {
        if (error) *error = l.failure;
        return l.status;
    }
    if (okng_ticker_cancelled(ticker)) return okng_fail(error, OKNG_ERROR_CANCELLED, "%s was stopped", what);
    return OKNG_OK;
}
