/* One file for the process, in memory, for readers that take a path; gone when it ends. */
#ifndef OKNG_TESTS_FUZZ_MEMORY_FILE_H
#define OKNG_TESTS_FUZZ_MEMORY_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char memory_folder[64], memory_path[128];

static void memory_file_remove(void)
{
    (void)unlink(memory_path);
    (void)rmdir(memory_folder);
}

/* memory_path, called `name` in memory_folder, holds these bytes. */
static void memory_file(const char *name, const void *data, size_t size)
{
    if (!memory_folder[0]) {
        (void)snprintf(memory_folder, sizeof memory_folder, "/dev/shm/okng_fuzz_XXXXXX");
        if (!mkdtemp(memory_folder)) abort();
        (void)snprintf(memory_path, sizeof memory_path, "%s/%s", memory_folder, name);
        (void)atexit(memory_file_remove);
    }
    FILE *file = fopen(memory_path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) abort();
}

#endif
