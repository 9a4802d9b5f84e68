#include "engine/onednn/constants.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/xxh64.h"

enum { BUCKETS = 1024, LEAST = 4096 /* bytes that are worth looking for */ };

typedef struct shared {
    void *data;
    size_t bytes, users;
    struct shared *next;
} shared;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards what follows */
static shared *buckets[BUCKETS];
static uint64_t saved;

/* By their first bytes alone: all are compared before two are taken for one. */
static shared **bucket_of(const void *data, size_t bytes)
{
    return &buckets[(okng_xxh64(data, LEAST) + bytes) % BUCKETS];
}

/* The mutex is held. */
static shared *find(shared *first, const void *data, size_t bytes)
{
    while (first && (first->bytes != bytes || memcmp(first->data, data, bytes) != 0)) first = first->next;
    return first;
}

void *okng_constant_share(void *data, size_t bytes)
{
    if (!data || bytes < LEAST) return data;
    shared **bucket = bucket_of(data, bytes), *fresh = malloc(sizeof *fresh);
    void *kept = data;
    (void)pthread_mutex_lock(&mutex);
    shared *there = find(*bucket, data, bytes);
    if (there) {
        there->users++;
        saved += bytes;
        kept = there->data;
    } else if (fresh) { /* else it stays alone */
        *fresh = (shared){data, bytes, 1, *bucket};
        *bucket = fresh;
        fresh = NULL;
    }
    (void)pthread_mutex_unlock(&mutex);
    if (kept != data) free(data);
    free(fresh);
    return kept;
}

/* The mutex is held. Whether the memory is nobody's any more; *entry is to be freed then, where there was one. */
static bool drop(void *data, size_t bytes, shared **entry)
{
    shared **at = bucket_of(data, bytes);
    while (*at && (*at)->data != data) at = &(*at)->next;
    if (!*at) return true;
    if (--(*at)->users > 0) {
        saved -= bytes;
        return false;
    }
    *entry = *at;
    *at = (*at)->next;
    return true;
}

void okng_constant_release(void *data, size_t bytes)
{
    shared *entry = NULL;
    if (!data) return;
    bool last = true;
    if (bytes >= LEAST) {
        (void)pthread_mutex_lock(&mutex);
        last = drop(data, bytes, &entry);
        (void)pthread_mutex_unlock(&mutex);
    }
    free(entry);
    if (last) free(data);
}

uint64_t okng_constants_saved(void)
{
    (void)pthread_mutex_lock(&mutex);
    const uint64_t now = saved;
    (void)pthread_mutex_unlock(&mutex);
    return now;
}
