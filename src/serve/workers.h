/* Threads that run handlers, so that a slow one never stalls the loop that serves all connections. */
#ifndef OKNG_SERVE_WORKERS_H
#define OKNG_SERVE_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct okng_workers okng_workers; /* threads may share it */

/* Work to be done: the first member of what has more. */
typedef struct okng_work {
    struct okng_work *next;
    void (*run)(struct okng_work *work);
} okng_work;

/* `threads` are made at once; at most `waiting` pieces of work stand in line. Errors: MEMORY, LIMIT. */
okng_status okng_workers_open(okng_workers **out, size_t threads, size_t waiting, okng_error *error);
/* Puts work in line; false when the line is full. */
bool okng_workers_add(okng_workers *workers, okng_work *work);
void okng_workers_count(okng_workers *workers, size_t *waiting, size_t *running);
/* Waits for all that is in line and ends the threads; nothing is taken any more. */
void okng_workers_end(okng_workers *workers);
void okng_workers_close(okng_workers **workers); /* ends them too */

#endif
