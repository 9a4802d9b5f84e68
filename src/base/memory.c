#include "base/memory.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cgroup.h"

bool okng_mul_size(size_t a, size_t b, size_t *out)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product)) return false;
    *out = product;
    return true;
}

bool okng_add_size(size_t a, size_t b, size_t *out)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return false;
    *out = sum;
    return true;
}

bool okng_mul_i64(int64_t a, int64_t b, int64_t *out)
{
    int64_t product;
    if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product)) return false;
    *out = product;
    return true;
}

/* Weights and rows that are read from end to end again and again: pages of 2 MiB, where the system gives them when
 * asked, save it 511 of 512 page faults and the CPU most look-ups of addresses. */
enum { HUGE_PAGE = 2 << 20, HUGE_FROM = 2 * HUGE_PAGE };

static void *alloc_huge(size_t bytes)
{
    size_t whole = bytes / HUGE_PAGE * HUGE_PAGE; /* no more memory than was asked for */
    void *memory = aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
    if (memory) (void)madvise(memory, whole, MADV_HUGEPAGE);
    return memory;
}

void *okng_alloc(size_t count, size_t size)
{
    size_t bytes;
    if (!okng_mul_size(count, size, &bytes) || !okng_add_size(bytes, OKNG_ALIGNMENT - 1, &bytes)) return NULL;
    bytes &= ~(size_t)(OKNG_ALIGNMENT - 1); /* aligned_alloc wants a multiple */
    if (bytes > PTRDIFF_MAX) return NULL;
    if (bytes >= HUGE_FROM) return alloc_huge(bytes);
    return aligned_alloc(OKNG_ALIGNMENT, bytes ? bytes : OKNG_ALIGNMENT);
}

void *okng_alloc_zero(size_t count, size_t size)
{
    void *memory = okng_alloc(count, size);
    if (memory) memset(memory, 0, count * size);
    return memory;
}

bool okng_grow(void **array, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity) return true;
    size_t wanted = *capacity > SIZE_MAX / 2 ? need : *capacity * 2;
    if (wanted < need) wanted = need;
    if (wanted < 16) wanted = 16;
    size_t bytes;
    if (!okng_mul_size(wanted, size, &bytes) || bytes > PTRDIFF_MAX) return false;
    void *grown = realloc(*array, bytes);
    if (!grown) return false;
    *array = grown;
    *capacity = wanted;
    return true;
}

uint64_t okng_memory_total(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    uint64_t physical = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : (uint64_t)1 << 30;
    uint64_t limit = okng_cgroup_memory_limit();
    return limit < physical ? limit : physical;
}

uint64_t okng_memory_resident(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return 0;
    unsigned long long size = 0, resident = 0;
    int found = fscanf(file, "%llu %llu", &size, &resident);
    (void)fclose(file);
    return found == 2 ? resident * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

uint64_t okng_memory_peak(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[128];
    unsigned long long kibibytes = 0;
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %llu kB", &kibibytes) == 1) break;
    if (file) (void)fclose(file);
    struct rusage usage; /* where /proc is not there: since the start */
    if (kibibytes == 0 && getrusage(RUSAGE_SELF, &usage) == 0) kibibytes = (unsigned long long)usage.ru_maxrss;
    return (uint64_t)kibibytes * 1024;
}

void okng_memory_peak_reset(void)
{
#if defined(__GLIBC__)
    (void)malloc_trim(0);
#endif
    FILE *file = fopen("/proc/self/clear_refs", "we");
    if (!file) return;
    (void)fputs("5", file); /* proc(5): resets the peak */
    (void)fclose(file);
}
