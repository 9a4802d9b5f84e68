/* Why a library is not there: none of that name, no memory, or that one. */
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/library.h"
#include "test.h"

static char folder[] = "/tmp/okng-memory-No such file or directory-XXXXXX"; /* words of dlerror in a name */

static const char *inside(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void a_library_that_is_not_there_is_no_error(void **state)
{
    (void)state;
    void *handle = folder;
    assert_ok(okng_library_load(&handle, "libokng-none-memory.so.9", error));
    assert_null(handle);
    assert_ok(okng_library_load(&handle, inside("none.so"), error));
    assert_null(handle);
}

static void one_that_is_no_library_is_told_as_such_whatever_its_name(void **state)
{
    (void)state;
    void *handle = NULL;
    assert_ok(okng_file_write(inside("out of memory"), "text", 4, error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "cannot be loaded: /tmp/okng-memory",
                 okng_library_load(&handle, inside("out of memory"), error));
    assert_null(handle);
    assert_ok(okng_file_write(inside("Cannot allocate memory.so"), "", 0, error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "file too short",
                 okng_library_load(&handle, inside("Cannot allocate memory.so"), error));
}

static void room_for_threads_variables_is_no_memory(void **state)
{
    (void)state;
    void *handle = NULL;
    assert_fails(OKNG_ERROR_UNSUPPORTED, "static TLS block", okng_library_load(&handle, OKNG_STATIC_TLS, error));
}

/* In a child: what it cannot map is memory that it has not got. */
static void a_library_that_memory_is_too_short_for_says_so(void **state)
{
    (void)state;
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip(); /* have mapped terabytes */
#else
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        void *handle = NULL;
        okng_error error;
        const struct rlimit little = {1 << 20, 1 << 20}; /* less than is mapped: nothing more can be */
        if (setrlimit(RLIMIT_AS, &little) != 0) _exit(2);
        okng_status status = okng_library_load(&handle, OKNG_STATIC_TLS, &error);
        _exit(status == OKNG_ERROR_MEMORY && strstr(error.message, "out of memory to load the library") ? 0 : 1);
    }
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
#endif
}

static void a_mount_without_exec_is_no_lack_of_memory(void **state)
{
    (void)state;
    void *handle = NULL;
    okng_error why;
    char command[512];
    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0) skip(); /* of its own, gone with this process */
    (void)snprintf(
        command, sizeof command,
        "exec 2>/dev/null; mount --make-rprivate / && mount -t tmpfs -o noexec none '%s' && cp '%s' '%s/a.so'", folder,
        OKNG_STATIC_TLS, folder);
    if (system(command) != 0) skip();
    okng_status status = okng_library_load(&handle, inside("a.so"), &why);
    assert_int_equal(umount2(folder, MNT_DETACH), 0);
    assert_int_equal(status, OKNG_ERROR_UNSUPPORTED);
    assert_non_null(strstr(why.message, "failed to map segment"));
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_library_that_is_not_there_is_no_error),
        cmocka_unit_test(one_that_is_no_library_is_told_as_such_whatever_its_name),
        cmocka_unit_test(room_for_threads_variables_is_no_memory),
        cmocka_unit_test(a_library_that_memory_is_too_short_for_says_so),
        cmocka_unit_test(a_mount_without_exec_is_no_lack_of_memory),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
