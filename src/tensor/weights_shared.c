/* Weights that several banks have open at a time are in memory once: the members of an ensemble, the banks of a server.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tensor/weights_build.h"

/* Of the file that it was read from: as long as that has not changed, who opens it gets what would be read. */
struct okng_weights_share {
    char sha256[65];
    struct stat file;
    okng_weights *weights;
    size_t users;
    struct okng_weights_share *next;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards what follows */
static struct okng_weights_share *all;

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool okng_weights_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

/* The mutex is held. */
static bool find(okng_weights **out, const struct stat *file, const char *sha256)
{
    for (struct okng_weights_share *share = all; share; share = share->next) {
        if (!okng_weights_same_file(&share->file, file) || strcmp(share->sha256, sha256) != 0) continue;
        share->users++;
        *out = share->weights;
        return true;
    }
    return false;
}

bool okng_weights_take_shared(okng_weights **out, const struct stat *file, const char *sha256)
{
    (void)pthread_mutex_lock(&mutex);
    bool found = find(out, file, sha256);
    (void)pthread_mutex_unlock(&mutex);
    return found;
}

okng_weights *okng_weights_share(okng_weights *weights, const struct stat *file, const char *sha256)
{
    okng_weights *there = weights;
    struct okng_weights_share *share = calloc(1, sizeof *share);
    (void)pthread_mutex_lock(&mutex);
    if (!find(&there, file, sha256) && share) {
        *share = (struct okng_weights_share){.file = *file, .weights = weights, .users = 1, .next = all};
        memcpy(share->sha256, sha256, sizeof share->sha256);
        weights->share = all = share;
        share = NULL;
    }
    (void)pthread_mutex_unlock(&mutex);
    free(share);
    return there;
}

bool okng_weights_unshare(okng_weights *weights)
{
    struct okng_weights_share *share = weights->share;
    if (!share) return true;
    (void)pthread_mutex_lock(&mutex);
    bool last = --share->users == 0;
    struct okng_weights_share **at = &all;
    while (last && *at != share) at = &(*at)->next;
    if (last) *at = share->next;
    (void)pthread_mutex_unlock(&mutex);
    if (last) free(share);
    return last;
}
