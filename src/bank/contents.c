#include "bank/contents.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bank/bank_file.h"
#include "bank/ensemble_file.h"
#include "bank/rois_file.h"

/* The documents that say what a folder is. */
static const char *const descriptions[] = {OKNG_BANK_CONFIG_FILE, OKNG_BANK_ENSEMBLE_FILE, OKNG_BANK_ROIS_FILE, NULL};

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* Also one that was being written: in a finished bank too, where a change of its thresholds was killed. */
static bool is_one_of(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0 || okng_is_temporary_of(name, *names)) return true;
    return false;
}

/* ".nfs0000000000a1b2c300000004": what an NFS client makes of a removed file that some process still reads. */
static bool is_nfs_name(const char *name)
{
    enum { SHORTEST = 16 };
    size_t digits = strncmp(name, ".nfs", 4) == 0 ? strspn(name + 4, "0123456789abcdef") : 0;
    return digits >= SHORTEST && !name[4 + digits];
}

static bool is_member_name(const char *name)
{
    char member[OKNG_NAME_MAX];
    for (size_t i = 0; i < OKNG_ENSEMBLE_MAX; i++)
        if (strcmp(name, okng_ensemble_member_name(i, member, sizeof member)) == 0) return true;
    for (size_t i = 0; i < OKNG_ROIS_MAX; i++)
        if (strcmp(name, okng_rois_part_name(i, member, sizeof member)) == 0) return true;
    return false;
}

/* "region-1.png": what a region is found by. */
static bool is_region_picture(const char *name)
{
    char picture[OKNG_NAME_MAX];
    const size_t length = strlen(name), end = strlen(".png");
    if (length <= end || length >= sizeof picture || strcmp(name + length - end, ".png") != 0) return false;
    (void)snprintf(picture, sizeof picture, "%.*s", (int)(length - end), name);
    return strncmp(picture, "region-", strlen("region-")) == 0 && is_member_name(picture);
}

static bool is_bank_name(const char *name, const okng_bank_contents *expected)
{
    static const char *const documents[] = {
        OKNG_BANK_CONFIG_FILE,   OKNG_BANK_TAU_FILE,  OKNG_BANK_PAGE_FILE,  OKNG_BANK_BACKBONE_FILE,
        OKNG_BANK_ENSEMBLE_FILE, OKNG_BANK_ROIS_FILE, OKNG_BANK_ROUTE_FILE, NULL};
    if (expected->unfinished && is_nfs_name(name)) return true;
    return is_one_of(documents, name) || is_one_of(expected->data, name) || is_region_picture(name);
}

/* Of no user's making, and gone with the bank. */
static bool comes_by_itself(const char *name, const okng_bank_contents *expected)
{
    const char *whose = okng_companion_of(name);
    if (whose && (is_bank_name(whose, expected) || is_member_name(whose))) return true;
    return okng_is_of_file_manager(whose ? whose : name);
}

/* ---- going through a folder -------------------------------------------------------------------------------------- */

/* A folder that is gone through. */
typedef struct walk {
    const char *path;
    const okng_bank_contents *expected;
    bool is_member; /* of an ensemble, or of a region: holds none itself */
    DIR *entries;
    int descriptor; /* of entries */
} walk;

/* w->entries is NULL where the folder is missing. */
static okng_status begin(walk *w, okng_error *error)
{
    w->entries = NULL;
    w->descriptor = open(w->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (w->descriptor < 0 && errno == ENOENT) return OKNG_OK;
    if (w->descriptor < 0 && (errno == ENOTDIR || errno == ELOOP))
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "%s: is a file or a link where okng needs a folder of its own, and would be lost; move it away", w->path);
    if (w->descriptor >= 0) w->entries = fdopendir(w->descriptor);
    if (w->entries) return OKNG_OK;
    okng_status status = okng_fail_errno(error, "write the bank to", w->path);
    if (w->descriptor >= 0) (void)close(w->descriptor);
    return status;
}

/* The next entry, but for "." and "..". NULL at the end. */
static const char *next(const walk *w)
{
    const struct dirent *entry = readdir(w->entries);
    while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)) entry = readdir(w->entries);
    return entry ? entry->d_name : NULL;
}

