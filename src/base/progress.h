/* Serialised progress reports from any number of threads, and cancelling. */
#ifndef OKNG_BASE_PROGRESS_H
#define OKNG_BASE_PROGRESS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "okng/experimental.h"

/* May be shared by threads. */
typedef struct okng_ticker {
    okng_progress_fn callback; /* may be NULL */
    void *user;
    pthread_mutex_t mutex;
    okng_progress progress;
    atomic_bool cancelled;
} okng_ticker;

void okng_ticker_init(okng_ticker *ticker, okng_progress_fn callback, void *user);
void okng_ticker_destroy(okng_ticker *ticker);
/* Starts a stage of `total` steps; reports 0 done. `stage` is static. */
void okng_ticker_stage(okng_ticker *ticker, const char *stage, uint64_t total);
/* Counts `steps` more done and reports. Returns false once the callback has asked to stop. `ticker` may be NULL. */
bool okng_ticker_advance(okng_ticker *ticker, uint64_t steps);
bool okng_ticker_cancelled(const okng_ticker *ticker);

#endif
