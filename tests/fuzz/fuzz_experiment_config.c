/* Any bytes as an experiment's file: read, and where that succeeds written and read again to the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experiment/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];
static int file;

static void remove_file(void)
{
    (void)unlink(path);
}

/* One file for the process, in memory, gone when it ends. (An anonymous one has no path that the configuration could be
 * told apart by.) */
static void make_file(void)
{
    if (path[0]) return;
    (void)snprintf(path, sizeof path, "/dev/shm/okng_fuzz_XXXXXX");
    file = mkstemp(path);
    if (file < 0) abort();
    (void)atexit(remove_file);
}

static okng_status load(okng_experiment_config *config, const void *data, size_t size)
{
    const char *root = "data.root=d"; /* what lets more files succeed */
    if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != (ssize_t)size) abort();
    return okng_experiment_config_load(config, path, &root, 1, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_experiment_config config, again;
    char *yaml;
    make_file();
    if (load(&config, data, size) != OKNG_OK) return 0;
    if (okng_experiment_config_yaml(&config, &yaml, NULL) != OKNG_OK) return 0;
    if (load(&again, yaml, strlen(yaml)) != OKNG_OK || memcmp(&config, &again, sizeof config) != 0) {
        (void)fprintf(stderr, "does not come back:\n%s", yaml);
        abort();
    }
    free(yaml);
    return 0;
}
