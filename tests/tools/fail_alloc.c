/* Makes allocations of a program fail, for tests of what it does then: LD_PRELOAD=build/tests/libfail_alloc.so okng ...
 *
 *   OKNG_FAIL_AT=N        the N-th allocation fails, once (counted from 1)
 *   OKNG_FAIL_FROM=N      the N-th and all later ones fail
 *   OKNG_FAIL_IN=okng     only those count that okng itself, libokng or the C library for them ask for; `all`, the
 * default: also those of every other library OKNG_FAIL_COUNT=FILE  the number of allocations counted is written there
 * when the program ends OKNG_FAIL_TRACE=FILE  the calls that led to the first allocation that failed are written there
 *
 * A program with a sanitizer has its own allocator, so that it is linked with this file (OKNG_FAIL_WRAP) and with ld's
 * --wrap for each function below: then what okng itself calls is counted, and LeakSanitizer tells what a failure left
 * behind.
 *
 * Counted are malloc, calloc, realloc, reallocarray, aligned_alloc, memalign, posix_memalign and mmap, and so what
 * stands on them (new, strdup, getline, fopen ...), from the start of main on. With one thread the numbers are the same
 * in every run. A program that crashes has its calls written to stderr: a line "crash: SIGNAL", then one "
 * MODULE+OFFSET SYMBOL" per call. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifdef OKNG_FAIL_WRAP
#define ENTRY(name) __wrap_##name
#define REAL(name) __real_##name
#else
#define ENTRY(name) name
#define REAL(name) __libc_##name
#endif
extern void *REAL(malloc)(size_t);
extern void *REAL(calloc)(size_t, size_t);
extern void *REAL(realloc)(void *, size_t);
#ifdef OKNG_FAIL_WRAP
extern void *REAL(aligned_alloc)(size_t, size_t);
#define REAL_ALIGNED __real_aligned_alloc
#else
extern void *__libc_memalign(size_t, size_t);
#define REAL_ALIGNED __libc_memalign
#endif

enum { MAX_RANGES = 64, MAX_CALLS = 48 };

static atomic_ullong counted;
static atomic_bool counting, traced;
static unsigned long long fail_at, fail_from;
static bool only_okng, still;
static struct range {
    uintptr_t begin, end;
} ranges[MAX_RANGES]; /* where code of okng and of the C library lies */
static int range_count;

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "  MODULE+OFFSET SYMBOL" for each call, which addr2line understands; allocates nothing. */
static void write_calls(int out)
{
    void *calls[MAX_CALLS];
    int count = backtrace(calls, MAX_CALLS);
    for (int i = 1; i < count; i++) {
        Dl_info info;
        char line[512];
        if (!dladdr(calls[i], &info)) continue;
        int size = snprintf(line, sizeof line, "  %s+0x%tx %s\n", base_name(info.dli_fname),
                            (char *)calls[i] - (char *)info.dli_fbase, info.dli_sname ? info.dli_sname : "");
        if (size > 0) (void)!write(out, line, (size_t)size < sizeof line ? (size_t)size : sizeof line - 1);
    }
}

static void write_trace(void)
{
    const char *path = getenv("OKNG_FAIL_TRACE");
    if (!path || atomic_exchange(&traced, true)) return;
    int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out < 0) return;
    write_calls(out);
    (void)close(out);
}

static void crashed(int number)
{
    char line[64];
    atomic_store(&counting, false);
    int size = snprintf(line, sizeof line, "crash: %s\n", sigabbrev_np(number));
    (void)!write(STDERR_FILENO, line, (size_t)size);
    write_calls(STDERR_FILENO);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static int note_ranges(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    bool *first = data; /* the program itself */
    const char *name = base_name(info->dlpi_name);
    bool ours = *first || strncmp(name, "libokng", 7) == 0 || strncmp(name, "libc.so", 7) == 0;
    *first = false;
    for (int i = 0; ours && i < info->dlpi_phnum && range_count < MAX_RANGES; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
        uintptr_t begin = info->dlpi_addr + part->p_vaddr;
        ranges[range_count++] = (struct range){begin, begin + part->p_memsz};
    }
    return 0;
}

static unsigned long long number_of(const char *variable)
{
    const char *text = getenv(variable);
    return text ? strtoull(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU};
    static _Alignas(16) char stack[1 << 16]; /* a stack that overflowed cannot hold the handler */
    void *calls[1];
    bool first = true;
    (void)backtrace(calls, 1); /* loads what it needs */
#ifdef OKNG_FAIL_WRAP
    (void)signals; /* the sanitizer's */
    (void)stack;
    (void)first;
    (void)crashed;
    (void)note_ranges;
#else
    (void)sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    struct sigaction action = {.sa_handler = crashed, .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND)};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) (void)sigaction(signals[i], &action, NULL);
    (void)dl_iterate_phdr(note_ranges, &first);
    const char *in = getenv("OKNG_FAIL_IN");
    only_okng = in && strcmp(in, "okng") == 0;
