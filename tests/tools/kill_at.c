/* Kills the process that loads it (LD_PRELOAD) right before the N-th call that changes the file system: OKNG_KILL_AT=N.
 * OKNG_KILL_COUNT=FILE: how many there were, written at the end. */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static long fatal;

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("OKNG_KILL_AT");
    fatal = at ? strtol(at, NULL, 10) : 0;
}

static void count(void)
{
    if (atomic_fetch_add(&calls, 1) + 1 == fatal) (void)kill(getpid(), SIGKILL);
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("OKNG_KILL_COUNT");
    int descriptor = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1; /* counts, which does not matter */
    if (descriptor < 0) return;
    (void)dprintf(descriptor, "%ld\n", atomic_load(&calls) - 1);
    (void)close(descriptor);
}

/* The next function of the name, which dlsym gives as a pointer to data. */
#define CALL(name, ...)                             \
    do {                                            \
        union {                                     \
            void *data;                             \
            __typeof__(&name) function;             \
        } next = {.data = dlsym(RTLD_NEXT, #name)}; \
        count();                                    \
        return next.function(__VA_ARGS__);          \
    } while (0)

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    if ((flags & O_ACCMODE) != O_RDONLY) count();
    return openat(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int rename(const char *from, const char *to)
{
    CALL(rename, from, to);
}
int renameat2(int a, const char *from, int b, const char *to, unsigned flags)
{
    CALL(renameat2, a, from, b, to, flags);
}
int unlink(const char *path)
{
    CALL(unlink, path);
}
int rmdir(const char *path)
{
    CALL(rmdir, path);
}
int remove(const char *path)
{
    CALL(remove, path);
}
int mkdir(const char *path, mode_t mode)
{
    CALL(mkdir, path, mode);
}
int ftruncate(int descriptor, off_t size)
{
    CALL(ftruncate, descriptor, size);
}
ssize_t write(int descriptor, const void *data, size_t size)
{
    CALL(write, descriptor, data, size);
}
int fsync(int descriptor)
{
    CALL(fsync, descriptor);
}
int fflush(FILE *stream)
{
    CALL(fflush, stream);
}
int fclose(FILE *stream)
{
    CALL(fclose, stream);
}
