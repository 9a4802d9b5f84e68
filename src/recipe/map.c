#include "recipe/map.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"

/* ---- the guard --------------------------------------------------------------------------------------------------- */

/* What the handler may look at: fixed, without locks. A slot is somebody's while `size` is not 0. */
typedef struct guarded {
    _Atomic(uintptr_t) begin;
    _Atomic(size_t) size; /* bytes, whole pages; 0: free */
    atomic_bool taken, lost;
} guarded;

static guarded slots[OKNG_MAPS_MAX];
static struct sigaction before[2]; /* what answered the signal until then: */
static atomic_int in_force;        /* this one of the two, which is not written to again while it is */
static atomic_int passing;         /* the thread that is in pass_on; 0: none */
static uintptr_t page_bytes;

static guarded *slot_of(uintptr_t address)
{
    for (int i = 0; i < OKNG_MAPS_MAX; i++) {
        const size_t size = atomic_load(&slots[i].size);
        const uintptr_t begin = atomic_load(&slots[i].begin);
        if (size > 0 && address >= begin && address - begin < size) return &slots[i];
    }
    return NULL;
}

/* To whoever had the signal before us. Where that was nobody, or hands it to us in turn, it does what it does by
 * default. */
static void pass_on(int number, siginfo_t *info, void *context)
{
    const struct sigaction *theirs = &before[atomic_load(&in_force)];
    const int self = (int)gettid();
    if (atomic_load(&passing) != self && (theirs->sa_flags & SA_SIGINFO)) {
        atomic_store(&passing, self);
        theirs->sa_sigaction(number, info, context);
        atomic_store(&passing, 0);
    } else if (atomic_load(&passing) != self && theirs->sa_handler != SIG_DFL && theirs->sa_handler != SIG_IGN) {
        atomic_store(&passing, self);
        theirs->sa_handler(number);
        atomic_store(&passing, 0);
    } else {
        struct sigaction otherwise = {.sa_handler = SIG_DFL};
        (void)sigaction(number, &otherwise, NULL); /* the look that failed is made again, and ends the process */
    }
}

/* Zeros in place of the page that could not be had and of all behind it, which a shorter file has lost as well. */
static void answer(int number, siginfo_t *info, void *context)
{
    const int saved = errno;
    const uintptr_t address = (uintptr_t)info->si_addr, page = address - address % page_bytes;
    guarded *slot = info->si_code == BUS_ADRERR || info->si_code == BUS_OBJERR ? slot_of(address) : NULL;
    bool answered = false;
    if (slot) {
        const size_t left = atomic_load(&slot->size) - (size_t)(page - atomic_load(&slot->begin));
        atomic_store(&slot->lost, true);
        answered = mmap((void *)page, left, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
                        0) != MAP_FAILED;
    }
    if (!answered) pass_on(number, info, context);
    errno = saved;
}

/* Ours is the handler, and whoever had come into its place is told of what is not ours. */
void okng_map_guard(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    struct sigaction now, ours = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    ours.sa_sigaction = answer;
    (void)sigemptyset(&ours.sa_mask);
    if (sigaction(SIGBUS, NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) && now.sa_sigaction == answer) return;
    (void)pthread_mutex_lock(&mutex);
    page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    if (sigaction(SIGBUS, NULL, &now) == 0 && !((now.sa_flags & SA_SIGINFO) && now.sa_sigaction == answer)) {
        const int other = 1 - atomic_load(&in_force);
        before[other] = now;
        atomic_store(&in_force, other);
        (void)sigaction(SIGBUS, &ours, NULL);
    }
    (void)pthread_mutex_unlock(&mutex);
}

/* -1: all are taken. */
static int take_slot(const void *data, size_t size)
{
    okng_map_guard();
    for (int i = 0; i < OKNG_MAPS_MAX; i++) {
        bool expected = false;
        if (!atomic_compare_exchange_strong(&slots[i].taken, &expected, true)) continue;
        atomic_store(&slots[i].lost, false);
        atomic_store(&slots[i].begin, (uintptr_t)data);
        atomic_store(&slots[i].size, (size + page_bytes - 1) / page_bytes * page_bytes);
        return i;
    }
    return -1;
}

