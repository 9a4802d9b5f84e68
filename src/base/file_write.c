/* Files that appear whole or not at all. A writer fills a temporary file beside its target and renames it into place.
 * The temporary name follows from the target's and the writer holds a lock on it, so that the next writer of the same
 * target can tell what a killed one left, and clears it away. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* ---- names ---------------------------------------------------------------------------------- */

enum { LONGEST_NAME = 128, MOST_WRITERS = 1000, GAP = 2 };
static const char ending[] = ".okng-tmp";

/* FNV-1a, 64 bits. Two names of one hash share a temporary name, which costs nothing. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash;
}

/* ".NAME.okng-tmp", of the second writer ".NAME.okng-tmp1" ...; a long name's hash stands for it. */
static int name_temporary(char *text, size_t size, const char *name, unsigned number)
{
    char digits[12] = "", hash[20];
    if (number > 0) (void)snprintf(digits, sizeof digits, "%u", number);
    (void)snprintf(hash, sizeof hash, "%016llx", (unsigned long long)hash_of(name));
    return snprintf(text, size, ".%s%s%s", strlen(name) > LONGEST_NAME ? hash : name, ending, digits);
}

static char *temporary_path(const char *path, unsigned number)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t folder = (size_t)(name - path), size = folder + LONGEST_NAME + sizeof ending + sizeof ".4294967295";
    char *text = malloc(size);
    if (!text) return NULL;
    memcpy(text, path, folder);
    (void)name_temporary(text + folder, size - folder, name, number);
    return text;
}

bool okng_is_temporary_of(const char *file, const char *target)
{
    char begin[LONGEST_NAME + sizeof ending + 2];
    int length = name_temporary(begin, sizeof begin, target, 0);
    if (strncmp(file, begin, (size_t)length) != 0) return false;
    return file[(size_t)length + strspn(file + length, "0123456789")] == '\0';
}

/* ---- temporary files and their locks -------------------------------------------------------- */

/* False where a living writer holds the lock. A file system without locks gives it to all: there nobody's file is taken
 * for a dead one's, see clear_dead. */
static bool lock_file(int descriptor, bool *known)
{
    int got;
    do got = flock(descriptor, LOCK_EX | LOCK_NB);
    while (got != 0 && errno == EINTR);
    *known = got == 0;
    return got == 0 || errno != EWOULDBLOCK;
}

/* Whether the open file still bears the name. */
static bool is_named(int descriptor, const char *path)
{
    struct stat held, named;
    return fstat(descriptor, &held) == 0 && lstat(path, &named) == 0 && S_ISREG(held.st_mode) &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/* Removes what a killed writer left: its lock is free, and with the lock in hand only we may remove the name. False
 * where there is no file of that name. */
static bool clear_dead(const char *path)
{
    int descriptor = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) return errno != ENOENT;
    bool known;
    if (lock_file(descriptor, &known) && known && is_named(descriptor, path)) (void)unlink(path);
    (void)close(descriptor);
    return true;
}

/* A new, locked file; -1 with EEXIST where the name is another's. Not by mkstemp, whose file is private: with open()
 * the process's umask counts, which cannot be read without changing it for all threads. A file that is there is never
 * written to, so nobody else has it open and it has no second name. */
static int create_locked(const char *path)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int descriptor = open(path, flags, 0666);
    if (descriptor < 0 && errno == EEXIST) {
        (void)clear_dead(path);
        descriptor = open(path, flags, 0666);
    }
    if (descriptor < 0) return -1;
    /* Before it was locked another writer may have taken it for a dead one's. */
    bool known;
    if (lock_file(descriptor, &known) && is_named(descriptor, path)) return descriptor;
    (void)close(descriptor);
    errno = EEXIST;
    return -1;
}

/* More than one is left where several writers of one target were killed, with gaps where others ended well. */
static void clear_further(const char *path, unsigned number)
{
    for (int missing = 0; missing < GAP && ++number < MOST_WRITERS;) {
        char *further = temporary_path(path, number);
        missing = further && clear_dead(further) ? 0 : missing + 1;
        free(further);
    }
}

static okng_status open_temporary(okng_writer *writer, okng_error *error)
{
    errno = EEXIST;
    for (unsigned number = 0; number < MOST_WRITERS && errno == EEXIST; number++) {
        writer->temporary = temporary_path(writer->path, number);
        if (!writer->temporary) return okng_fail_memory(error, strlen(writer->path));
        writer->descriptor = create_locked(writer->temporary);
        if (writer->descriptor >= 0) {
            clear_further(writer->path, number);
            return OKNG_OK;
        }
        int reason = errno;
        free(writer->temporary);
        writer->temporary = NULL;
        errno = reason;
    }
    return okng_fail_errno(error, "write", writer->path);
}

/* ---- the writer ----------------------------------------------------------------------------- */

/* A link is written through, for it would be lost in the rename; so would a device, which is refused. */
static okng_status choose_target(okng_writer *writer, const char *path, okng_error *error)
{
    struct stat info;
    bool is_link = lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return okng_fail(error, OKNG_ERROR_IO, "%s: is not a regular file and cannot be replaced by one", path);
    if (is_link) OKNG_TRY(okng_real_path(&writer->path, path, error));
    /* a link that leads nowhere goes itself */
    if (!writer->path) writer->path = strdup(path);
    return writer->path ? OKNG_OK : okng_fail_memory(error, strlen(path));
}