static bool is_kind(const walk *w, const char *name, mode_t kind)
{
    struct stat info;
    return fstatat(w->descriptor, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && (info.st_mode & S_IFMT) == kind;
}

/* Goes into the folder of a member. */
typedef okng_status visit_fn(const char *folder, const okng_bank_contents *expected, bool is_member, okng_error *error);
static okng_status visit_member(const walk *w, const char *name, visit_fn *visit, okng_error *error)
{
    char *member = okng_path_join(w->path, name);
    if (!member) return okng_fail_memory(error, strlen(w->path));
    okng_status status = visit(member, w->expected, true, error);
    free(member);
    return status;
}

/* ---- checking ---------------------------------------------------------------------------------------------------- */

/* Whether a description was written by okng; one that is damaged may be of a bank, so a look at its words must do. */
static okng_status look_for_okng(const walk *w, const char *name, bool *ours, okng_error *error)
{
    enum { LIMIT = 64 << 20 };
    void *text = NULL;
    size_t size = 0;
    okng_error why = {.status = OKNG_OK};
    char *path = okng_path_join(w->path, name);
    if (!path) return okng_fail_memory(error, strlen(w->path));
    okng_status status = okng_file_read(path, LIMIT, &text, &size, &why);
    *ours = size > 0 && memmem(text, size, "okng", strlen("okng")) != NULL;
    free(text);
    free(path);
    if (status == OKNG_ERROR_MEMORY && error) *error = why;
    return status == OKNG_ERROR_MEMORY ? status : OKNG_OK; /* who cannot read it cannot say that it is ours */
}

static okng_status check(const char *folder, const okng_bank_contents *expected, bool is_member, okng_error *error);

static okng_status check_entry(const walk *w, const char *name, okng_error *error)
{
    bool is_folder = !w->is_member && is_member_name(name);
    if (!is_folder && !is_bank_name(name, w->expected) && !comes_by_itself(name, w->expected))
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "%s: holds \"%s\", which is no part of a bank and would be lost; choose an empty or new folder", w->path,
            name);
    if (is_folder && !is_kind(w, name, S_IFDIR))
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "%s: \"%s\" in it is no folder, as members of an ensemble are, and would be lost; choose an empty or new "
            "folder",
            w->path, name);
    if (!is_folder && !is_kind(w, name, S_IFREG))
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "%s: \"%s\" in it is no regular file, as a bank's are, and would be lost; choose an empty or new folder",
            w->path, name);
    return is_folder ? visit_member(w, name, check, error) : OKNG_OK;
}

static okng_status check(const char *folder, const okng_bank_contents *expected, bool is_member, okng_error *error)
{
    walk w = {.path = folder, .expected = expected, .is_member = is_member};
    char first[NAME_MAX + 1] = "";
    bool described = expected->unfinished;
    OKNG_TRY(begin(&w, error));
    if (!w.entries) return OKNG_OK;
    okng_status status = OKNG_OK;
    for (const char *name; status == OKNG_OK && (name = next(&w));) {
        if (!first[0] && !comes_by_itself(name, expected)) (void)snprintf(first, sizeof first, "%s", name);
        status = check_entry(&w, name, error);
        for (int i = 0; descriptions[i] && status == OKNG_OK && !described; i++)
            if (strcmp(name, descriptions[i]) == 0) status = look_for_okng(&w, name, &described, error);
    }
    if (status == OKNG_OK && first[0] && !described)
        status =
            okng_fail(error, OKNG_ERROR_ARGUMENT,
                      "%s: holds \"%s\" and no %s of okng's, so it may not be a bank, and would be lost; choose an "
                      "empty or new folder",
                      folder, first, OKNG_BANK_CONFIG_FILE);
    (void)closedir(w.entries);
    return status;
}

okng_status okng_bank_contents_check(const char *folder, okng_bank_contents expected, okng_error *error)
{
    return check(folder, &expected, false, error);
}

bool okng_bank_contents_whole(const char *folder)
{
    bool whole = false;
    walk w = {.path = folder};
    if (begin(&w, NULL) != OKNG_OK || !w.entries) return false;
    for (int i = 0; descriptions[i]; i++) whole = whole || is_kind(&w, descriptions[i], S_IFREG);
    (void)closedir(w.entries);
    return whole;
}

okng_status okng_bank_contents_described(const char *folder, bool *described, okng_error *error)
{
    okng_status status = OKNG_OK;
    const walk w = {.path = folder};
    *described = false;
    for (int i = 0; descriptions[i] && status == OKNG_OK && !*described; i++)
        status = look_for_okng(&w, descriptions[i], described, error);
    return status;
}

/* ---- removing ---------------------------------------------------------------------------------------------------- */

static okng_status remove_checked(const char *folder, const okng_bank_contents *expected, bool is_member,
                                  okng_error *error);

static okng_status remove_entry(const walk *w, const char *name, okng_error *error)
{
    OKNG_TRY(check_entry(w, name, error)); /* it may have come since */
    if (!w->is_member && is_member_name(name)) return visit_member(w, name, remove_checked, error);
    if (unlinkat(w->descriptor, name, 0) == 0 || errno == ENOENT) return OKNG_OK;
    return okng_fail_errno(error, "remove a file in", w->path);
}

