/* The bounded queue of frames between sources and workers. */
#include <stdlib.h>

#include "line/clock.h"
#include "line/engine.h"

okng_status okng_frame_queue_init(okng_frame_queue *queue, size_t room, okng_error *error)
{
    pthread_condattr_t attributes;
    *queue = (okng_frame_queue){.room = room, .waiting = calloc(room, sizeof *queue->waiting)};
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&queue->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&queue->lock, NULL);
    return queue->waiting ? OKNG_OK : okng_fail_memory(error, room * sizeof *queue->waiting);
}

void okng_frame_queue_free(okng_frame_queue *queue)
{
    free(queue->waiting);
    (void)pthread_cond_destroy(&queue->changed);
    (void)pthread_mutex_destroy(&queue->lock);
}

bool okng_frame_queue_wait_room(okng_frame_queue *queue, int wait_ms)
{
    const struct timespec until = okng_clock_in(wait_ms);
    (void)pthread_mutex_lock(&queue->lock);
    while (queue->count == queue->room && !queue->closed)
        if (pthread_cond_timedwait(&queue->changed, &queue->lock, &until) != 0) break;
    const bool room = queue->count < queue->room && !queue->closed;
    (void)pthread_mutex_unlock(&queue->lock);
    return room;
}

bool okng_frame_queue_push(okng_frame_queue *queue, okng_taken *taken)
{
    (void)pthread_mutex_lock(&queue->lock);
    const bool room = queue->count < queue->room && !queue->closed;
    if (room) queue->waiting[(queue->first + queue->count++) % queue->room] = taken;
    (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->lock);
    return room;
}

okng_taken *okng_frame_queue_pop(okng_frame_queue *queue)
{
    okng_taken *taken = NULL;
    (void)pthread_mutex_lock(&queue->lock);
    while (queue->count == 0 && !queue->closed) (void)pthread_cond_wait(&queue->changed, &queue->lock);
    if (queue->count > 0) {
        taken = queue->waiting[queue->first];
        queue->first = (queue->first + 1) % queue->room;
        queue->count--;
        (void)pthread_cond_broadcast(&queue->changed);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return taken;
}

void okng_frame_queue_close(okng_frame_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->lock);
}

size_t okng_frame_queue_count(okng_frame_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    const size_t count = queue->count;
    (void)pthread_mutex_unlock(&queue->lock);
    return count;
}
