#include "base/progress.h"

void okng_ticker_init(okng_ticker *ticker, okng_progress_fn callback, void *user)
{
    *ticker = (okng_ticker){
        .callback = callback, .user = user, .progress = {.struct_size = sizeof ticker->progress, .stage = ""}};
    (void)pthread_mutex_init(&ticker->mutex, NULL);
    atomic_init(&ticker->cancelled, false);
}

void okng_ticker_destroy(okng_ticker *ticker)
{
    (void)pthread_mutex_destroy(&ticker->mutex);
}

static void report(okng_ticker *ticker)
{
    if (ticker->callback && ticker->callback(&ticker->progress, ticker->user) != 0)
        atomic_store(&ticker->cancelled, true);
}

void okng_ticker_stage(okng_ticker *ticker, const char *stage, uint64_t total)
{
    if (!ticker) return;
    (void)pthread_mutex_lock(&ticker->mutex);
    ticker->progress.stage = stage;
    ticker->progress.done = 0;
    ticker->progress.total = total;
    report(ticker);
    (void)pthread_mutex_unlock(&ticker->mutex);
}

bool okng_ticker_advance(okng_ticker *ticker, uint64_t steps)
{
    if (!ticker) return true;
    (void)pthread_mutex_lock(&ticker->mutex);
    ticker->progress.done += steps;
    report(ticker);
    (void)pthread_mutex_unlock(&ticker->mutex);
    return !okng_ticker_cancelled(ticker);
}

bool okng_ticker_cancelled(const okng_ticker *ticker)
{
    return ticker && atomic_load(&ticker->cancelled);
}
