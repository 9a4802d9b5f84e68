/* Makes a file system behave as others do, and kills a program at a chosen call, for tests of what is left then:
 * LD_PRELOAD=build/tests/libodd_files.so okng ...
 *
 *   OKNG_NO_EXCHANGE=ERRNO  renameat2 with flags fails with this number, as on FAT, NFS or old kernels
 *   OKNG_NO_FLOCK=ERRNO     flock fails with this number; 0: it gives every lock to all, as between two machines
 *   OKNG_NO_FLUSH=TEXT      fsync of what lies below a path with this in it fails
 *   OKNG_SHARED=1           fstatfs says NFS
 *   OKNG_BOOT=TEXT          the kernel's boot has this name: another machine's
 *   OKNG_KILL_AT=N          SIGKILL just before the N-th call that changes names or files (counted from 1)
 *   OKNG_CALLS=FILE         how many such calls there were is written there when the program ends
 *   OKNG_WRITES=1           counts the small ones too: write, fflush, fclose
 *
 * Counted are rename, renameat2, unlink, unlinkat, remove, rmdir, mkdir, fsync, ftruncate, pwrite, and open with
 * O_CREAT.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static atomic_long calls;
static long kill_at, no_exchange, no_flock, is_shared, counts_writes;
static const char *boot, *no_flush;

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("OKNG_KILL_AT");
    kill_at = text ? atol(text) : 0;
    text = getenv("OKNG_NO_EXCHANGE");
    no_exchange = text ? atol(text) : 0;
    text = getenv("OKNG_NO_FLOCK");
    no_flock = text ? atol(text) : -1;
    is_shared = getenv("OKNG_SHARED") != NULL;
    counts_writes = getenv("OKNG_WRITES") != NULL;
    boot = getenv("OKNG_BOOT");
    no_flush = getenv("OKNG_NO_FLUSH");
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("OKNG_CALLS");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    (void)fprintf(file, "%ld\n", atomic_load(&calls));
    (void)fclose(file);
}

static void count(void)
{
    if (atomic_fetch_add(&calls, 1) + 1 == kill_at) (void)raise(SIGKILL);
}

/* The next definition of a function, as of its own type. */
#define NEXT(name) ((__typeof__(&(name)))(uintptr_t)dlsym(RTLD_NEXT, #name))

int rename(const char *from, const char *to)
{
    count();
    return NEXT(rename)(from, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    count();
    if (no_exchange && flags) {
        errno = (int)no_exchange;
        return -1;
    }
    return NEXT(renameat2)(from_folder, from, to_folder, to, flags);
}

int unlink(const char *path)
{
    count();
    return NEXT(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags)
{
    count();
    return NEXT(unlinkat)(folder, path, flags);
}

int remove(const char *path)
{
    count();
    return NEXT(remove)(path);
}

ssize_t write(int descriptor, const void *data, size_t size)
{
    if (counts_writes) count();
    return NEXT(write)(descriptor, data, size);
}

int fflush(FILE *stream)
{
    if (counts_writes) count();
    return NEXT(fflush)(stream);
}

int fclose(FILE *stream)
{
    if (counts_writes) count();
    return NEXT(fclose)(stream);
}

int rmdir(const char *path)
{
    count();
    return NEXT(rmdir)(path);
}

int mkdir(const char *path, mode_t mode)
{
    count();
    return NEXT(mkdir)(path, mode);
}

static int is_not_flushed(int descriptor)
{
    char link[64], path[4096];
    if (!no_flush) return 0;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return strstr(path, no_flush) != NULL;
}

int fsync(int descriptor)
{
    count();
    if (is_not_flushed(descriptor)) {
        errno = EIO;
        return -1;
    }
    return NEXT(fsync)(descriptor);
}

int ftruncate(int descriptor, off_t size)
{
    count();
    return NEXT(ftruncate)(descriptor, size);
}

ssize_t pwrite(int descriptor, const void *data, size_t size, off_t offset)
{
    count();
    return NEXT(pwrite)(descriptor, data, size, offset);
}

static int open_boot(void)
{
    int descriptor = memfd_create("boot", MFD_CLOEXEC);
    if (descriptor >= 0 && write(descriptor, boot, strlen(boot)) < 0) return -1;
    if (descriptor >= 0) (void)lseek(descriptor, 0, SEEK_SET);
    return descriptor;
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    if (flags & O_CREAT) count();
    if (boot && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0) return open_boot();
    return NEXT(open)(path, flags, mode);
}

int flock(int descriptor, int operation)
{
    if (no_flock < 0) return NEXT(flock)(descriptor, operation);
    errno = (int)no_flock;
    return no_flock == 0 ? 0 : -1;
}

int fstatfs(int descriptor, struct statfs *info)
{
    int result = NEXT(fstatfs)(descriptor, info);
    if (is_shared && result == 0) info->f_type = 0x6969; /* NFS */
    return result;
}
