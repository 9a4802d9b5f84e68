#include "base/memory_room.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "base/cgroup.h"
#include "base/memory.h"

enum { TEXT_BYTES = 4096 };

/* The beginning of a file as text; "" where there is none. Without the heap, of which nothing may be left. */
static void read_text(const char *root, const char *name, char text[TEXT_BYTES])
{
    char path[512];
    text[0] = '\0';
    if (snprintf(path, sizeof path, "%s%s", root, name) >= (int)sizeof path) return;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    const ssize_t length = read(file, text, TEXT_BYTES - 1);
    text[length > 0 ? length : 0] = '\0';
    (void)close(file);
}

/* The bytes of a line "KEY:   123 kB"; false where there is no such line. */
static bool find_bytes(const char *text, const char *key, uint64_t *bytes)
{
    const char *line = strstr(text, key);
    if (!line || (line != text && line[-1] != '\n')) return false;
    *bytes = strtoull(line + strlen(key), NULL, 10) * 1024;
    return true;
}

static uint64_t less(uint64_t from, uint64_t what)
{
    return from > what ? from - what : 0;
}

static void bound(uint64_t *room, const char **by, uint64_t bytes, const char *what)
{
    if (bytes >= *room) return;
    *room = bytes;
    *by = what;
}

static void look_at_limits(okng_memory_room *room, const char *root, uint64_t address_limit, uint64_t data_limit)
{
    char text[TEXT_BYTES];
    unsigned long long size = 0, data = 0;
    if (address_limit == RLIM_INFINITY && data_limit == RLIM_INFINITY) return;
    read_text(root, "/proc/self/statm", text);
    if (sscanf(text, "%llu %*u %*u %*u %*u %llu", &size, &data) != 2) return;
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    if (address_limit != RLIM_INFINITY)
        bound(&room->mapped, &room->mapped_by, less(address_limit, size * page), "ulimit -v");
    if (data_limit != RLIM_INFINITY) bound(&room->mapped, &room->mapped_by, less(data_limit, data * page), "ulimit -d");
}

static void look_at_machine(okng_memory_room *room, const char *root)
{
    char text[TEXT_BYTES];
    uint64_t free_bytes, swap = 0, most, promised;
    read_text(root, "/proc/sys/vm/overcommit_memory", text);
    const bool strict = text[0] == '2'; /* the kernel promises no more than it has */
    read_text(root, "/proc/meminfo", text);
    (void)find_bytes(text, "SwapFree:", &swap);
    if (find_bytes(text, "MemAvailable:", &free_bytes))
        bound(&room->touched, &room->touched_by, free_bytes + swap, N_("the machine's free memory"));
    if (strict && find_bytes(text, "CommitLimit:", &most) && find_bytes(text, "Committed_AS:", &promised))
        bound(&room->mapped, &room->mapped_by, less(most, promised), "vm.overcommit_memory 2");
}

void okng_memory_room_in(okng_memory_room *room, const char *root, uint64_t address_limit, uint64_t data_limit)
{
    *room = (okng_memory_room){UINT64_MAX, UINT64_MAX, "", ""};
    look_at_limits(room, root, address_limit, data_limit);
    look_at_machine(room, root);
    const okng_cgroup_memory group = okng_cgroup_memory_in(root);
    if (group.limit != UINT64_MAX)
        bound(&room->touched, &room->touched_by, less(group.limit, group.used), N_("the cgroup's limit"));
}

static uint64_t limit_of(int answer, const struct rlimit *limit)
{
    return answer == 0 ? limit->rlim_cur : RLIM_INFINITY;
}

/* Tens of microseconds. */
void okng_memory_room_now(okng_memory_room *room)
{
    struct rlimit address, data;
    const int has_address = getrlimit(RLIMIT_AS, &address), has_data = getrlimit(RLIMIT_DATA, &data);
    okng_memory_room_in(room, "", limit_of(has_address, &address), limit_of(has_data, &data));
}

bool okng_memory_can_map(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return false;
    (void)munmap(memory, bytes);
    return true;
}

static okng_status refuse(const char *what, size_t need, uint64_t found, const char *by, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_MEMORY, "%s needs %zu more bytes of memory, %llu can be had (%s)",
                     okng_translate(what), need, (unsigned long long)found, okng_translate(by));
}

okng_status okng_memory_prove(const okng_memory_need *need, const char *what, okng_error *error)
{
    okng_memory_room room;
    okng_memory_room_now(&room);
    if (need->touched > room.touched) return refuse(what, need->touched, room.touched, room.touched_by, error);
    if (need->mapped > room.mapped) return refuse(what, need->mapped, room.mapped, room.mapped_by, error);
    if (okng_memory_can_map(need->mapped)) return OKNG_OK;
    return okng_fail_memory(error, need->mapped);
}
