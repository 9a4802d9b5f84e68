/* Reading files that others may be writing to. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

static okng_status check_kind(okng_reader *reader, okng_error *error)
{
    const struct stat *info = &reader->began;
    if (fstat(reader->descriptor, &reader->began) != 0) return okng_fail_errno(error, "read", reader->path);
    if (!S_ISREG(info->st_mode))
        return okng_fail(error, OKNG_ERROR_IO, "%s: %s, expected a file", reader->path,
                         S_ISDIR(info->st_mode) ? "is a folder" : "is not a regular file");
    if (info->st_size < 0 || (uint64_t)info->st_size > PTRDIFF_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: is larger than memory can be", reader->path);
    reader->size = reader->left = (size_t)info->st_size;
    return OKNG_OK;
}

okng_status okng_reader_open(okng_reader *reader, const char *path, okng_error *error)
{
    *reader = (okng_reader){.path = path};
    reader->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for its writer */
    if (reader->descriptor < 0) return okng_fail_errno(error, "open", path);
    okng_status status = check_kind(reader, error);
    if (status != OKNG_OK) (void)close(reader->descriptor);
    return status;
}

static okng_status changed(const okng_reader *reader, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_IO, "%s: changed while it was read; try again when nobody writes to it",
                     reader->path);
}

/* At most `bytes`; *got is 0 at the end. */
static okng_status read_some(const okng_reader *reader, void *to, size_t bytes, size_t *got, okng_error *error)
{
    ssize_t done;
    do done = read(reader->descriptor, to, bytes);
    while (done < 0 && errno == EINTR);
    *got = done > 0 ? (size_t)done : 0;
    return done < 0 ? okng_fail_errno(error, "read", reader->path) : OKNG_OK;
}

okng_status okng_reader_next(okng_reader *reader, void *to, size_t bytes, okng_error *error)
{
    if (bytes > reader->left) return okng_fail(error, OKNG_ERROR_INTERNAL, "%s: read beyond its end", reader->path);
    uint8_t *at = to;
    while (bytes > 0) {
        size_t got;
        OKNG_TRY(read_some(reader, at, bytes, &got, error));
        if (got == 0) return changed(reader, error);
        at += got;
        bytes -= got;
        reader->left -= got;
    }
    return OKNG_OK;
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* By what is in it alone: a file that is renamed, linked or given other rights while it is read is as whole as before.
 */
static okng_status check_unchanged(okng_reader *reader, okng_error *error)
{
    uint8_t beyond;
    size_t more;
    struct stat now;
    OKNG_TRY(read_some(reader, &beyond, 1, &more, error));
    if (fstat(reader->descriptor, &now) != 0) return okng_fail_errno(error, "read", reader->path);
    const struct stat *began = &reader->began;
    bool same = more == 0 && now.st_size == began->st_size && same_time(now.st_mtim, began->st_mtim);
    return same ? OKNG_OK : changed(reader, error);
}

okng_status okng_reader_close(okng_reader *reader, okng_status status, okng_error *error)
{
    if (status == OKNG_OK && reader->left == 0) status = check_unchanged(reader, error);
    (void)close(reader->descriptor);
    *reader = (okng_reader){.descriptor = -1};
    return status;
}

okng_status okng_reader_need_memory(const okng_reader *reader, okng_error *error)
{
    enum { SMALL = 16 << 20 }; /* the limits lie in several files: not for every picture */
    if (reader->size <= SMALL) return OKNG_OK;
    uint64_t memory = okng_memory_total();
    if (reader->size <= memory) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MEMORY, "%s: %zu bytes, and this process may use %llu bytes of memory",
                     reader->path, reader->size, (unsigned long long)memory);
}

static okng_status read_whole(okng_reader *reader, size_t limit, okng_head_fn *look, void **data, okng_error *error)
{
    const size_t size = reader->size, head = look && size > OKNG_FILE_HEAD ? OKNG_FILE_HEAD : size;
    if (size > limit)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: %zu bytes, expected at most %zu", reader->path, size, limit);
    OKNG_TRY(okng_reader_need_memory(reader, error));
    if (size == 0) return look ? look(reader->path, NULL, 0, 0, error) : OKNG_OK;
    *data = okng_alloc(size, 1);
    if (!*data) return okng_fail_memory(error, size);
    OKNG_TRY(okng_reader_next(reader, *data, head, error));
    if (look) OKNG_TRY(look(reader->path, *data, head, size, error));
    return okng_reader_next(reader, (uint8_t *)*data + head, size - head, error);
}

okng_status okng_file_read_looking(const char *path, size_t limit, okng_head_fn *look, void **data, size_t *size,
                                   okng_error *error)
{
    okng_reader reader;
    *data = NULL;
    *size = 0;
    OKNG_TRY(okng_reader_open(&reader, path, error));
    *size = reader.size;
    okng_status status = read_whole(&reader, limit, look, data, error);
    status = okng_reader_close(&reader, status, error);
    if (status != OKNG_OK) {
        free(*data);
        *data = NULL;
        *size = 0;
    }
    return status;
}

okng_status okng_file_read(const char *path, size_t limit, void **data, size_t *size, okng_error *error)
{
    return okng_file_read_looking(path, limit, NULL, data, size, error);
}
