#include "bank/bank_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bank/bank_config.h"
#include "bank/ensemble_file.h"
#include "bank/tau_choice.h"
#include "base/json.h"
#include "base/memory.h"

/* What may lie in the folder of a bank. */
typedef struct expected {
    const char *const *data; /* names of data files, NULL at the end */
    bool unfinished;         /* also what is left of a file that was being written */
} expected;

static bool is_one_of(const char *const *names, const char *name, bool unfinished)
{
    for (; *names; names++) {
        if (okng_is_temporary_of(name, *names)) return true; /* what a killed writer left */
        size_t length = strlen(*names);
        if (strncmp(name, *names, length) != 0) continue;
        if (name[length] == '\0' || (unfinished && name[length] == '.')) return true;
    }
    return false;
}

static bool is_bank_name(const char *name, const expected *expect)
{
    static const char *const documents[] = {OKNG_BANK_CONFIG_FILE,   OKNG_BANK_TAU_FILE,      OKNG_BANK_PAGE_FILE,
                                            OKNG_BANK_BACKBONE_FILE, OKNG_BANK_ENSEMBLE_FILE, NULL};
    return is_one_of(documents, name, expect->unfinished) || is_one_of(expect->data, name, expect->unfinished);
}

/* Calls `use` with the path of each member of an ensemble. */
typedef okng_status (*member_fn)(const char *member, const void *context, okng_error *error);
static okng_status for_each_member(const char *folder, member_fn use, const void *context, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < OKNG_ENSEMBLE_MAX && status == OKNG_OK; i++) {
        char name[OKNG_NAME_MAX];
        char *member = okng_path_join(folder, okng_ensemble_member_name(i, name, sizeof name));
        status = member ? OKNG_OK : okng_fail_memory(error, strlen(folder));
        if (status == OKNG_OK && okng_is_folder(member)) status = use(member, context, error);
        free(member);
    }
    return status;
}

static bool is_member_name(const char *name)
{
    char member[OKNG_NAME_MAX];
    for (size_t i = 0; i < OKNG_ENSEMBLE_MAX; i++)
        if (strcmp(name, okng_ensemble_member_name(i, member, sizeof member)) == 0) return true;
    return false;
}

/* One folder, but for members of an ensemble. */
static okng_status check_entries(const char *folder, const expected *expect, bool members, okng_error *error)
{
    DIR *entries = opendir(folder);
    if (!entries) return errno == ENOENT ? OKNG_OK : okng_fail_errno(error, "write the bank to", folder);
    okng_status status = OKNG_OK;
    for (struct dirent *entry; status == OKNG_OK && (entry = readdir(entries));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            !is_bank_name(entry->d_name, expect) && !(members && is_member_name(entry->d_name)))
            status = okng_fail(
                error, OKNG_ERROR_ARGUMENT,
                "%s: holds \"%s\", which is no part of a bank and would be lost; choose an empty or new folder", folder,
                entry->d_name);
    (void)closedir(entries);
    return status;
}

static okng_status check_member(const char *folder, const void *expect, okng_error *error)
{
    return check_entries(folder, expect, false, error);
}

/* A folder that is there is replaced only when nothing but a bank would be lost. */
static okng_status check_replaceable(const char *folder, expected expect, okng_error *error)
{
    OKNG_TRY(check_entries(folder, &expect, true, error));
    return for_each_member(folder, check_member, &expect, error);
}

static okng_status remove_member(const char *folder, const void *unused, okng_error *error)
{
    (void)unused;
    return okng_remove_folder(folder, error);
}

static okng_status remove_bank(const char *folder, okng_error *error)
{
    OKNG_TRY(for_each_member(folder, remove_member, NULL, error));
    return okng_remove_folder(folder, error);
}

static char *with_suffix(const char *folder, const char *suffix)
{
    size_t size = strlen(folder) + strlen(suffix) + 1;
    char *path = malloc(size);
    if (path) (void)snprintf(path, size, "%s%s", folder, suffix);
    return path;
}

/* The folder's own name, for its parent is where the exchange happens: without slashes at the end, and not that of a
 * link to it. */
