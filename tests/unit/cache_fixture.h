/* A folder of small banks: each is a copy of one that is built once. */
#ifndef OKNG_TESTS_CACHE_FIXTURE_H
#define OKNG_TESTS_CACHE_FIXTURE_H

#include <pthread.h>
#include <unistd.h>

#include "fixture.h"
#include "test.h"

static char cache_folder[64]; /* with ok/, ng/, and the folder banks/ */

/* A shell command in that folder. */
__attribute__((format(printf, 1, 2))) static inline void cache_run(const char *format, ...)
{
    char line[512], command[640];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(line, sizeof line, format, values);
    va_end(values);
    (void)snprintf(command, sizeof command, "cd %s && %s", cache_folder, line);
    assert_int_equal(system(command), 0);
}

/* Puts a copy of the bank into the banks folder, in one rename. */
static inline void cache_add(const char *name)
{
    cache_run("cp -r bank banks/.new && mv -T banks/.new banks/%s", name);
}

/* The banks folder, or what lies in it. */
static inline const char *cache_path(const char *name, char path[256])
{
    (void)snprintf(path, 256, "%s/banks%s%s", cache_folder, *name ? "/" : "", name);
    return path;
}

static inline int cache_setup(void **state)
{
    char paths[FIXTURE_OK][128], bank[96];
    const char *pictures[FIXTURE_OK];
    okng_build_options options;
    (void)state;
    strcpy(cache_folder, "/tmp/okng-test-cache-XXXXXX");
    assert_non_null(mkdtemp(cache_folder));
    assert_ok(fixture_write(cache_folder, error));
    okng_build_options_init(&options);
    strcpy(options.backbone, "resnet18");
    (void)snprintf(options.weights, sizeof options.weights, "%s/resnet18.safetensors", cache_folder);
    options.resize_height = options.resize_width = 64;
    options.threads = 1;
    for (int i = 0; i < FIXTURE_OK; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/ok/%03d.png", cache_folder, i);
        pictures[i] = paths[i];
    }
    (void)snprintf(bank, sizeof bank, "%s/bank", cache_folder);
    assert_ok(okng_build_paths(pictures, FIXTURE_OK, bank, &options, NULL, NULL, NULL, error));
    cache_run("mkdir banks");
    return 0;
}

static inline int cache_teardown(void **state)
{
    (void)state;
    cache_run("rm -rf %s", cache_folder);
    return 0;
}

/* An empty folder of banks again. */
static inline int cache_clear(void **state)
{
    (void)state;
    cache_run("rm -rf banks && mkdir banks");
    return 0;
}

#endif