/* The stream has a descriptor of its own: it is closed before the rename, to hear of the last failed write, and the
 * lock must outlive the rename. */
static okng_status open_stream(okng_writer *writer, okng_error *error)
{
    int copy = fcntl(writer->descriptor, F_DUPFD_CLOEXEC, 0);
    writer->stream = copy >= 0 ? fdopen(copy, "wb") : NULL;
    if (writer->stream) return OKNG_OK;
    okng_status status = okng_fail_errno(error, "write", writer->path);
    if (copy >= 0) (void)close(copy);
    return status;
}

okng_status okng_writer_open(okng_writer *writer, const char *path, okng_error *error)
{
    *writer = (okng_writer){.descriptor = -1};
    okng_status status = choose_target(writer, path, error);
    if (status == OKNG_OK) status = open_temporary(writer, error);
    if (status == OKNG_OK) status = open_stream(writer, error);
    if (status != OKNG_OK) okng_writer_abort(writer);
    return status;
}

/* What takes another file's place is on the disk before it does: a power failure must not cost both. Not where it can
 * be made again, for that takes some milliseconds a file. */
static int flush_replacement(const okng_writer *writer)
{
    return !writer->remakable && access(writer->path, F_OK) == 0 ? okng_sync(fileno(writer->stream)) : 0;
}

/* The stream keeps that it failed, not why; errno may be of something later. */
static int reason_of_failure(void)
{
    switch (errno) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EROFS:
    case ENOMEM:
        return errno;
    default:
        return EIO;
    }
}

/* 0, or the errno of what failed. */
static int finish_stream(okng_writer *writer)
{
    bool failed = ferror(writer->stream) != 0;
    if (fflush(writer->stream) != 0) failed = true;
    if (!failed && flush_replacement(writer) != 0) failed = true;
    int reason = failed ? reason_of_failure() : 0;
    if (fclose(writer->stream) != 0 && !failed) reason = reason_of_failure();
    writer->stream = NULL;
    return reason;
}

static okng_status put_in_place(okng_writer *writer, okng_error *error)
{
    int reason = finish_stream(writer);
    /* Where locks do not reach all machines, another may have taken the name for a dead writer's. */
    if (!reason && !is_named(writer->descriptor, writer->temporary))
        return okng_fail(error, OKNG_ERROR_IO,
                         "%s: cannot write: another process took its temporary file %s away; do not write one file "
                         "from two machines at once",
                         writer->path, writer->temporary);
    if (!reason && rename(writer->temporary, writer->path) != 0) reason = errno;
    if (!reason) {
        free(writer->temporary);
        writer->temporary = NULL;
        return OKNG_OK;
    }
    errno = reason;
    return okng_fail_errno(error, "write", writer->path);
}

okng_status okng_writer_commit(okng_writer *writer, okng_error *error)
{
    okng_status status = put_in_place(writer, error);
    okng_writer_abort(writer);
    return status;
}

void okng_writer_abort(okng_writer *writer)
{
    if (writer->stream) (void)fclose(writer->stream);
    if (writer->temporary && is_named(writer->descriptor, writer->temporary)) (void)unlink(writer->temporary);
    if (writer->descriptor >= 0) (void)close(writer->descriptor); /* and with it the lock */
    free(writer->temporary);
    free(writer->path);
    *writer = (okng_writer){.descriptor = -1};
}

static okng_status write_whole(const char *path, const void *data, size_t size, bool remakable, okng_error *error)
{
    okng_writer writer;
    OKNG_TRY(okng_writer_open(&writer, path, error));
    writer.remakable = remakable;
    if (size > 0) (void)fwrite(data, 1, size, writer.stream);
    return okng_writer_commit(&writer, error);
}

okng_status okng_file_write(const char *path, const void *data, size_t size, okng_error *error)
{
    OKNG_TRY(okng_need(path, "the path of a file", error));
    if (size > 0) OKNG_TRY(okng_need(data, "the bytes of a file", error));
    return write_whole(path, data, size, false, error);
}

okng_status okng_file_write_remakable(const char *path, const void *data, size_t size, okng_error *error)
{
    return write_whole(path, data, size, true, error);
}

/* ---- files without a name ------------------------------------------------------------------- */

/* Where O_TMPFILE is known the file never has a name, so that no kill can leave it. */
static int open_nameless(const char *folder)
{
    int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return descriptor;
    char *path = okng_path_join(folder, "okng.XXXXXX");
    if (!path) {
        errno = ENOMEM;
        return -1;
    }
    descriptor = mkostemp(path, O_CLOEXEC);
    if (descriptor >= 0) (void)unlink(path);
    int reason = errno;
    free(path);
    errno = reason;
    return descriptor;
}

okng_status okng_temporary_file(int *descriptor, const char *purpose, okng_error *error)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder) folder = "/var/tmp"; /* on disk, where /tmp is often memory */
    *descriptor = open_nameless(folder);
    if (*descriptor >= 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_IO,
                     "%s: cannot make the temporary file for %s: %s; set TMPDIR to a folder with room", folder, purpose,
                     okng_reason_text(errno));
}
