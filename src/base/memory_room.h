/* How much more memory this process can have: what its limits, its cgroups and the machine leave. For code that cannot
 * tell when memory runs out (a library that does not check, pages that the kernel gives on touch and takes the process
 * for), and so must know before. */
#ifndef OKNG_BASE_MEMORY_ROOM_H
#define OKNG_BASE_MEMORY_ROOM_H

#include <stdbool.h>

#include "base/error.h"

/* Bytes: what may still be asked for, and what of that may be touched. */
typedef struct okng_memory_room {
    uint64_t mapped, touched;           /* UINT64_MAX = no limit is known */
    const char *mapped_by, *touched_by; /* what sets it, for messages; not yet translated; static */
} okng_memory_room;

/* Of a system whose /proc and cgroups lie below the folder `root` ("" = this one), for a process with these limits
 * (RLIM_INFINITY: none). Read anew by every call; takes no memory from the heap. */
void okng_memory_room_in(okng_memory_room *room, const char *root, uint64_t address_limit, uint64_t data_limit);

/* Of this process, here. */
void okng_memory_room_now(okng_memory_room *room);

/* Whether so many bytes can be had at this moment: asks the kernel for them and gives them back untouched, which takes
 * it a microsecond or two. Other threads may take them the moment after. */
bool okng_memory_can_map(size_t bytes);

/* What somebody is about to need. */
typedef struct okng_memory_need {
    size_t mapped, touched;
} okng_memory_need;

/* OKNG_ERROR_MEMORY where it is not there, with what was needed and found in bytes and what the limit is; `what`
 * begins the message: "the network". Asks the kernel as well as the limits. */
okng_status okng_memory_prove(const okng_memory_need *need, const char *what, okng_error *error);

#endif