static okng_status find_folder(const char *given, char **folder, okng_error *error)
{
    size_t length = strlen(given);
    while (length > 1 && given[length - 1] == '/') length--;
    if (length == 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "the bank's folder has an empty name");
    *folder = strndup(given, length);
    if (!*folder) return okng_fail_memory(error, length);
    const char *slash = strrchr(*folder, '/'), *last = slash ? slash + 1 : *folder;
    struct stat info;
    bool is_link = lstat(*folder, &info) == 0 && S_ISLNK(info.st_mode);
    if (!is_link && strcmp(last, ".") != 0 && strcmp(last, "..") != 0) return OKNG_OK;
    char *real = realpath(*folder, NULL);
    if (!real) return okng_fail_errno(error, "write the bank to", *folder);
    free(*folder);
    *folder = real;
    return OKNG_OK;
}

static okng_status check_exchangeable(const char *folder, okng_error *error)
{
    struct statx info;
    if (statx(AT_FDCWD, folder, 0, 0, &info) != 0 || !(info.stx_attributes & STATX_ATTR_MOUNT_ROOT)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s: is a mount point, which cannot be exchanged for a new bank; give a folder below it", folder);
}

static okng_status make_parent(const char *folder, okng_error *error)
{
    const char *slash = strrchr(folder, '/');
    if (!slash || slash == folder) return OKNG_OK;
    char *parent = strndup(folder, (size_t)(slash - folder));
    if (!parent) return okng_fail_memory(error, strlen(folder));
    okng_status status = okng_make_folders(parent, error);
    free(parent);
    return status;
}

okng_status okng_bank_writer_open(okng_bank_writer *writer, const char *folder, const char *const *data,
                                  okng_error *error)
{
    *writer = (okng_bank_writer){.data = data, .lock = {.descriptor = -1}};
    char *lock_path = NULL;
    okng_status status = find_folder(folder, &writer->folder, error);
    if (status == OKNG_OK) {
        writer->building = with_suffix(writer->folder, ".building");
        lock_path = with_suffix(writer->folder, ".lock");
        if (!writer->building || !lock_path) status = okng_fail_memory(error, strlen(folder));
    }
    if (status == OKNG_OK) status = make_parent(writer->folder, error);
    if (status == OKNG_OK) status = check_replaceable(writer->folder, (expected){writer->data, false}, error);
    if (status == OKNG_OK) status = check_exchangeable(writer->folder, error);
    if (status == OKNG_OK) status = okng_lock_take(&writer->lock, lock_path, error);
    /* We hold the lock, so a half-written folder is what a killed build left. */
    if (status == OKNG_OK) status = check_replaceable(writer->building, (expected){writer->data, true}, error);
    if (status == OKNG_OK) status = remove_bank(writer->building, error);
    if (status == OKNG_OK) {
        writer->begun = mkdir(writer->building, 0777) == 0;
        if (!writer->begun) status = okng_fail_errno(error, "make the folder", writer->building);
    }
    free(lock_path);
    if (status != OKNG_OK) okng_bank_writer_close(writer);
    return status;
}

static okng_status put_in_place(const okng_bank_writer *writer, okng_error *error)
{
    if (rename(writer->building, writer->folder) == 0) return OKNG_OK; /* new, or an empty folder */
    if (errno != ENOTEMPTY && errno != EEXIST) return okng_fail_errno(error, "write the bank to", writer->folder);
    OKNG_TRY(check_replaceable(writer->folder, (expected){writer->data, false}, error));
    if (renameat2(AT_FDCWD, writer->building, AT_FDCWD, writer->folder, RENAME_EXCHANGE) == 0) return OKNG_OK;

    /* A file system without exchange: the old bank steps aside for a moment. */
    char *old = with_suffix(writer->folder, ".old");
    if (!old) return okng_fail_memory(error, strlen(writer->folder));
    okng_status status = remove_bank(old, error);
    if (status == OKNG_OK && rename(writer->folder, old) != 0)
        status = okng_fail_errno(error, "replace", writer->folder);
    if (status == OKNG_OK && rename(writer->building, writer->folder) != 0) {
        status = okng_fail_errno(error, "write the bank to", writer->folder);
        (void)rename(old, writer->folder);
    }
    if (status == OKNG_OK) status = remove_bank(old, error);
    free(old);
    return status;
}

/* The data files' hashes, from what lies on the disk. */
static okng_status settle_data(const char *folder, okng_bank_config *config, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (int32_t i = 0; i < config->data_count && status == OKNG_OK; i++) {
        char *path = okng_path_join(folder, config->data[i].file);
        status = path ? okng_file_sha256(path, config->data[i].sha256, error) : okng_fail_memory(error, OKNG_PATH_MAX);
        if (status == OKNG_OK) status = okng_flush_to_disk(path, error);
        free(path);
    }
    return status;
}

okng_status okng_bank_write_documents(const char *folder, okng_bank_config *config, const okng_tau *tau,
                                      okng_error *error)
{
    OKNG_TRY(settle_data(folder, config, error));
    char *paths[2] = {okng_path_join(folder, OKNG_BANK_CONFIG_FILE), okng_path_join(folder, OKNG_BANK_TAU_FILE)};
    okng_status status = paths[0] && paths[1] ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK) status = okng_bank_config_write(config, paths[0], error);
    if (status == OKNG_OK) status = okng_tau_write(tau, &config->options, paths[1], error);
    for (int i = 0; i < 2 && status == OKNG_OK; i++) status = okng_flush_to_disk(paths[i], error);
    if (status == OKNG_OK) status = okng_flush_to_disk(folder, error);
    for (int i = 0; i < 2; i++) free(paths[i]);
    return status;
}

