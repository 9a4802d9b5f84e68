#include "serve/bank_bin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "history/record.h"

#define BIN ".okng-bin"
#define ABOUT "about.json"

/* ---- paths ------------------------------------------------------------------------------------------------------- */

static char *bin_path(const char *folder, const char *id, const char *name)
{
    char *below = NULL;
    if (asprintf(&below, "%s/" BIN "%s%s%s%s", folder, *id ? "/" : "", id, *name ? "/" : "", name) < 0) return NULL;
    return below;
}

static const char *last_name(const char *path)
{
    return strrchr(path, '/') + 1; /* paths here are absolute */
}

/* ---- locks: a build that goes on would put the bank back under its old name -------------------------------------- */

static okng_status lock_bank(okng_lock *lock, const char *path, okng_error *error)
{
    char *beside;
    OKNG_TRY(okng_path_beside(&beside, path, "lock", error));
    okng_status status = okng_lock_take(lock, beside, error);
    free(beside);
    return status;
}

/* Nothing of the new name may be there. */
static okng_status move(const char *from, const char *to, const char *name, okng_error *error)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) != 0) {
        const bool unknown = errno == EINVAL; /* a file system without that */
        struct stat info;
        if (errno == EEXIST || (unknown && lstat(to, &info) == 0))
            return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: there is a bank of that name already", name);
        if (!unknown || rename(from, to) != 0) return okng_fail_errno(error, "move", from);
    }
    OKNG_TRY(okng_flush_parent(to, error));
    return okng_flush_parent(from, error);
}

/* ---- renaming ---------------------------------------------------------------------------------------------------- */

okng_status okng_bank_need_free(const char *folder, const char *name, okng_error *error)
{
    char *path;
    okng_error why;
    okng_status status = okng_disk_find(folder, name, &path, &why);
    free(path);
    if (status == OKNG_ERROR_NOT_FOUND) return OKNG_OK;
    if (status != OKNG_OK) return okng_fail(error, status, "%s", why.message);
    return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: there is a bank of that name already", name);
}

static okng_status rename_locked(const char *from, const char *to, const char *name, okng_error *error)
{
    okng_lock old, new;
    OKNG_TRY(lock_bank(&old, from, error));
    okng_status status = lock_bank(&new, to, error);
    if (status == OKNG_OK) {
        status = move(from, to, name, error);
        okng_lock_drop(&new);
    }
    okng_lock_drop(&old);
    return status;
}

okng_status okng_bank_rename(const char *folder, const char *name, const char *to, okng_error *error)
{
    char *from, *target = NULL;
    OKNG_TRY(okng_disk_find(folder, name, &from, error));
    okng_status status = okng_bank_need_free(folder, to, error);
    const char *ending = last_name(from) + strlen(name); /* ".okng" of a recipe */
    if (status == OKNG_OK && asprintf(&target, "%s/%s%s", folder, to, ending) < 0) {
        target = NULL;
        status = okng_fail_memory(error, strlen(folder));
    }
    if (status == OKNG_OK) status = rename_locked(from, target, to, error);
    free(target);
    free(from);
    return status;
}

/* ---- the bin ----------------------------------------------------------------------------------------------------- */

/* What is known of a bank in the bin. */
static okng_status write_about(const char *folder, const char *id, const char *file, const char *name, const char *by,
                               okng_error *error)
{
    char text[32], *path = bin_path(folder, id, ABOUT);
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (!path) return okng_fail_memory(error, strlen(folder));
    json_t *about = json_object();
    okng_json_put(&about, "name", json_string(name));
    okng_json_put(&about, "file", json_string(file));
    okng_json_put(&about, "time",
                  json_string(okng_time_text((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000, text)));
    okng_json_put(&about, "by", okng_json_any_text(by));
    okng_status status = okng_json_write(about, path, error);
    json_decref(about);
    free(path);
    return status;
}

static okng_status move_to_bin(const char *folder, const char *from, const char *id, const char *name,
                               okng_error *error)
{
    char *to = bin_path(folder, id, last_name(from));
    okng_lock lock;
    if (!to) return okng_fail_memory(error, strlen(folder));
    okng_status status = lock_bank(&lock, from, error);
    if (status == OKNG_OK) {
        status = move(from, to, name, error);
        okng_lock_drop(&lock);
    }
    free(to);
    return status;
}

/* What was made for a bank that did not come. One that is there after all, as it was moved and the move could not be
 * flushed, stays, and can be restored. */
static void take_back(const char *folder, const char *id, const char *file, const char *place)
{
    char *bank = bin_path(folder, id, file);
    struct stat info;
    if (bank && lstat(bank, &info) != 0 && errno == ENOENT) (void)okng_folder_remove(place, NULL);
    free(bank);
}

okng_status okng_bank_discard(const char *folder, const char *name, const char *by, char id[OKNG_ID_TEXT],
                              okng_error *error)
{
    char *from, *place = NULL;
    OKNG_TRY(okng_disk_find(folder, name, &from, error));
    okng_status status = okng_id_make(id, error);
    if (status == OKNG_OK && !(place = bin_path(folder, id, ""))) status = okng_fail_memory(error, strlen(folder));
    if (status == OKNG_OK) status = okng_make_folders(place, error);
    if (status == OKNG_OK) status = write_about(folder, id, last_name(from), name, by, error);
    if (status == OKNG_OK) status = move_to_bin(folder, from, id, name, error);
    if (status != OKNG_OK && place) take_back(folder, id, last_name(from), place);
    free(place);
    free(from);
    return status;
}

/* The about.json of a bank in the bin, with names that can be trusted as parts of paths. */
static okng_status read_about(const char *folder, const char *id, json_t **about, okng_error *error)
{
    const char *name, *file;
    *about = NULL;
    if (!okng_id_is_good(id)) return okng_fail(error, OKNG_ERROR_NOT_FOUND, "there is nothing of that id in the bin");
    char *path = bin_path(folder, id, ABOUT);
    if (!path) return okng_fail_memory(error, strlen(folder));
    okng_status status = okng_json_read(about, path, &okng_json_small, error);
    if (status == OKNG_OK) status = okng_json_string(*about, path, "name", &name, error);
    if (status == OKNG_OK) status = okng_json_string(*about, path, "file", &file, error);
    if (status == OKNG_OK && (!okng_bank_name_is_good(name) || strncmp(file, name, strlen(name)) != 0 ||
                              (file[strlen(name)] && strcmp(file + strlen(name), ".okng") != 0)))
        status = okng_fail(error, OKNG_ERROR_FORMAT, "%s: does not name a bank", path);
    if (status == OKNG_ERROR_NOT_FOUND)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND, "there is nothing of that id in the bin");
    if (status != OKNG_OK) {
        json_decref(*about);
        *about = NULL;
    }
    free(path);
    return status;
}

