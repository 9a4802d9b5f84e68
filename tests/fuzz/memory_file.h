/* One file for the process, in memory, for readers that take a path; gone when it ends. What does not end by itself (a
 * fuzzer that found something, or was stopped) cannot clear it: tools/fuzz.sh gives a TMPDIR of its own, and removes
 * it.
 */
#ifndef OKNG_TESTS_FUZZ_MEMORY_FILE_H
#define OKNG_TESTS_FUZZ_MEMORY_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char memory_folder[256], memory_path[320];

static void memory_file_remove(void)
{
    (void)unlink(memory_path);
    (void)rmdir(memory_folder);
}

/* memory_path, called `name` in memory_folder, holds these bytes. */
static void memory_file(const char *name, const void *data, size_t size)
{
    if (!memory_folder[0]) {
        const char *in = getenv("OKNG_FUZZ_DIR");
        const int length = snprintf(memory_folder, sizeof memory_folder, "%s/okng_fuzz_XXXXXX", in ? in : "/dev/shm");
        if (length >= (int)sizeof memory_folder) abort();
        if (!mkdtemp(memory_folder)) abort();
        (void)snprintf(memory_path, sizeof memory_path, "%s/%s", memory_folder, name);
        (void)atexit(memory_file_remove);
    }
    FILE *file = fopen(memory_path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) abort();
}

#endif