#endif
    still = getenv("OKNG_FAIL_STILL") != NULL;
    fail_at = number_of("OKNG_FAIL_AT");
    fail_from = number_of("OKNG_FAIL_FROM");
    atomic_store(&counting, true);
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("OKNG_FAIL_COUNT");
    char line[32];
    atomic_store(&counting, false);
    int out = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    if (out < 0) return;
    int size = snprintf(line, sizeof line, "%llu\n", (unsigned long long)atomic_load(&counted));
    (void)!write(out, line, (size_t)size);
    (void)close(out);
}

static bool within(uintptr_t caller)
{
    for (int i = 0; i < range_count; i++)
        if (caller >= ranges[i].begin && caller < ranges[i].end) return true;
    return false;
}

/* Counts an allocation; should it fail? */
static bool fails(void *caller)
{
    if (!atomic_load_explicit(&counting, memory_order_relaxed)) return false;
    if (only_okng && !within((uintptr_t)caller)) return false;
    unsigned long long number = atomic_fetch_add(&counted, 1) + 1;
    if (number != fail_at && (fail_from == 0 || number < fail_from)) return false;
    write_trace();
    errno = ENOMEM;
    return true;
}

#define FAILS() fails(__builtin_return_address(0))

void *ENTRY(malloc)(size_t size)
{
    return FAILS() ? NULL : REAL(malloc)(size);
}

void *ENTRY(calloc)(size_t count, size_t size)
{
    return FAILS() ? NULL : REAL(calloc)(count, size);
}

void *ENTRY(realloc)(void *block, size_t size)
{
    return FAILS() ? NULL : REAL(realloc)(block, size);
}

void *ENTRY(aligned_alloc)(size_t alignment, size_t size)
{
    return FAILS() ? NULL : REAL_ALIGNED(alignment, size);
}

#ifdef OKNG_FAIL_WRAP

/* What the C library allocates for okng: its own calls are not wrapped. */
extern char *REAL(strdup)(const char *);
extern char *REAL(strndup)(const char *, size_t);
extern char *REAL(realpath)(const char *, char *);
extern int REAL(vasprintf)(char **, const char *, va_list);
extern DIR *REAL(opendir)(const char *);
extern FILE *REAL(fopen)(const char *, const char *);

char *ENTRY(strdup)(const char *text)
{
    return FAILS() ? NULL : REAL(strdup)(text);
}

char *ENTRY(strndup)(const char *text, size_t size)
{
    return FAILS() ? NULL : REAL(strndup)(text, size);
}

char *ENTRY(realpath)(const char *path, char *resolved)
{
    return FAILS() ? NULL : REAL(realpath)(path, resolved);
}

int ENTRY(vasprintf)(char **text, const char *format, va_list list)
{
    return FAILS() ? -1 : REAL(vasprintf)(text, format, list);
}

int ENTRY(asprintf)(char **text, const char *format, ...)
{
    va_list list;
    if (FAILS()) return -1;
    va_start(list, format);
    int length = REAL(vasprintf)(text, format, list);
    va_end(list);
    return length;
}

DIR *ENTRY(opendir)(const char *path)
{
    return FAILS() ? NULL : REAL(opendir)(path);
}

FILE *ENTRY(fopen)(const char *path, const char *mode)
{
    return FAILS() ? NULL : REAL(fopen)(path, mode);
}

#else

void *reallocarray(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (FAILS()) return NULL;
    if (!__builtin_mul_overflow(count, size, &bytes)) return __libc_realloc(block, bytes);
    errno = ENOMEM;
    return NULL;
}

void *memalign(size_t alignment, size_t size)
{
    return FAILS() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    int before = errno;
    if (alignment % sizeof(void *) || (alignment & (alignment - 1)) || alignment == 0) return EINVAL;
    void *made = FAILS() ? NULL : __libc_memalign(alignment, size);
    errno = before;
    if (!made) return ENOMEM;
    *block = made;
    return 0;
}

void *mmap(void *at, size_t size, int protection, int flags, int file, off_t offset)
{
    if (FAILS()) return MAP_FAILED;
    return (void *)syscall(SYS_mmap, at, size, protection, flags, file, offset); // NOLINT
}

/* ---- a clock that stands still ---- */

static const time_t then = 1700000000;

int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (!still) return (int)syscall(SYS_clock_gettime, clock, now);
    *now = (struct timespec){.tv_sec = then};
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

int getrusage(__rusage_who_t who, struct rusage *usage)
{
    long result = syscall(SYS_getrusage, who, usage);
    if (still) usage->ru_maxrss = 1 << 16;
    return (int)result;
}

/* The file that tells the largest memory is not there: getrusage tells it then. */
FILE *fopen(const char *path, const char *mode)
{
    static FILE *(*next)(const char *, const char *);
    if (still && strcmp(path, "/proc/self/status") == 0) {
        errno = ENOENT;
        return NULL;
    }
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, "fopen");
    return next(path, mode);
}

#endif
