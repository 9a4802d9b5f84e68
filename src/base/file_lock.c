#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

okng_status okng_lock_take(okng_lock *lock, const char *path, okng_error *error)
{
    *lock = (okng_lock){.descriptor = -1};
    for (;;) {
        int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (descriptor < 0) return okng_fail_errno(error, "lock", path);
        if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
            okng_status status =
                errno == EWOULDBLOCK
                    ? okng_fail(error, OKNG_ERROR_BUSY, "%s: another okng is writing here; wait for it to end", path)
                    : okng_fail_errno(error, "lock", path);
            (void)close(descriptor);
            return status;
        }
        /* The holder before us may have removed the file between our open and flock: then our lock is on nothing. */
        struct stat held, named;
        bool same = fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino &&
                    held.st_dev == named.st_dev;
        if (!same) {
            (void)close(descriptor);
            continue;
        }
        lock->path = strdup(path);
        lock->descriptor = descriptor;
        if (lock->path) return OKNG_OK;
        okng_lock_drop(lock);
        return okng_fail_memory(error, strlen(path));
    }
}

void okng_lock_drop(okng_lock *lock)
{
    if (lock->path) (void)unlink(lock->path);
    if (lock->descriptor >= 0) (void)close(lock->descriptor);
    free(lock->path);
    *lock = (okng_lock){.descriptor = -1};
}
