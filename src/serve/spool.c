#include "serve/spool.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

const okng_spool okng_spool_empty = {.descriptor = -1};

/* Bytes that all spools of the process have in memory: rooms, not sizes. */
static atomic_size_t in_memory;

static void free_memory(okng_spool *spool)
{
    free(spool->memory);
    atomic_fetch_sub(&in_memory, spool->room);
    spool->memory = NULL;
    spool->room = 0;
}

/* Makes room for `size` bytes more, where that much may be in memory. */
static bool have_room(okng_spool *spool, size_t size)
{
    size_t need = spool->size + size, room = spool->room ? spool->room : 4096;
    if (need <= spool->room) return true;
    if (need > OKNG_SPOOL_MEMORY) return false;
    while (room < need) room *= 2;
    size_t more = room - spool->room;
    if (atomic_fetch_add(&in_memory, more) + more > OKNG_SPOOL_MEMORY_ALL) {
        atomic_fetch_sub(&in_memory, more);
        return false;
    }
    char *grown = realloc(spool->memory, room);
    if (!grown) {
        atomic_fetch_sub(&in_memory, more);
        return false;
    }
    spool->memory = grown;
    spool->room = room;
    return true;
}

static okng_status write_all(int descriptor, const char *bytes, size_t size, okng_error *error)
{
    while (size > 0) {
        ssize_t done = write(descriptor, bytes, size);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return okng_fail_errno(error, "keep what is uploaded in", "a temporary file");
        bytes += done;
        size -= (size_t)done;
    }
    return OKNG_OK;
}

static okng_status go_to_file(okng_spool *spool, okng_error *error)
{
    OKNG_TRY(okng_temporary_file(&spool->descriptor, "an upload", error));
    OKNG_TRY(write_all(spool->descriptor, spool->memory, spool->size, error));
    free_memory(spool);
    return OKNG_OK;
}

okng_status okng_spool_add(okng_spool *spool, const void *bytes, size_t size, okng_error *error)
{
    if (size == 0) return OKNG_OK;
    if (spool->descriptor < 0 && have_room(spool, size)) {
        memcpy(spool->memory + spool->size, bytes, size);
    } else {
        if (spool->descriptor < 0) OKNG_TRY(go_to_file(spool, error));
        OKNG_TRY(write_all(spool->descriptor, bytes, size, error));
    }
    spool->size += size;
    return OKNG_OK;
}

okng_status okng_spool_seal(okng_spool *spool, const void **data, okng_error *error)
{
    *data = spool->map ? spool->map : spool->memory;
    if (spool->descriptor < 0) return OKNG_OK;
    /* The file has no name, so nobody else can make it shorter under the map. */
    spool->map = mmap(NULL, spool->size, PROT_READ, MAP_PRIVATE, spool->descriptor, 0);
    if (spool->map == MAP_FAILED) {
        spool->map = NULL;
        return okng_fail_memory(error, spool->size);
    }
    (void)close(spool->descriptor); /* the map holds the file: a form of many parts takes few descriptors */
    spool->descriptor = -1;
    *data = spool->map;
    return OKNG_OK;
}

void okng_spool_clear(okng_spool *spool)
{
    if (spool->map) (void)munmap(spool->map, spool->size);
    if (spool->descriptor >= 0) (void)close(spool->descriptor);
    free_memory(spool);
    *spool = okng_spool_empty;
}
