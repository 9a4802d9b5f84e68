#include <errno.h>
#include <ftw.h>
#include <stdio.h>

#include "base/file.h"

enum { OPEN_FOLDERS = 16 };

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

okng_status okng_remove_tree(const char *path, okng_error *error)
{
    if (nftw(path, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT) return OKNG_OK;
    return okng_fail_errno(error, "remove", path);
}
