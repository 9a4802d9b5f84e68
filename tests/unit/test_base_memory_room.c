#include <sys/resource.h>
#include <sys/wait.h>

#include "base/memory.h"
#include "base/memory_room.h"
#include "made_system.h"

static void assert_room(uint64_t address_limit, uint64_t data_limit, uint64_t mapped, uint64_t touched, const char *by)
{
    okng_memory_room room;
    okng_memory_room_in(&room, tree, address_limit, data_limit);
    assert_int_equal(room.mapped, mapped);
    assert_int_equal(room.touched, touched);
    assert_string_equal(mapped < touched ? room.mapped_by : room.touched_by, by);
}

static void a_system_that_tells_nothing_limits_nothing(void **state)
{
    (void)state;
    assert_room(RLIM_INFINITY, RLIM_INFINITY, UINT64_MAX, UINT64_MAX, "");
    assert_room(1 << 20, 1 << 20, UINT64_MAX, UINT64_MAX, ""); /* and who cannot know what is used, guesses nothing */
}

static void the_limits_of_the_process_count(void **state)
{
    (void)state;
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    put("/proc/self/statm", "1000 300 200 10 0 400 0\n");
    assert_room(1500 * page, RLIM_INFINITY, 500 * page, UINT64_MAX, "ulimit -v");
    assert_room(1500 * page, 600 * page, 200 * page, UINT64_MAX, "ulimit -d");
    assert_room(900 * page, RLIM_INFINITY, 0, UINT64_MAX, "ulimit -v"); /* lowered below what there is */
}

static void the_machine_counts(void **state)
{
    (void)state;
    put("/proc/meminfo", "MemTotal: 900 kB\nMemFree: 1 kB\nMemAvailable:   500 kB\nSwapFree: 20 kB\n"
                         "CommitLimit:  800 kB\nCommitted_AS:   700 kB\n");
    put("/proc/sys/vm/overcommit_memory", "0\n");
    assert_room(RLIM_INFINITY, RLIM_INFINITY, UINT64_MAX, 520 * 1024, "the machine's free memory");
    put("/proc/sys/vm/overcommit_memory", "2\n");
    assert_room(RLIM_INFINITY, RLIM_INFINITY, 100 * 1024, 520 * 1024, "vm.overcommit_memory 2");
}

static void cgroups_count(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/job\n");
    put("/proc/self/mountinfo", "31 25 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
    put("/sys/fs/cgroup/job/memory.max", "100000\n");
    put("/sys/fs/cgroup/job/memory.current", "70000\n");
    put("/sys/fs/cgroup/job/memory.stat", "inactive_file 1000\n");
    assert_room(RLIM_INFINITY, RLIM_INFINITY, UINT64_MAX, 31000, "the cgroup's limit");
}

/* In a child of its own, whose address space may grow by so much. */
static int with_limit(uint64_t more, int (*body)(void))
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        unsigned long long pages = 0;
        FILE *file = fopen("/proc/self/statm", "r");
        if (!file || fscanf(file, "%llu", &pages) != 1) _exit(99);
        (void)fclose(file);
        const rlim_t limit = pages * (rlim_t)sysconf(_SC_PAGESIZE) + more;
        if (setrlimit(RLIMIT_AS, &(struct rlimit){limit, limit}) != 0) _exit(98);
        _exit(body());
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int tell_room(void)
{
    okng_error error = {0};
    const okng_memory_need little = {.mapped = 4 << 20, .touched = 1 << 20}, much = {.mapped = 64 << 20};
    struct rlimit limit;
    okng_memory_room room;
    if (getrlimit(RLIMIT_AS, &limit) != 0) return 1;
    okng_memory_room_in(&room, "", limit.rlim_cur, RLIM_INFINITY);
    if (room.mapped > (32u << 20) || room.mapped < (24u << 20)) return 1;
    if (!okng_memory_can_map(4 << 20) || okng_memory_can_map(64 << 20)) return 2;
    if (okng_memory_prove(&little, "the network", &error) != OKNG_OK || error.message[0]) return 3;
    if (okng_memory_prove(&much, "the network", &error) != OKNG_ERROR_MEMORY) return 4;
    if (!strstr(error.message, "the network needs 67108864 more bytes of memory, ")) return 5;
    if (!strstr(error.message, " can be had (ulimit -v)")) return 6;
    return 0;
}

static void what_is_not_there_is_refused_in_bytes(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* their shadow is larger than any limit */
#endif
    assert_int_equal(with_limit(32 << 20, tell_room), 0);
}

int main(void)
{
#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, make_tree, remove_tree)
    const struct CMUnitTest tests[] = {IN_TREE(a_system_that_tells_nothing_limits_nothing),
                                       IN_TREE(the_limits_of_the_process_count), IN_TREE(the_machine_counts),
                                       IN_TREE(cgroups_count), cmocka_unit_test(what_is_not_there_is_refused_in_bytes)};
    return RUN_TESTS(tests);
}