/* ---- the map ----------------------------------------------------------------------------------------------------- */

static okng_status read_whole(okng_map *map, okng_error *error)
{
    unsigned char *data = okng_alloc(map->size, 1);
    if (!data) return okng_fail_memory(error, map->size);
    size_t done = 0;
    map->data = data;
    while (done < map->size) {
        const ssize_t got = pread(map->descriptor, data + done, map->size - done, (off_t)done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return okng_fail_errno(error, "read", map->path);
        if (got == 0)
            return okng_fail(error, OKNG_ERROR_IO, "%s: changed while it was read; try again when nobody writes to it",
                             map->path);
        done += (size_t)got;
    }
    return OKNG_OK;
}

/* False where it cannot be had; nothing is changed then. */
static bool map_it(okng_map *map)
{
    void *data = mmap(NULL, map->size, PROT_READ, MAP_SHARED, map->descriptor, 0);
    if (data == MAP_FAILED) return false;
    map->slot = take_slot(data, map->size);
    if (map->slot < 0) {
        (void)munmap(data, map->size);
        return false;
    }
    map->data = data;
    return true;
}

static okng_status open_map(okng_map *map, okng_error *error)
{
    if (fstat(map->descriptor, &map->began) != 0) return okng_fail_errno(error, "read", map->path);
    map->size = (size_t)map->began.st_size;
    if (map->size == 0 || map_it(map)) return OKNG_OK;
    OKNG_TRY(read_whole(map, error));
    OKNG_TRY(okng_map_settled(map, error));
    (void)close(map->descriptor);
    map->descriptor = -1;
    return OKNG_OK;
}

okng_status okng_map_open(okng_map *map, int descriptor, const char *path, okng_error *error)
{
    *map = (okng_map){.path = strdup(path), .descriptor = descriptor, .slot = -1};
    if (!map->path) {
        (void)close(descriptor);
        return okng_fail_memory(error, strlen(path));
    }
    okng_status status = open_map(map, error);
    if (status != OKNG_OK) okng_map_close(map);
    return status;
}

void okng_map_close(okng_map *map)
{
    if (!map->path) return;
    if (map->slot >= 0) { /* the guard forgets it before the addresses can be somebody else's */
        atomic_store(&slots[map->slot].size, 0);
        (void)munmap((void *)(uintptr_t)map->data, map->size);
        atomic_store(&slots[map->slot].taken, false);
    } else {
        free((void *)(uintptr_t)map->data);
    }
    if (map->descriptor >= 0) (void)close(map->descriptor);
    free(map->path);
    *map = (okng_map){.descriptor = -1, .slot = -1};
}

/* By what is in it alone, as base/file_read.c does: whoever renames, links or removes it changes nothing. */
static bool is_as_it_was(const struct stat *now, const struct stat *began)
{
    return now->st_size == began->st_size && now->st_mtim.tv_sec == began->st_mtim.tv_sec &&
           now->st_mtim.tv_nsec == began->st_mtim.tv_nsec;
}

okng_status okng_map_settled(const okng_map *map, okng_error *error)
{
    struct stat now;
    if (map->descriptor < 0) return OKNG_OK;
    if (fstat(map->descriptor, &now) != 0) return okng_fail_errno(error, "read", map->path);
    if (now.st_size < map->began.st_size)
        return okng_fail(error, OKNG_ERROR_IO,
                         "%s: was made shorter while it was in use (%lld bytes, %lld when it was opened); put a whole "
                         "one in its place by renaming, then open it again",
                         map->path, (long long)now.st_size, (long long)map->began.st_size);
    if (!is_as_it_was(&now, &map->began))
        return okng_fail(error, OKNG_ERROR_IO,
                         "%s: was written to while it was in use; put another in its place by renaming, then open it "
                         "again",
                         map->path);
    if (map->slot < 0 || !atomic_load(&slots[map->slot].lost)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_IO, "%s: could not be read while it was in use; open it again", map->path);
}
