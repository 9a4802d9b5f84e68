#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/cgroup.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "made_system.h"

/* ---- made systems ------------------------------------------------------------------------------- */

static const char unified[] = "25 1 0:20 / / rw - ext4 /dev/sda1 rw\n"
                              "31 25 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
static const char first[] = "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:10 - cgroup cgroup rw,cpuacct,cpu\n"
                            "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                            "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
static const char first_cgroups[] =
    "9:name=systemd:/x\n4:memory:/jobs/one\n3:cpuset:/\n1:cpu,cpuacct:/jobs/one\n0::/\n";

static void assert_memory(uint64_t limit, uint64_t used)
{
    okng_cgroup_memory found = okng_cgroup_memory_in(tree);
    assert_int_equal(found.limit, limit);
    assert_int_equal(found.used, used);
}

static void a_system_without_cgroups_limits_nothing(void **state)
{
    (void)state;
    assert_int_equal(okng_cgroup_cpus_in(tree), 0);
    assert_memory(UINT64_MAX, 0);
    put("/proc/self/cgroup", "0::/\n");
    put("/proc/self/mountinfo", unified);
    assert_int_equal(okng_cgroup_cpus_in(tree), 0);
    assert_memory(UINT64_MAX, 0);
}

static void version_2_is_read_up_to_its_root(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/a.slice/b.service\n");
    put("/proc/self/mountinfo", unified);
    put("/sys/fs/cgroup/a.slice/b.service/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/a.slice/cpu.max", "250000 100000\n");
    assert_int_equal(okng_cgroup_cpus_in(tree), 3);
    put("/sys/fs/cgroup/a.slice/b.service/cpu.max", "10000 100000\n");
    assert_int_equal(okng_cgroup_cpus_in(tree), 1);
    put("/sys/fs/cgroup/a.slice/b.service/memory.max", "max\n");
    put("/sys/fs/cgroup/a.slice/b.service/memory.high", "5000\n");
    put("/sys/fs/cgroup/a.slice/b.service/memory.current", "1000\n");
    put("/sys/fs/cgroup/a.slice/b.service/memory.stat", "anon 300\ninactive_file 600\nactive_file 100\n");
    assert_memory(5000, 400);
    put("/sys/fs/cgroup/a.slice/memory.max", "6000\n");
    put("/sys/fs/cgroup/a.slice/memory.current", "5900\n");
    put("/sys/fs/cgroup/a.slice/memory.stat", "anon 300\n");
    assert_memory(5000, 4900); /* 100 bytes are left, further up */
    put("/sys/fs/cgroup/a.slice/memory.max", "4000\n");
    assert_memory(4000, 4000);
}

static void version_1_is_read_with_version_2_beside_it(void **state)
{
    (void)state;
    put("/proc/self/cgroup", first_cgroups);
    put("/proc/self/mountinfo", first);
    put("/sys/fs/cgroup/cpu,cpuacct/jobs/one/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu,cpuacct/jobs/one/cpu.cfs_period_us", "100000\n");
    assert_int_equal(okng_cgroup_cpus_in(tree), 0);
    put("/sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_quota_us", "400000\n");
    put("/sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_period_us", "100000\n");
    assert_int_equal(okng_cgroup_cpus_in(tree), 4);
    put("/sys/fs/cgroup/memory/jobs/one/memory.limit_in_bytes", "9223372036854771712\n");
    assert_memory(UINT64_MAX, 0);
    put("/sys/fs/cgroup/memory/jobs/one/memory.limit_in_bytes", "9000\n");
    put("/sys/fs/cgroup/memory/jobs/one/memory.usage_in_bytes", "8000\n");
    put("/sys/fs/cgroup/memory/jobs/one/memory.stat", "inactive_file 1\ntotal_inactive_file 500\n");
    assert_memory(9000, 7500);
    put("/sys/fs/cgroup/memory/jobs/one/memory.stat", "hierarchical_memory_limit 8500\ntotal_inactive_file 500\n");
    assert_memory(8500, 7500); /* of a level that cannot be seen */
}

