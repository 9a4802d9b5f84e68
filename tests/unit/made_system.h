/* A made system: files of /proc and /sys below a folder of the test's own, anew for each test. */
#ifndef OKNG_TESTS_MADE_SYSTEM_H
#define OKNG_TESTS_MADE_SYSTEM_H

#include "base/file.h"
#include "test.h"

static char tree[64];

static int make_tree(void **state)
{
    (void)state;
    (void)snprintf(tree, sizeof tree, "/tmp/okng-system-XXXXXX");
    return mkdtemp(tree) ? 0 : -1;
}

static int remove_tree(void **state)
{
    (void)state;
    return okng_test_remove_tree(tree);
}

/* The file `path` of the system, "/proc/self/statm". */
static void put(const char *path, const char *text)
{
    char file[256];
    assert_in_range(snprintf(file, sizeof file, "%s%s", tree, path), 1, sizeof file - 1);
    assert_ok(okng_make_parent(file, error));
    assert_ok(okng_file_write(file, text, strlen(text), error));
}

#endif
