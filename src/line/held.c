#include "line/held.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t okng_held_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

okng_status okng_held_new(okng_held **out, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    okng_init(&(*out)->picture);
    (*out)->time = okng_held_now();
    atomic_init(&(*out)->holders, 1);
    return OKNG_OK;
}

void okng_held_drop(okng_held **held)
{
    okng_held *it = *held;
    *held = NULL;
    if (!it || atomic_fetch_sub(&it->holders, 1) != 1) return;
    if (it->give_back) it->give_back(it->owner);
    free(it->memory);
    free(it);
}

static void release(okng_frame *frame)
{
    okng_held *held = frame->owner;
    frame->owner = NULL;
    okng_held_drop(&held);
}

void okng_held_lend(okng_held *held, okng_frame *frame)
{
    (void)atomic_fetch_add(&held->holders, 1);
    frame->picture = held->picture;
    frame->time = held->time;
    frame->number = held->number;
    frame->owner = held;
    frame->release = release;
}

void okng_newest_init(okng_newest *newest)
{
    memset(newest, 0, sizeof *newest);
    (void)pthread_mutex_init(&newest->mutex, NULL);
}

void okng_newest_close(okng_newest *newest)
{
    okng_held_drop(&newest->held);
    (void)pthread_mutex_destroy(&newest->mutex);
}

void okng_newest_put(okng_newest *newest, okng_held *held)
{
    (void)atomic_fetch_add(&held->holders, 1);
    (void)pthread_mutex_lock(&newest->mutex);
    okng_held *before = newest->held;
    newest->held = held;
    (void)pthread_mutex_unlock(&newest->mutex);
    okng_held_drop(&before);
}

okng_status okng_newest_lend(okng_newest *newest, okng_frame *frame, okng_error *error)
{
    (void)pthread_mutex_lock(&newest->mutex);
    bool there = newest->held != NULL;
    if (there) okng_held_lend(newest->held, frame);
    (void)pthread_mutex_unlock(&newest->mutex);
    return there ? OKNG_OK : okng_fail(error, OKNG_ERROR_NOT_FOUND, "no picture has come yet");
}
