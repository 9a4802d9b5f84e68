/* What this process's cgroups let it have: the least of its own and of all above it that it can see, in version 1,
 * version 2 or both. Read anew by every call, as limits change while processes run; takes no memory from the heap. */
#ifndef OKNG_BASE_CGROUP_H
#define OKNG_BASE_CGROUP_H

#include <stdint.h>

/* CPUs that the quota of computing time pays for, rounded up; 0 = no quota. */
int okng_cgroup_cpus(void);

/* Bytes; UINT64_MAX = no limit. Of version 2, memory.high counts as well as memory.max: above it the kernel slows a
 * process down without end. Swap is not counted. */
uint64_t okng_cgroup_memory_limit(void);

typedef struct okng_cgroup_memory {
    uint64_t limit;
    /* Bytes of it that cannot be had: limit less this is what is left where least is (a cgroup further up with a higher
     * limit may be fuller). Pages of files that the kernel drops when it needs room count as free. 0 without a limit.
     */
    uint64_t used;
} okng_cgroup_memory;

/* The same of a system whose /proc and cgroups lie below the folder `root` ("" = this one); both of one reading. */
int okng_cgroup_cpus_in(const char *root);
okng_cgroup_memory okng_cgroup_memory_in(const char *root);

#endif
