/* What is known of files that were read: as long as they have not changed, and by nobody else's notes. */
#include "base/file_known.h"

#include <dirent.h>
#include <fcntl.h>

#include "base/file.h"
#include "test.h"

static const char first[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
static const char second[] = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";
static char home[] = "/tmp/okng-test-known-XXXXXX";

static int make_home(void **state)
{
    (void)state;
    return mkdtemp(home) && setenv("XDG_CACHE_HOME", home, 1) == 0 && unsetenv("OKNG_KEEP") == 0 ? 0 : -1;
}

static int remove_home(void **state)
{
    (void)state;
    return okng_test_remove_tree(home);
}

static const char *in(const char *name)
{
    static char paths[4][128];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", home, name);
    return path;
}

static bool know(const char *path, const char *sha256)
{
    struct stat before;
    char known[65];
    assert_int_equal(stat(path, &before), 0);
    okng_file_know(path, &before, sha256);
    return okng_file_known(path, known) && strcmp(known, sha256) == 0;
}

/* A file counts as fresh for OKNG_KNOWN_S seconds. */
static void wait_until_known(const char *path, const char *sha256)
{
    enum { TURNS = 400, TURN_US = 20000 };
    for (int i = 0; i < TURNS; i++) {
        if (know(path, sha256)) return;
        (void)usleep(TURN_US);
    }
    fail_msg("%s: nothing is known of it", path);
}

static void the_only_note(char path[300])
{
    DIR *list = opendir(in("okng/kept"));
    assert_non_null(list);
    for (const struct dirent *item; (item = readdir(list));)
        if (strstr(item->d_name, ".known")) (void)snprintf(path, 300, "%s/%s", in("okng/kept"), item->d_name);
    (void)closedir(list);
}

static void notes_are_of_files_as_they_were(void **state)
{
    (void)state;
    char known[65], note[300];
    const char *file = in("weights");
    assert_ok(okng_file_write(file, "abc", 3, error));
    assert_false(okng_file_known(file, known));
    assert_false(know(file, first)); /* its next change could have the same time */
    wait_until_known(file, first);
    assert_false(know(file, "short"));
    assert_true(know(file, second)); /* the later word counts */
    assert_true(know(file, first));
    the_only_note(note);
    assert_int_equal(chmod(note, 0666), 0);
    assert_false(okng_file_known(file, known));
    assert_int_equal(chmod(note, 0600), 0);
    assert_true(okng_file_known(file, known));
    assert_int_equal(setenv("OKNG_KEEP", "0", 1), 0);
    assert_false(okng_file_known(file, known));
    assert_int_equal(unsetenv("OKNG_KEEP"), 0);
    assert_int_equal(truncate(note, 100), 0);
    assert_false(okng_file_known(file, known));
    assert_true(know(file, first));
    struct stat before;
    assert_int_equal(stat(file, &before), 0);
    assert_int_equal(truncate(file, 3), 0); /* as long as it was, and the time of a change alone is another */
    assert_false(okng_file_known(file, known));
    okng_file_know(file, &before, first); /* it was changed while it was read */
    assert_false(okng_file_known(file, known));
    assert_int_equal(unlink(file), 0);
    assert_false(okng_file_known(file, known));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(notes_are_of_files_as_they_were)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