okng_status okng_bank_writer_finish(okng_bank_writer *writer, okng_error *error)
{
    OKNG_TRY(okng_flush_to_disk(writer->building, error));
    return put_in_place(writer, error);
}

void okng_bank_writer_close(okng_bank_writer *writer)
{
    /* What was not committed, or the bank that was replaced. */
    if (writer->begun) (void)remove_bank(writer->building, NULL);
    okng_lock_drop(&writer->lock);
    free(writer->building);
    free(writer->folder);
    *writer = (okng_bank_writer){.lock = {.descriptor = -1}};
}

/* ---- choosing thresholds --------------------------------------------------------------------- */

static okng_status need_bank(const char *folder, okng_error *error)
{
    okng_bank_config config;
    if (okng_ensemble_is(folder)) return OKNG_OK;
    char *path = okng_path_join(folder, OKNG_BANK_CONFIG_FILE);
    okng_status status = path ? okng_bank_config_read(path, &config, error) : okng_fail_memory(error, strlen(folder));
    free(path);
    return status;
}

/* The file is read as a bank's first, so that a damaged one is not written anew as if it were whole. */
static okng_status change_file(const char *path, const okng_tau_change *change, okng_error *error)
{
    okng_tau tau;
    json_t *document;
    OKNG_TRY(okng_tau_read(path, &tau, error));
    okng_tau_free(&tau);
    OKNG_TRY(okng_json_read(&document, path, &okng_tau_limits, error));
    okng_status status = okng_tau_change_document(document, change, error);
    if (status == OKNG_OK) status = okng_json_write(document, path, error);
    json_decref(document);
    return status;
}

okng_status okng_bank_change_tau(const char *folder, const okng_tau_change *change, okng_error *error)
{
    char *place = NULL;
    okng_lock lock = {.descriptor = -1};
    OKNG_TRY(need_bank(folder, error));
    OKNG_TRY(find_folder(folder, &place, error));
    char *lock_path = with_suffix(place, ".lock"), *path = okng_path_join(place, OKNG_BANK_TAU_FILE);
    okng_status status =
        lock_path && path ? okng_lock_take(&lock, lock_path, error) : okng_fail_memory(error, strlen(folder));
    if (status == OKNG_OK) {
        status = change_file(path, change, error);
        okng_lock_drop(&lock);
    }
    free(path);
    free(lock_path);
    free(place);
    return status;
}
