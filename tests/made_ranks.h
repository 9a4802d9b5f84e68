/* Ranks that are threads of one process: what programs do by MPI, for tests. */
#ifndef OKNG_TESTS_MADE_RANKS_H
#define OKNG_TESTS_MADE_RANKS_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/ranks.h"

enum { MADE_RANKS_MOST = 8 };

typedef struct made_message {
    int32_t from, to, tag;
    void *bytes;
    size_t size;
    struct made_message *next;
} made_message;

typedef struct made_ranks {
    int32_t count;
    okng_ranks ranks[MADE_RANKS_MOST];
    struct made_rank {
        struct made_ranks *all;
        int32_t rank;
    } places[MADE_RANKS_MOST];
    pthread_barrier_t barrier;
    void *gathered[MADE_RANKS_MOST]; /* of each rank, between two barriers */
    pthread_mutex_t mutex;           /* guards what follows */
    pthread_cond_t came;
    made_message *first;
    int64_t exchanges; /* calls of gather, of rank 0 */
} made_ranks;

static inline const char *made_ranks_name(void *context, int32_t rank)
{
    static const char *const names[] = {"rank 0", "rank 1", "rank 2", "rank 3", "rank 4", "rank 5", "rank 6", "rank 7"};
    (void)context;
    return names[rank];
}

static inline okng_status made_ranks_send(void *context, int32_t to, int32_t tag, const void *bytes, size_t size,
                                          okng_error *error)
{
    const struct made_rank *own = context;
    (void)error;
    made_message *message = malloc(sizeof *message), **end = &own->all->first;
    *message = (made_message){.from = own->rank, .to = to, .tag = tag, .bytes = malloc(size + 1), .size = size};
    if (size > 0) memcpy(message->bytes, bytes, size);
    pthread_mutex_lock(&own->all->mutex);
    while (*end) end = &(*end)->next;
    *end = message;
    pthread_cond_broadcast(&own->all->came);
    pthread_mutex_unlock(&own->all->mutex);
    return OKNG_OK;
}

static inline made_message **made_ranks_find(const struct made_rank *own, int32_t from, int32_t tag)
{
    made_message **at = &own->all->first;
    while (*at && !((*at)->to == own->rank && (*at)->tag == tag && (from < 0 || (*at)->from == from)))
        at = &(*at)->next;
    return at;
}

static inline okng_status made_ranks_receive(void *context, int32_t from, int32_t tag, int32_t *sender, void **bytes,
                                             size_t *size, okng_error *error)
{
    const struct made_rank *own = context;
    made_message **at;
    (void)error;
    pthread_mutex_lock(&own->all->mutex);
    while (!*(at = made_ranks_find(own, from, tag))) pthread_cond_wait(&own->all->came, &own->all->mutex);
    made_message *message = *at;
    *at = message->next;
    pthread_mutex_unlock(&own->all->mutex);
    if (sender) *sender = message->from;
    *bytes = message->bytes;
    *size = message->size;
    free(message);
    return OKNG_OK;
}

static inline int made_ranks_pending(void *context, int32_t from, int32_t tag)
{
    const struct made_rank *own = context;
    pthread_mutex_lock(&own->all->mutex);
    const int came = *made_ranks_find(own, from, tag) != NULL;
    pthread_mutex_unlock(&own->all->mutex);
    return came;
}

static inline okng_status made_ranks_gather(void *context, void *all, size_t unit, const int64_t *first,
                                            okng_error *error)
{
    const struct made_rank *own = context;
    (void)error;
    own->all->gathered[own->rank] = all;
    if (own->rank == 0) own->all->exchanges++;
    pthread_barrier_wait(&own->all->barrier);
    for (int32_t r = 0; r < own->all->count; r++) {
        const size_t begin = (size_t)first[r] * unit, bytes = (size_t)(first[r + 1] - first[r]) * unit;
        if (r != own->rank && bytes > 0) memcpy((char *)all + begin, (char *)own->all->gathered[r] + begin, bytes);
    }
    pthread_barrier_wait(&own->all->barrier);
    return OKNG_OK;
}

typedef void (*made_ranks_fn)(const okng_ranks *ranks, void *context);

typedef struct made_ranks_call {
    const okng_ranks *ranks;
    made_ranks_fn fn;
    void *context;
} made_ranks_call;

static inline void *made_ranks_start(void *context)
{
    const made_ranks_call *call = context;
    call->fn(call->ranks, call->context);
    return NULL;
}

/* Runs fn as each of `count` ranks, which must not assert: cmocka's assertions are of the main thread. Returns how
 * often they exchanged something. */
static inline int64_t made_ranks_run(int32_t count, made_ranks_fn fn, void *context)
{
    made_ranks all = {.count = count};
    pthread_t ids[MADE_RANKS_MOST];
    made_ranks_call calls[MADE_RANKS_MOST];
    pthread_barrier_init(&all.barrier, NULL, (unsigned)count);
    pthread_mutex_init(&all.mutex, NULL);
    pthread_cond_init(&all.came, NULL);
    for (int32_t r = 0; r < count; r++) {
        all.places[r] = (struct made_rank){&all, r};
        all.ranks[r] = (okng_ranks){.struct_size = sizeof(okng_ranks),
                                    .rank = r,
                                    .count = count,
                                    .context = &all.places[r],
                                    .name = made_ranks_name,
                                    .send = made_ranks_send,
                                    .receive = made_ranks_receive,
                                    .pending = made_ranks_pending,
                                    .gather = made_ranks_gather};
        calls[r] = (made_ranks_call){&all.ranks[r], fn, context};
    }
    for (int32_t r = 0; r < count; r++) pthread_create(&ids[r], NULL, made_ranks_start, &calls[r]);
    for (int32_t r = 0; r < count; r++) pthread_join(ids[r], NULL);
    for (made_message *next; all.first; all.first = next) {
        next = all.first->next;
        free(all.first->bytes);
        free(all.first);
    }
    pthread_barrier_destroy(&all.barrier);
    pthread_mutex_destroy(&all.mutex);
    pthread_cond_destroy(&all.came);
    return all.exchanges;
}

#endif
