#include "line/spool_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

/* ---- places ------------------------------------------------------------------------------------------------------ */

enum { PLACE = 52 }; /* bytes of "next 20 digits lost 20 digits\n", of one size so that each write replaces the last */

okng_status okng_place_open(int *file, const char *folder, const char *reader, uint64_t *next, uint64_t *lost,
                            bool *known, okng_error *error)
{
    char name[OKNG_NAME_MAX + 8], text[PLACE + 1] = "";
    (void)snprintf(name, sizeof name, "%s.at", reader);
    char *path = okng_path_join(folder, name);
    if (!path) return okng_fail_memory(error, strlen(folder) + sizeof name);
    *file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    const okng_status status = *file < 0 ? okng_fail_errno(error, "open", path) : OKNG_OK;
    free(path);
    if (status != OKNG_OK) return status;
    *next = *lost = 0;
    const bool whole = pread(*file, text, PLACE, 0) == PLACE;
    *known = whole && sscanf(text, "next %20" SCNu64 " lost %20" SCNu64, next, lost) == 2;
    return OKNG_OK;
}

bool okng_place_write(int file, uint64_t next, uint64_t lost)
{
    char text[PLACE + 1];
    const int size = snprintf(text, sizeof text, "next %020" PRIu64 " lost %020" PRIu64 "\n", next, lost);
    return pwrite(file, text, (size_t)size, 0) == size;
}

/* ---- what goes along --------------------------------------------------------------------------------------------- */

char *okng_along_path(const char *folder, uint64_t number)
{
    char *path = NULL;
    return asprintf(&path, "%s/files/%016" PRIx64, folder, number) < 0 ? NULL : path;
}

/* Calls for every file of a folder; false where it is not there. */
static bool each_file(const char *path, void (*look)(int folder, const char *name, void *user), void *user)
{
    DIR *dir = path ? opendir(path) : NULL;
    if (!dir) return false;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) look(dirfd(dir), entry->d_name, user);
    (void)closedir(dir);
    return true;
}

static void unlink_it(int folder, const char *name, void *user)
{
    (void)user;
    (void)unlinkat(folder, name, 0);
}

void okng_along_remove(const char *folder, uint64_t number)
{
    char *path = okng_along_path(folder, number);
    if (each_file(path, unlink_it, NULL)) (void)rmdir(path);
    free(path);
}

static void add_size(int folder, const char *name, void *user)
{
    struct stat found;
    if (fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW) == 0) *(uint64_t *)user += (uint64_t)found.st_size;
}

uint64_t okng_along_bytes(const char *folder, uint64_t number)
{
    uint64_t bytes = 0;
    char *path = okng_along_path(folder, number);
    (void)each_file(path, add_size, &bytes);
    free(path);
    return bytes;
}

/* The number that a name of 16 hex digits and `ending` says; false of another name. */
static bool number_of(const char *name, const char *ending, uint64_t *number)
{
    if (strspn(name, "0123456789abcdef") != 16 || strcmp(name + 16, ending) != 0) return false;
    *number = strtoull(name, NULL, 16);
    return true;
}

typedef struct sweep {
    const char *folder;
    uint64_t from, to;
} sweep;

static void sweep_one(int folder, const char *name, void *user)
{
    const sweep *s = user;
    uint64_t number;
    (void)folder;
    if (number_of(name, "", &number) && (number < s->from || number >= s->to)) okng_along_remove(s->folder, number);
}

void okng_along_sweep(const char *folder, uint64_t from, uint64_t to)
{
    sweep s = {.folder = folder, .from = from, .to = to};
    char *path = okng_path_join(folder, "files");
    (void)each_file(path, sweep_one, &s);
    free(path);
}

/* ---- segments ---------------------------------------------------------------------------------------------------- */

char *okng_segment_path(const char *folder, uint64_t first)
{
    char *path = NULL;
    return asprintf(&path, "%s/%016" PRIx64 ".log", folder, first) < 0 ? NULL : path;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

typedef struct found_segments {
    void *firsts;
    size_t count, capacity;
    bool failed;
} found_segments;

static void take_segment(int folder, const char *name, void *user)
{
    found_segments *found = user;
    uint64_t number;
    (void)folder;
    if (!number_of(name, ".log", &number) || number > INT64_MAX) return; /* numbers go on from there */
    if (!okng_grow(&found->firsts, &found->capacity, found->count + 1, sizeof number)) {
        found->failed = true;
        return;
    }
    ((uint64_t *)found->firsts)[found->count++] = number;
}

okng_status okng_segment_list(const char *folder, uint64_t **firsts, size_t *count, okng_error *error)
{
    found_segments found = {0};
    *firsts = NULL;
    *count = 0;
    if (!each_file(folder, take_segment, &found)) return okng_fail_errno(error, "read the folder", folder);
    if (found.failed) {
        free(found.firsts);
        return okng_fail_memory(error, (found.count + 1) * sizeof **firsts);
    }
    if (found.count > 0) qsort(found.firsts, found.count, sizeof **firsts, by_number);
    *firsts = found.firsts;
    *count = found.count;
    return OKNG_OK;
}
