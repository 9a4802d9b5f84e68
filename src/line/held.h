/* Pictures that several hold at once: the line that inspects one, and people who look at it meanwhile. */
#ifndef OKNG_LINE_HELD_H
#define OKNG_LINE_HELD_H

#include <pthread.h>
#include <stdatomic.h>

#include "line/source.h"

/* A picture with the memory behind it, which goes when the last who holds it lets go. */
typedef struct okng_held {
    okng_picture picture;
    int64_t time;                   /* microseconds since 1970, UTC */
    uint64_t number;                /* of the source's own counting */
    void *memory;                   /* freed with it; may be NULL */
    void *owner;                    /* for give_back */
    void (*give_back)(void *owner); /* what else goes with it, from any thread; may be NULL */
    atomic_int holders;
} okng_held;

/* One holder, an empty picture, taken now. MEMORY. */
okng_status okng_held_new(okng_held **out, okng_error *error);
/* Lets go; accepts NULL and sets it to NULL. */
void okng_held_drop(okng_held **held);
/* Gives `frame` a hold of its own, with its picture, number and time; its release lets go. */
void okng_held_lend(okng_held *held, okng_frame *frame);

/* The newest picture of a source. Any thread. */
typedef struct okng_newest {
    pthread_mutex_t mutex;
    okng_held *held;
} okng_newest;

void okng_newest_init(okng_newest *newest);
void okng_newest_close(okng_newest *newest);
/* Takes a hold of its own in place of the one before. */
void okng_newest_put(okng_newest *newest, okng_held *held);
/* As a source's look: NOT_FOUND where there is none yet. */
okng_status okng_newest_lend(okng_newest *newest, okng_frame *frame, okng_error *error);

/* Microseconds since 1970, UTC. */
int64_t okng_held_now(void);

#endif