static okng_status remove_checked(const char *folder, const okng_bank_contents *expected, bool is_member,
                                  okng_error *error)
{
    walk w = {.path = folder, .expected = expected, .is_member = is_member};
    OKNG_TRY(begin(&w, error));
    if (!w.entries) return OKNG_OK;
    okng_status status = OKNG_OK;
    for (int i = 0; descriptions[i] && status == OKNG_OK; i++)
        if (is_kind(&w, descriptions[i], S_IFREG)) status = remove_entry(&w, descriptions[i], error);
    for (const char *name; status == OKNG_OK && (name = next(&w));) status = remove_entry(&w, name, error);
    (void)closedir(w.entries);
    if (status == OKNG_OK && rmdir(folder) != 0) status = okng_fail_errno(error, "remove", folder);
    return status;
}

okng_status okng_bank_contents_remove(const char *folder, okng_bank_contents expected, okng_error *error)
{
    okng_bank_contents any = {expected.data, true}; /* without its description it is an unfinished one */
    OKNG_TRY(check(folder, &expected, false, error));
    return remove_checked(folder, &any, false, error);
}

/* ---- the right to remove ----------------------------------------------------------------------------------------- */

/* Whether a folder lets its owner alone, those of the files in it and root remove these, as /tmp does. */
static bool keeps_from_us(const struct stat *folder, const struct stat *file)
{
    uid_t us = geteuid();
    return (folder->st_mode & S_ISVTX) && us != 0 && us != folder->st_uid && us != file->st_uid;
}

static okng_status fail_rights(const char *path, const struct stat *info, okng_error *error)
{
    if (info->st_uid == geteuid())
        return okng_fail(error, OKNG_ERROR_IO,
                         "%s: cannot be replaced: you have no right to write to this folder of yours (mode %04o); "
                         "`chmod u+rwx` it, or give another folder",
                         path, (unsigned)info->st_mode & 07777);
    return okng_fail(
        error, OKNG_ERROR_IO,
        "%s: cannot be replaced: belongs to user %u (mode %04o), and you, user %u, have no right to remove "
        "it; let its owner or root build the bank or remove the old one, or give another folder",
        path, (unsigned)info->st_uid, (unsigned)info->st_mode & 07777, (unsigned)geteuid());
}

/* An empty folder is in nobody's way. */
static okng_status removable(const char *folder, const okng_bank_contents *unused, bool is_member, okng_error *error)
{
    struct stat info, file;
    walk w = {.path = folder, .is_member = is_member};
    OKNG_TRY(begin(&w, error));
    if (!w.entries) return OKNG_OK;
    okng_status status = OKNG_OK;
    const char *name = next(&w);
    if (name && fstat(w.descriptor, &info) != 0) status = okng_fail_errno(error, "look at", folder);
    if (name && status == OKNG_OK && faccessat(w.descriptor, ".", W_OK | X_OK, AT_EACCESS) != 0 && errno == EACCES)
        status = fail_rights(folder, &info, error);
    for (; name && status == OKNG_OK; name = next(&w)) {
        if (fstatat(w.descriptor, name, &file, AT_SYMLINK_NOFOLLOW) != 0) continue; /* is gone */
        if (keeps_from_us(&info, &file)) status = fail_rights(folder, &info, error);
        if (status == OKNG_OK && !is_member && S_ISDIR(file.st_mode)) status = visit_member(&w, name, removable, error);
    }
    (void)closedir(w.entries);
    (void)unused;
    return status;
}

okng_status okng_bank_contents_removable(const char *folder, okng_error *error)
{
    struct stat info, around;
    char *parent = okng_path_join(folder, "..");
    if (!parent) return okng_fail_memory(error, strlen(folder));
    bool kept = lstat(folder, &info) == 0 && stat(parent, &around) == 0 && keeps_from_us(&around, &info);
    free(parent);
    return kept ? fail_rights(folder, &info, error) : removable(folder, NULL, false, error);
}

/* ---- to the disk ------------------------------------------------------------------------------------------------- */

static okng_status flush(const char *folder, const okng_bank_contents *expected, bool is_member, okng_error *error)
{
    walk w = {.path = folder, .expected = expected, .is_member = is_member};
    OKNG_TRY(begin(&w, error));
    if (!w.entries) return OKNG_OK;
    okng_status status = OKNG_OK;
    for (const char *name; status == OKNG_OK && (name = next(&w));) {
        char *path = okng_path_join(folder, name);
        if (!path) status = okng_fail_memory(error, strlen(folder));
        if (path && is_kind(&w, name, S_IFREG)) status = okng_flush_to_disk(path, error);
        if (path && !is_member && is_kind(&w, name, S_IFDIR)) status = visit_member(&w, name, flush, error);
        free(path);
    }
    (void)closedir(w.entries);
    return status == OKNG_OK ? okng_flush_to_disk(folder, error) : status;
}

okng_status okng_bank_contents_flush(const char *folder, okng_error *error)
{
    return flush(folder, NULL, false, error);
}
