#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* A link is written through, for it would be lost in the rename; so would a device, which is refused. */
static okng_status choose_target(okng_writer *writer, const char *path, okng_error *error)
{
    struct stat info;
    bool is_link = lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return okng_fail(error, OKNG_ERROR_IO, "%s: is not a regular file and cannot be replaced by one", path);
    if (is_link) writer->path = realpath(path, NULL); /* NULL where it leads nowhere: then the link itself goes */
    if (!writer->path) writer->path = strdup(path);
    return writer->path ? OKNG_OK : okng_fail_memory(error, strlen(path));
}

/* A new file of a name that nobody else has. Not by mkstemp, whose file is private: with open() the process's umask
 * counts, which cannot be read without changing it for all threads. */
static okng_status open_temporary(okng_writer *writer, int *descriptor, okng_error *error)
{
    static atomic_uint serial;
    size_t size = strlen(writer->path) + sizeof ".01234567-01234567";
    writer->temporary = malloc(size);
    if (!writer->temporary) return okng_fail_memory(error, size);
    do {
        (void)snprintf(writer->temporary, size, "%s.%x-%x", writer->path, (unsigned)getpid(),
                       atomic_fetch_add(&serial, 1));
        *descriptor = open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (*descriptor < 0 && errno == EEXIST); /* left behind by a killed process with our number */
    if (*descriptor >= 0) return OKNG_OK;
    okng_status status = okng_fail_errno(error, "write", writer->path);
    free(writer->temporary);
    writer->temporary = NULL;
    return status;
}

okng_status okng_writer_open(okng_writer *writer, const char *path, okng_error *error)
{
    *writer = (okng_writer){0};
    int descriptor = -1;
    okng_status status = choose_target(writer, path, error);
    if (status == OKNG_OK) status = open_temporary(writer, &descriptor, error);
    if (status == OKNG_OK) {
        writer->stream = fdopen(descriptor, "wb");
        if (writer->stream) return OKNG_OK;
        status = okng_fail_errno(error, "write", path);
        (void)close(descriptor);
    }
    okng_writer_abort(writer);
    return status;
}

okng_status okng_writer_commit(okng_writer *writer, okng_error *error)
{
    bool failed = ferror(writer->stream) != 0;
    if (fflush(writer->stream) != 0) failed = true;
    int reason = errno;
    if (fclose(writer->stream) != 0 && !failed) {
        failed = true;
        reason = errno;
    }
    writer->stream = NULL;
    if (!failed && rename(writer->temporary, writer->path) != 0) {
        failed = true;
        reason = errno;
    }
    okng_status status = OKNG_OK;
    if (failed) {
        errno = reason ? reason : EIO;
        status = okng_fail_errno(error, "write", writer->path);
    } else {
        free(writer->temporary);
        writer->temporary = NULL;
    }
    okng_writer_abort(writer);
    return status;
}

void okng_writer_abort(okng_writer *writer)
{
    if (writer->stream) (void)fclose(writer->stream);
    if (writer->temporary) (void)unlink(writer->temporary);
    free(writer->temporary);
    free(writer->path);
    *writer = (okng_writer){0};
}

okng_status okng_file_write(const char *path, const void *data, size_t size, okng_error *error)
{
    okng_writer writer;
    OKNG_TRY(okng_writer_open(&writer, path, error));
    if (size > 0) (void)fwrite(data, 1, size, writer.stream);
    return okng_writer_commit(&writer, error);
}
