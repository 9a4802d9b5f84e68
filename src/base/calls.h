/* Jobs in which rank 0 asks the other ranks for one thing after the other, whoever is free: pictures to be inspected,
 * which take longer or shorter and are wanted in their order. */
#ifndef OKNG_BASE_CALLS_H
#define OKNG_BASE_CALLS_H

#include "base/each.h"
#include "base/ranks.h"

/* Rank 0's side. May be shared by threads. */
typedef struct okng_calls okng_calls;

/* What rank 0 does with the others, once they have the job and before all agree that they can do it. */
typedef okng_status (*okng_prelude_fn)(const okng_ranks *ranks, const void *context, okng_error *error);
/* Hands out the job where there are other ranks, and none is at work; else *out is NULL, and so is it after a failure.
 * Errors: what the first rank says that cannot do it, by its name; those of `prelude`; MEMORY. */
okng_status okng_calls_open(okng_calls **out, const char *job, const okng_grown *parcel, okng_prelude_fn prelude,
                            const void *context, okng_error *error);
void okng_calls_close(okng_calls **calls); /* no call may be under way; NULL is fine */
/* Asks the rank of a slot, one of those that okng_shared_each gives, which one thread uses at a time, and waits. *reply
 * is malloc'd. Errors: those of the other rank, as if it had happened here; those of sending. */
okng_status okng_calls_ask(okng_calls *calls, int slot, const okng_grown *request, void **reply, size_t *size,
                           okng_error *error);

/* A loop over things that this process does, or asks another rank for. */
typedef struct okng_shared_loop {
    okng_calls *calls; /* NULL: all is done here */
    int threads;       /* here */
    void *context;
    okng_each_fn here;
    /* The same by asking: `slot` is that of okng_calls_ask. */
    okng_status (*asked)(void *context, int64_t i, int slot, okng_error *error);
} okng_shared_loop;
/* As okng_each, over 0..count-1. */
okng_status okng_shared_each(const okng_shared_loop *loop, int64_t count, okng_ticker *ticker, const char *what,
                             okng_error *error);
/* How many things such a loop has in hand at once. */
int okng_shared_width(const okng_shared_loop *loop);

/* Does what is asked for, in a thread of `threads`. */
typedef okng_status (*okng_answer_fn)(void *context, int thread, okng_parcel *request, okng_grown *reply,
                                      okng_error *error);
/* The other ranks' side, within a job: `mine` is whether this rank can do it, as told to okng_ranks_agree. Answers in
 * `threads` threads until the calls are closed. Errors: that the ranks agreed on; MEMORY. */
okng_status okng_calls_answer(const okng_ranks *ranks, okng_status mine, int threads, okng_answer_fn answer,
                              void *context, okng_error *error);

#endif
