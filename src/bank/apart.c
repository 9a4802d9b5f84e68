#include "bank/apart.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bank/bank_file.h"
#include "bank/contents.h"
#include "base/file.h"

/* None of these takes memory: a refusal must not depend on it. */
static bool holds(const char *folder, const char *name)
{
    char path[PATH_MAX + OKNG_NAME_MAX];
    return snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path && access(path, F_OK) == 0;
}

static bool is_bank(const char *folder)
{
    return holds(folder, OKNG_BANK_CONFIG_FILE) || holds(folder, OKNG_BANK_ENSEMBLE_FILE) ||
           holds(folder, OKNG_BANK_ROIS_FILE);
}

/* "/a/b" becomes "/a"; false at the root. */
static bool go_up(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash || !path[1]) return false;
    slash[slash == path] = '\0';
    return true;
}

/* The folder of a bank, or that of the ensemble, or of the regions, that it is a part of; *found is false where it is
 * gone. */
static okng_status find_whole(const char *bank, struct stat *whole, bool *found, okng_error *error)
{
    struct stat info;
    char *real;
    OKNG_TRY(okng_real_path(&real, bank, error));
    *found = real && stat(real, whole) == 0;
    const bool is_part =
        *found && go_up(real) && (holds(real, OKNG_BANK_ENSEMBLE_FILE) || holds(real, OKNG_BANK_ROIS_FILE));
    if (is_part && stat(real, &info) == 0) *whole = info;
    free(real);
    return OKNG_OK;
}

/* Whether `path`, which is cut, or a folder above it is the one that `bank` is; by number, for a folder may be mounted
 * twice. */
static bool lies_in(char *path, const struct stat *bank)
{
    struct stat info;
    do {
        if (stat(path, &info) == 0 && info.st_dev == bank->st_dev && info.st_ino == bank->st_ino) return true;
    } while (go_up(path));
    return false;
}

okng_status okng_need_no_bank(const char *out, const char *bank, okng_error *error)
{
    struct stat whole;
    bool known = false;
    if (bank) OKNG_TRY(find_whole(bank, &whole, &known, error));
    char *there = okng_path_to_be(out);
    if (!there) return okng_fail_errno(error, "find the place of", out);
    bool inside = is_bank(there);
    char *slash = strrchr(there, '/');
    if (!inside && slash > there) {
        *slash = '\0';
        inside = is_bank(there);
        *slash = '/';
    }
    if (!inside && known) inside = lies_in(there, &whole);
    free(there);
    if (!inside) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s: lies in the folder of a bank, which holds nothing but the bank; give another folder", out);
}

okng_status okng_need_no_bank_around(const char *folder, okng_error *error)
{
    bool described = false;
    char *around = okng_path_to_be(folder);
    if (!around) return okng_fail_errno(error, "find the place of", folder);
    okng_status status = OKNG_OK;
    while (status == OKNG_OK && !described && go_up(around))
        status = okng_bank_contents_described(around, &described, error);
    if (described)
        status = okng_fail(error, OKNG_ERROR_ARGUMENT,
                           "%s: lies in %s, the folder of another bank, which holds nothing but that bank; give a "
                           "folder outside of it",
                           folder, around);
    free(around);
    return status;
}
