#include "serve/folders.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <time.h>

enum { DESCRIPTORS = 16 }; /* of a walk */

okng_status okng_id_make(char id[OKNG_ID_TEXT], okng_error *error)
{
    uint8_t bytes[10];
    struct timespec now;
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return okng_fail_errno(error, "take random bytes for", "an id");
    (void)clock_gettime(CLOCK_REALTIME, &now);
    const uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    (void)snprintf(id, OKNG_ID_TEXT, "%012llx", (unsigned long long)(ms & 0xffffffffffff));
    for (size_t i = 0; i < sizeof bytes; i++) (void)snprintf(id + 12 + 2 * i, 3, "%02x", bytes[i]);
    return OKNG_OK;
}

bool okng_id_is_good(const char *id)
{
    return strlen(id) == OKNG_ID_TEXT - 1 && strspn(id, "0123456789abcdef") == OKNG_ID_TEXT - 1;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info, (void)kind, (void)where;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

okng_status okng_folder_remove(const char *path, okng_error *error)
{
    if (nftw(path, remove_entry, DESCRIPTORS, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT) return OKNG_OK;
    return okng_fail_errno(error, "remove", path);
}

static _Thread_local uint64_t sum; /* nftw gives its callback nothing of the caller's */

static int add_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)path, (void)where;
    if (kind == FTW_F) sum += (uint64_t)info->st_size;
    return 0;
}

uint64_t okng_folder_bytes(const char *path)
{
    sum = 0;
    (void)nftw(path, add_entry, DESCRIPTORS, FTW_PHYS);
    return sum;
}

okng_status okng_folder_need_room(const char *path, uint64_t bytes, okng_error *error)
{
    struct statvfs disk;
    if (statvfs(path, &disk) != 0) return okng_fail_errno(error, "ask for the room on", path);
    const uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (left >= OKNG_DISK_RESERVE && left - OKNG_DISK_RESERVE >= bytes) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT,
                     "the disk has %llu MiB left, and %llu MiB more are needed, with %u MiB kept free; remove uploads, "
                     "jobs or banks of the bin, or make room otherwise",
                     (unsigned long long)(left >> 20), (unsigned long long)(bytes >> 20) + 1, OKNG_DISK_RESERVE >> 20);
}