static void a_container_sees_its_own_root(void **state)
{
    (void)state;
    /* version 1: the names are the host's, the mount begins at the container */
    put("/proc/self/cgroup", "4:memory:/docker/0a/sub\n1:cpu:/docker/0a\n");
    put("/proc/self/mountinfo", "32 31 0:29 /docker/0a /sys/fs/cgroup/my\\040cpu ro - cgroup cgroup rw,cpu\n"
                                "33 31 0:29 /docker/0ab /elsewhere ro - cgroup cgroup rw,cpu\n"
                                "35 31 0:32 /docker/0a /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
    put("/sys/fs/cgroup/my cpu/cpu.cfs_quota_us", "150000\n");
    put("/sys/fs/cgroup/my cpu/cpu.cfs_period_us", "100000\n");
    put("/elsewhere/cpu.cfs_quota_us", "50000\n"); /* another's */
    put("/elsewhere/cpu.cfs_period_us", "100000\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "7000\n");
    put("/sys/fs/cgroup/memory/sub/memory.limit_in_bytes", "8000\n");
    assert_int_equal(okng_cgroup_cpus_in(tree), 2);
    assert_memory(7000, 0);
    /* version 2: moved out of what its namespace shows */
    put("/proc/self/cgroup", "0::/../other\n");
    put("/proc/self/mountinfo", unified);
    put("/sys/fs/cgroup/cpu.max", "300000 100000");
    assert_int_equal(okng_cgroup_cpus_in(tree), 3);
}

static void odd_files_limit_nothing(void **state)
{
    (void)state;
    static const char *const odd[] = {"",       "\n",  "max",        "-5 100000", "0 100000",
                                      "100000", "1 0", "100000 max", "x y z",     "99999999999999999999999 1"};
    put("/proc/self/cgroup", "0::/\n");
    put("/proc/self/mountinfo", unified);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        put("/sys/fs/cgroup/cpu.max", odd[i]);
        put("/sys/fs/cgroup/memory.max", i == 9 ? odd[i] : i == 8 ? "lots" : "0");
        assert_int_equal(okng_cgroup_cpus_in(tree), 0);
        assert_memory(UINT64_MAX, 0);
    }
    static const char *const lists[] = {
        "", ":", "0:", "::", "0::", "1:cpu", "1:cpu:", "0::x", "0::/..", "\n\n0::/\n\n"};
    put("/sys/fs/cgroup/cpu.max", "200000 100000\n");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        put("/proc/self/cgroup", lists[i]);
        int cpus = okng_cgroup_cpus_in(tree);
        assert_true(cpus == 0 || cpus == 2);
    }
    static const char *const mounts[] = {"",
                                         "1",
                                         "1 2 3",
                                         "1 2 3 /",
                                         "1 2 3 / / - cgroup2",
                                         "- - - - - -",
                                         "1 2 3 \\777 \\",
                                         "1 2 3 / \\057 rw - cgroup2 c rw",
                                         "1 2 3 / rel - cgroup2 c rw"};
    put("/proc/self/cgroup", "0::/\n");
    for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
        put("/proc/self/mountinfo", mounts[i]);
        assert_int_equal(okng_cgroup_cpus_in(tree), 0);
    }
}

static void long_lines_are_passed_over(void **state)
{
    (void)state;
    enum { LONG = 40000 };
    char *text = malloc(LONG + sizeof unified + 32);
    assert_non_null(text);
    for (int length = 8180; length <= LONG; length += length < 8200 ? 1 : 7000) {
        memset(text, 'x', (size_t)length);
        /* the end of a long line is no line, although it reads like one */
        (void)snprintf(text + length - 100, 101, "%100s", " 3 / /wrong - cgroup2 c rw");
        text[length] = '\n';
        memcpy(text + length + 1, unified, sizeof unified);
        put("/proc/self/mountinfo", text);
        put("/proc/self/cgroup", "0::/\n");
        put("/sys/fs/cgroup/cpu.max", "200000 100000\n");
        put("/wrong/cpu.max", "100000 100000\n");
        assert_int_equal(okng_cgroup_cpus_in(tree), 2);
    }
    free(text);
}

/* ---- this system -------------------------------------------------------------------------------- */

static bool write_to(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return false;
    bool written = write(file, text, strlen(text)) == (ssize_t)strlen(text);
    (void)close(file);
    return written;
}

/* Looks from a process in a cgroup of this system with one file set; false where it cannot be made. */
static bool holds_in_cgroup(const char *mount, const char *file, const char *value, bool (*look)(void))
{
    enum { FINE = 10, WRONG, NOT_MADE };
    char folder[PATH_MAX / 2], path[PATH_MAX], procs[PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s/okng-test-%d", mount, (int)getpid());
    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    (void)snprintf(procs, sizeof procs, "%s/cgroup.procs", folder);
    if (mkdir(folder, 0755) != 0) return false;
    pid_t child = write_to(path, value) ? fork() : -1;
    if (child == 0) _exit(!write_to(procs, "0") ? NOT_MADE : look() ? FINE : WRONG);
    int status = -1;
    if (child > 0) assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(rmdir(folder), 0);
    if (child < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == NOT_MADE)) return false;
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == FINE);
    return true;
}

static int outer_cpus; /* of the group that the test itself runs in; 0 = no limit */

static bool has_three_cpus(void)
{
    return okng_cgroup_cpus() == (outer_cpus > 0 && outer_cpus < 3 ? outer_cpus : 3);
}

static bool has_one_cpu(void)
{
    return okng_cgroup_cpus() == 1 && okng_thread_count(0) == 1 && okng_thread_count(3) == 3;
}

static bool has_half_a_gibibyte(void)
{
    return okng_cgroup_memory_limit() == 512 << 20 && okng_cgroup_memory_in("").used < 512 << 20 &&
           okng_memory_total() == 512 << 20;
}

static void limits_of_this_system_are_found(void **state)
{
    (void)state;
    outer_cpus = okng_cgroup_cpus();
    bool cpu = holds_in_cgroup("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "250000", has_three_cpus) ||
               holds_in_cgroup("/sys/fs/cgroup", "cpu.max", "250000 100000", has_three_cpus);
    bool memory = holds_in_cgroup("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "536870912", has_half_a_gibibyte) ||
                  holds_in_cgroup("/sys/fs/cgroup", "memory.max", "536870912", has_half_a_gibibyte);
    if (cpu)
        assert_true(holds_in_cgroup("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "90000", has_one_cpu) ||
                    holds_in_cgroup("/sys/fs/cgroup", "cpu.max", "90000 100000", has_one_cpu));
    if (cpu || memory) return;
    print_message("SKIP %s: needs to make cgroups\n", __func__);
    skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_system_without_cgroups_limits_nothing, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(version_2_is_read_up_to_its_root, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(version_1_is_read_with_version_2_beside_it, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(a_container_sees_its_own_root, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(odd_files_limit_nothing, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(long_lines_are_passed_over, make_tree, remove_tree),
        cmocka_unit_test(limits_of_this_system_are_found),
    };
    return RUN_TESTS(tests);
}
