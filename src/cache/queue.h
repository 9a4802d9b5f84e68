/* Work that waits for a bank, and the threads that do it: as many pictures at a time as there are workers, in an order
 * that serves open banks first, so that a full queue does not spend its time on opening and closing banks.
 *
 * Alone, a picture gets all cores; where several are there, each gets one, which is what gives the most pictures in a
 * second. Results do not depend on it. */
#ifndef OKNG_CACHE_QUEUE_H
#define OKNG_CACHE_QUEUE_H

#include "cache/cache.h"

/* May be shared by threads. */
typedef struct okng_queue okng_queue;

typedef struct okng_queue_options {
    int32_t workers;     /* 0 = one for each core that the process may use */
    int32_t max_waiting; /* that are not begun; 0 = OKNG_QUEUE_WAITING */
} okng_queue_options;

enum { OKNG_QUEUE_WAITING = 64, OKNG_QUEUE_WORKERS = 256 };

/* The cache outlives it. Errors: ARGUMENT, MEMORY (also where a thread cannot be had). */
okng_status okng_queue_open(okng_queue **out, okng_cache *cache, const okng_queue_options *options, okng_error *error);
/* When nobody is in a call of okng_queue_run any more. NULL is fine; sets it to NULL. */
void okng_queue_close(okng_queue **queue);

/* What a worker does with a bank. `hash` is okng_lease_hash; `threads`: cores that it may use. */
typedef okng_status okng_queue_work(void *context, const okng_bank *bank, const char *hash, int32_t threads,
                                    okng_error *error);
/* Has a worker take bank `name` and do the work with it; returns when that is done, with what it returned. Errors: BUSY
 * where the queue is full, or where the work was not begun within `patience` seconds (infinite: as long as it takes);
 * those of okng_cache_take. */
okng_status okng_queue_run(okng_queue *queue, const char *name, okng_queue_work *work, void *context, double patience,
                           okng_error *error);

/* What came of a picture. */
typedef struct okng_inspected {
    okng_result *result; /* okng_inspected_free releases it */
    char hash[65];       /* okng_lease_hash of the bank that it was inspected with */
    double seconds;      /* that the inspection took, without waiting */
} okng_inspected;
/* okng_queue_run of okng_inspect; `options` NULL: the defaults; their `threads` are the queue's. Errors: likewise; *out
 * is zeroed then. */
okng_status okng_queue_inspect(okng_queue *queue, const char *name, const okng_picture *picture,
                               const okng_inspect_options *options, double patience, okng_inspected *out,
                               okng_error *error);
void okng_inspected_free(okng_inspected *inspected); /* zeroed is fine */

typedef struct okng_queue_counts {
    uint64_t done, refused, expired; /* since it was opened: begun and ended, not taken, not begun in time */
    int32_t workers, busy, waiting;  /* now */
    double seconds;                  /* about, that a work takes; 0 before the first */
} okng_queue_counts;
okng_queue_counts okng_queue_count(okng_queue *queue);
/* Whole seconds, at least 1, after which who was refused may come again. */
int32_t okng_queue_retry_after(okng_queue *queue);

#endif