static const char *text_in(const json_t *about, const char *key)
{
    return json_string_value(json_object_get(about, key));
}

static okng_status bring_back(const char *folder, const char *id, const json_t *about, okng_error *error)
{
    const char *name = text_in(about, "name"), *file = text_in(about, "file");
    OKNG_TRY(okng_bank_need_free(folder, name, error));
    char *from = bin_path(folder, id, file), *to = okng_path_join(folder, file), *place = bin_path(folder, id, "");
    okng_lock lock;
    okng_status status = from && to && place ? lock_bank(&lock, to, error) : okng_fail_memory(error, strlen(folder));
    if (status == OKNG_OK) {
        status = move(from, to, name, error);
        okng_lock_drop(&lock);
    }
    if (status == OKNG_OK) (void)okng_folder_remove(place, NULL); /* an empty entry is passed over in lists */
    free(place);
    free(to);
    free(from);
    return status;
}

okng_status okng_bank_restore(const char *folder, const char *id, char name[OKNG_BANK_NAME_MAX + 1], okng_error *error)
{
    json_t *about;
    OKNG_TRY(read_about(folder, id, &about, error));
    (void)snprintf(name, OKNG_BANK_NAME_MAX + 1, "%s", text_in(about, "name"));
    okng_status status = bring_back(folder, id, about, error);
    json_decref(about);
    return status;
}

okng_status okng_bank_destroy(const char *folder, const char *id, char name[OKNG_BANK_NAME_MAX + 1], okng_error *error)
{
    json_t *about;
    OKNG_TRY(read_about(folder, id, &about, error));
    (void)snprintf(name, OKNG_BANK_NAME_MAX + 1, "%s", text_in(about, "name"));
    json_decref(about);
    char *place = bin_path(folder, id, "");
    okng_status status = place ? okng_folder_remove(place, error) : okng_fail_memory(error, strlen(folder));
    free(place);
    return status;
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

static json_t *row_of(const char *folder, const char *id)
{
    json_t *about, *row = NULL;
    if (read_about(folder, id, &about, NULL) != OKNG_OK) return NULL;
    char *path = bin_path(folder, id, text_in(about, "file"));
    struct stat info;
    if (path && lstat(path, &info) == 0) { /* else it has come back, or never came */
        row = json_object();
        okng_json_put(&row, "id", json_string(id));
        okng_json_put(&row, "name", json_incref(json_object_get(about, "name")));
        okng_json_put(&row, "time", json_incref(json_object_get(about, "time")));
        okng_json_put(&row, "by", json_incref(json_object_get(about, "by")));
        okng_json_put(&row, "bytes", json_integer((json_int_t)okng_folder_bytes(path)));
    }
    free(path);
    json_decref(about);
    return row;
}

/* Ids are ordered by time: the last comes first. */
static int later_first(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*b)->d_name, (*a)->d_name);
}

static int is_id(const struct dirent *entry)
{
    return okng_id_is_good(entry->d_name);
}

okng_status okng_bank_bin_list(const char *folder, json_t **list, okng_error *error)
{
    struct dirent **entries = NULL;
    char *path = bin_path(folder, "", "");
    *list = json_array();
    if (!path) return okng_fail_memory(error, strlen(folder));
    const int count = scandir(path, &entries, is_id, later_first);
    okng_status status = count >= 0 || errno == ENOENT ? OKNG_OK : okng_fail_errno(error, "look into", path);
    for (int i = 0; i < count; i++) {
        json_t *row = row_of(folder, entries[i]->d_name);
        if (row) okng_json_add(list, row);
        free(entries[i]);
    }
    free(entries);
    free(path);
    return status;
}
