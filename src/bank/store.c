#include "bank/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

struct okng_store {
    int64_t first, capacity, dim;
    size_t row_bytes;
    float *rows;         /* NULL when they are in the file, or borrowed */
    const float *memory; /* rows, or what is borrowed; NULL when they are in the file */
    int descriptor;      /* -1 when they are in memory */
};

/* The folder of temporary files, for messages; as okng_temporary_file chooses it. */
static const char *temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/var/tmp";
}

static okng_status no_room(const okng_store *store, int reason, okng_error *error)
{
    double mib = 1.0 / (1 << 20), need = (double)store->capacity * (double)store->row_bytes * mib;
    struct statvfs disk;
    double room = fstatvfs(store->descriptor, &disk) == 0 ? (double)disk.f_bavail * (double)disk.f_frsize * mib : 0;
    return okng_fail(
        error, OKNG_ERROR_IO,
        "%s: the temporary file for the patch vectors needs %.1f MiB, %.1f MiB are free: %s; set TMPDIR to "
        "a folder with room, or keep fewer vectors with reservoir-max",
        temporary_folder(), need, room, okng_reason_text(reason));
}

/* Reserves the room of the whole file, so that a full disk shows before any work. Where the file system cannot
 * reserve, its free space is asked instead, for glibc would write every block. */
static int reserve(int descriptor, uint64_t bytes)
{
    if (bytes > INT64_MAX) return EFBIG;
    int done;
    do done = fallocate(descriptor, 0, 0, (off_t)bytes);
    while (done != 0 && errno == EINTR);
    if (done == 0) return 0;
    if (errno != EOPNOTSUPP && errno != ENOSYS) return errno;
    struct statvfs disk;
    if (fstatvfs(descriptor, &disk) != 0) return errno;
    if ((uint64_t)disk.f_bavail * disk.f_frsize < bytes) return ENOSPC;
    return ftruncate(descriptor, (off_t)bytes) == 0 ? 0 : errno;
}

static okng_status open_file(okng_store *store, size_t bytes, okng_error *error)
{
    OKNG_TRY(okng_temporary_file(&store->descriptor, "the patch vectors", error));
    int reason = reserve(store->descriptor, bytes);
    return reason == 0 ? OKNG_OK : no_room(store, reason, error);
}

okng_status okng_store_new(okng_store **out, int64_t capacity, int64_t dim, uint64_t budget, okng_error *error)
{
    return okng_store_new_part(out, 0, capacity, dim, budget, error);
}

okng_status okng_store_new_part(okng_store **out, int64_t first, int64_t capacity, int64_t dim, uint64_t budget,
                                okng_error *error)
{
    *out = NULL;
    size_t bytes = 0;
    if (capacity < 1 || dim < 1 || !okng_mul_size((size_t)capacity, (size_t)dim, &bytes) ||
        !okng_mul_size(bytes, sizeof(float), &bytes))
        return okng_fail(error, OKNG_ERROR_LIMIT, "%lld vectors of %lld values cannot be kept; use reservoir-max",
                         (long long)capacity, (long long)dim);
    okng_store *store = calloc(1, sizeof *store);
    if (!store) return okng_fail_memory(error, sizeof *store);
    *store = (okng_store){
        .first = first, .capacity = capacity, .dim = dim, .row_bytes = (size_t)dim * sizeof(float), .descriptor = -1};
    okng_status status = OKNG_OK;
    if (bytes > budget)
        status = open_file(store, bytes, error);
    else if (!(store->memory = store->rows = okng_alloc(bytes, 1)))
        status = okng_fail_memory(error, bytes);
    if (status == OKNG_OK)
        *out = store;
    else
        okng_store_free(&store);
    return status;
}

okng_status okng_store_over(okng_store **out, const float *rows, int64_t count, int64_t dim, okng_error *error)
{
    okng_store *store = calloc(1, sizeof *store);
    *out = store;
    if (!store) return okng_fail_memory(error, sizeof *store);
    *store = (okng_store){
        .capacity = count, .dim = dim, .row_bytes = (size_t)dim * sizeof *rows, .memory = rows, .descriptor = -1};
    return OKNG_OK;
}

void okng_store_free(okng_store **store)
{
    if (!*store) return;
    if ((*store)->descriptor >= 0) (void)close((*store)->descriptor);
    free((*store)->rows);
    free(*store);
    *store = NULL;
}

int64_t okng_store_capacity(const okng_store *store)
{
    return store->capacity;
}

int64_t okng_store_dim(const okng_store *store)
{
    return store->dim;
}

uint64_t okng_store_spilled(const okng_store *store)
{
    return store->memory ? 0 : (uint64_t)store->capacity * store->row_bytes;
}

const float *okng_store_memory(const okng_store *store)
{
    return store->memory;
}

static okng_status check_range(const okng_store *store, int64_t first, int64_t count, okng_error *error)
{
    const int64_t from = first - store->first;
    if (from >= 0 && count >= 0 && from <= store->capacity && count <= store->capacity - from) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%lld rows from row %lld on are outside a store of %lld",
                     (long long)count, (long long)first, (long long)store->capacity);
}

float *okng_store_place(okng_store *store, int64_t first, int64_t count)
{
    if (!store->rows || check_range(store, first, count, NULL) != OKNG_OK) return NULL;
    return store->rows + (first - store->first) * store->dim;
}

okng_status okng_store_write(okng_store *store, int64_t first, int64_t count, const float *rows, okng_error *error)
{
    OKNG_TRY(check_range(store, first, count, error));
    if (store->memory && !store->rows)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the rows of this store are borrowed, nothing may be written");
    size_t left = (size_t)count * store->row_bytes;
    if (store->rows) {
        float *to = store->rows + (first - store->first) * store->dim;
        if (left > 0 && rows != to) memcpy(to, rows, left);
        return OKNG_OK;
    }
    const char *from = (const char *)rows;
    off_t at = (off_t)((size_t)(first - store->first) * store->row_bytes);
    while (left > 0) {
        ssize_t done = pwrite(store->descriptor, from, left, at);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return no_room(store, done < 0 ? errno : ENOSPC, error);
        from += done;
        at += done;
        left -= (size_t)done;
    }
    return OKNG_OK;
}

okng_status okng_store_read(const okng_store *store, int64_t first, int64_t count, float *rows, okng_error *error)
{
    OKNG_TRY(check_range(store, first, count, error));
    size_t left = (size_t)count * store->row_bytes;
    if (store->memory) {
        if (left > 0) memcpy(rows, store->memory + (first - store->first) * store->dim, left);
        return OKNG_OK;
    }
    char *to = (char *)rows;
    off_t at = (off_t)((size_t)(first - store->first) * store->row_bytes);
    while (left > 0) {
        ssize_t done = pread(store->descriptor, to, left, at);
        if (done < 0 && errno == EINTR) continue;
        if (done == 0) errno = EIO; /* shorter than it was made */
        if (done <= 0) return okng_fail_errno(error, "read the temporary file of patch vectors", temporary_folder());
        to += done;
        at += done;
        left -= (size_t)done;
    }
    return OKNG_OK;
}
