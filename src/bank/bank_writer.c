#include "bank/bank_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bank/apart.h"
#include "bank/bank_config.h"
#include "bank/contents.h"
#include "bank/ensemble_file.h"
#include "bank/rois_file.h"
#include "bank/tau.h"
#include "bank/tau_choice.h"
#include "base/json.h"
#include "recipe/writer.h"

static okng_status check_exchangeable(const char *folder, okng_error *error)
{
    struct statx info;
    if (statx(AT_FDCWD, folder, 0, 0, &info) != 0 || !(info.stx_attributes & STATX_ATTR_MOUNT_ROOT)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s: is a mount point, which cannot be exchanged for a new bank; give a folder below it", folder);
}

/* The bank that is there, or nothing: all that may be replaced. */
static okng_status check_replaceable(const okng_bank_writer *writer, okng_error *error)
{
    return okng_bank_contents_check(writer->place.folder, (okng_bank_contents){writer->data, false}, error);
}

static okng_status remove_left(const okng_bank_writer *writer, const char *folder, okng_error *error)
{
    return okng_bank_contents_remove(folder, (okng_bank_contents){writer->data, true}, error);
}

/* What an earlier build left and this one cannot remove either is in its way. */
static okng_status clear(const okng_bank_writer *writer, const char *folder, okng_error *error)
{
    okng_error why = {.status = OKNG_OK};
    okng_status status = remove_left(writer, folder, &why);
    if (status == OKNG_ERROR_IO)
        return okng_fail(error, status,
                         "%s: an earlier build left this folder, and it cannot be removed (%s); remove it, as its "
                         "owner or root, then build again",
                         folder, why.message);
    if (status != OKNG_OK && error) *error = why;
    return status;
}

/* We hold the lock, so what lies beside the bank is what killed builds left. */
static okng_status clear_beside(const okng_bank_writer *writer, okng_error *error)
{
    OKNG_TRY(okng_bank_place_recover(&writer->place, error));
    OKNG_TRY(check_replaceable(writer, error));
    OKNG_TRY(check_exchangeable(writer->place.folder, error));
    OKNG_TRY(okng_bank_contents_removable(writer->place.folder, error));
    OKNG_TRY(clear(writer, writer->place.building, error));
    return clear(writer, writer->place.old, error);
}

okng_status okng_bank_writer_open(okng_bank_writer *writer, const char *folder, const char *const *data,
                                  okng_error *error)
{
    *writer = (okng_bank_writer){.data = data, .lock = {.descriptor = -1}};
    okng_status status = okng_bank_place_find(&writer->place, folder, error);
    if (status == OKNG_OK) status = okng_need_no_bank_around(writer->place.folder, error);
    if (status == OKNG_OK) status = okng_make_parent(writer->place.folder, error);
    if (status == OKNG_OK) status = check_replaceable(writer, error);
    if (status == OKNG_OK) status = okng_lock_take(&writer->lock, writer->place.lock, error);
    if (status == OKNG_OK) status = clear_beside(writer, error);
    if (status == OKNG_OK) {
        writer->building = writer->place.building;
        writer->begun = mkdir(writer->building, 0777) == 0;
        if (!writer->begun) status = okng_fail_errno(error, "make the folder", writer->building);
    }
    if (status != OKNG_OK) okng_bank_writer_close(writer);
    return status;
}

/* After a bank was put back: the error names what is in it by its own folder. */
static okng_status name_what_is_there(const okng_bank_writer *writer, okng_status status, okng_error *error)
{
    okng_status now = status == OKNG_ERROR_ARGUMENT ? check_replaceable(writer, error) : OKNG_OK;
    return now == OKNG_OK ? status : now;
}

/* Both names change at once, and back where somebody had put a file into the bank meanwhile. */
static okng_status exchange(const okng_bank_writer *writer, okng_error *error)
{
    const okng_bank_place *place = &writer->place;
    okng_status status = okng_bank_contents_check(place->building, (okng_bank_contents){writer->data, false}, error);
    if (status == OKNG_OK) return okng_flush_parent(place->folder, error);
    (void)renameat2(AT_FDCWD, place->building, AT_FDCWD, place->folder, RENAME_EXCHANGE);
    return name_what_is_there(writer, status, error);
}

/* Where names cannot be exchanged the old bank steps aside for a moment. It stays whole until the names are on the
 * disk: a kill between the two leaves it where okng_bank_place_recover finds it. */
static okng_status step_aside(const okng_bank_writer *writer, okng_error *error)
{
    const okng_bank_place *place = &writer->place;
    if (rename(place->folder, place->old) != 0) {
        if (errno != EXDEV) return okng_fail_errno(error, "replace", place->folder);
        return okng_fail(error, OKNG_ERROR_IO,
                         "%s: cannot be renamed, as it is in a lower layer of an overlay, such as a container's image; "
                         "give a new folder",
                         place->folder);
    }
    okng_status status = okng_bank_contents_check(place->old, (okng_bank_contents){writer->data, false}, error);
    if (status == OKNG_OK) status = okng_flush_parent(place->folder, error);
    if (status == OKNG_OK && rename(place->building, place->folder) != 0)
        status = okng_fail_errno(error, "write the bank to", place->folder);
    if (status != OKNG_OK) {
        (void)rename(place->old, place->folder);
        return name_what_is_there(writer, status, error);
    }
    OKNG_TRY(okng_flush_parent(place->folder, error));
    (void)remove_left(writer, place->old, NULL); /* what cannot go now, the next build clears */
    return OKNG_OK;
}

static okng_status put_in_place(const okng_bank_writer *writer, okng_error *error)
{
    const okng_bank_place *place = &writer->place;
    if (rename(place->building, place->folder) == 0) /* new, or an empty folder */
        return okng_flush_parent(place->folder, error);
    if (errno != ENOTEMPTY && errno != EEXIST) return okng_fail_errno(error, "write the bank to", place->folder);
    OKNG_TRY(check_replaceable(writer, error));
    if (renameat2(AT_FDCWD, place->building, AT_FDCWD, place->folder, RENAME_EXCHANGE) == 0)
        return exchange(writer, error);
    return step_aside(writer, error);
}

/* The data files' hashes, from what lies on the disk. */
static okng_status settle_data(const char *folder, okng_bank_config *config, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (int32_t i = 0; i < config->data_count && status == OKNG_OK; i++) {
        char *path = okng_path_join(folder, config->data[i].file);
        status = path ? okng_file_sha256(path, config->data[i].sha256, error) : okng_fail_memory(error, OKNG_PATH_MAX);
        free(path);
    }
    return status;
}

okng_status okng_bank_write_documents(const char *folder, okng_bank_config *config, const okng_tau *tau,
                                      okng_error *error)
{
    OKNG_TRY(settle_data(folder, config, error));
    config->scores = tau->source == OKNG_TAU_OK_PICTURES ? (int64_t)tau->image_count : 0;
    char *paths[2] = {okng_path_join(folder, OKNG_BANK_CONFIG_FILE), okng_path_join(folder, OKNG_BANK_TAU_FILE)};
    okng_status status = paths[0] && paths[1] ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK) status = okng_bank_config_write(config, paths[0], error);
    if (status == OKNG_OK) status = okng_tau_write(tau, &config->options, paths[1], error);
    for (int i = 0; i < 2; i++) free(paths[i]);
    return status;
}

okng_status okng_bank_writer_finish(okng_bank_writer *writer, okng_error *error)
{
    OKNG_TRY(okng_bank_contents_flush(writer->building, error));
    OKNG_TRY(okng_lock_check(&writer->lock, error));
    return put_in_place(writer, error);
}

void okng_bank_writer_close(okng_bank_writer *writer)
{
    /* What was not committed, or the bank that was replaced. */
    if (writer->begun) (void)remove_left(writer, writer->building, NULL);
    okng_lock_drop(&writer->lock);
    okng_bank_place_free(&writer->place);
    *writer = (okng_bank_writer){.lock = {.descriptor = -1}};
}

/* ---- choosing thresholds --------------------------------------------------------------------- */

static okng_status need_bank(const char *folder, okng_error *error)
{
    okng_bank_config config;
    if (okng_ensemble_is(folder) || okng_rois_are(folder)) return OKNG_OK;
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
    okng_tau_change_document(&document, change);
    okng_status status = okng_json_write(document, path, error);
    json_decref(document);
    return status;
}

static okng_status change_locked(const okng_bank_place *place, const okng_lock *lock, const okng_tau_change *change,
                                 okng_error *error)
{
    OKNG_TRY(okng_bank_place_recover(place, error));
    OKNG_TRY(need_bank(place->folder, error));
    char *path = okng_path_join(place->folder, OKNG_BANK_TAU_FILE);
    okng_status status = path ? okng_lock_check(lock, error) : okng_fail_memory(error, strlen(place->folder));
    if (status == OKNG_OK) status = change_file(path, change, error);
    free(path);
    return status;
}

static okng_status need(void *unused, const char *folder, okng_error *error)
{
    (void)unused;
    return need_bank(folder, error);
}

static void forget(void *unused)
{
    (void)unused;
}

/* tau.json of a recipe with the change. */
static okng_status change_recipe(const char *path, const okng_tau_change *change, okng_error *error)
{
    okng_recipe *recipe;
    json_t *document;
    char *where, *text;
    size_t size;
    OKNG_TRY(okng_recipe_open(&recipe, path, error));
    const okng_bank_source from = {path, recipe, ""};
    okng_status status = okng_bank_source_read(&from, OKNG_BANK_TAU_FILE, &okng_tau_limits, &document, &where, error);
    okng_recipe_close(&recipe);
    if (status != OKNG_OK) return status;
    okng_tau_change_document(&document, change);
    status = okng_json_text(document, OKNG_JSON_PRETTY, where, &text, &size, error);
    json_decref(document);
    free(where);
    if (status != OKNG_OK) return status;
    status = okng_recipe_replace(path, OKNG_BANK_TAU_FILE, text, size, error);
    free(text);
    return status;
}

/* The same lock as that of a folder of this name. */
static okng_status change_recipe_locked(const char *path, const okng_tau_change *change, okng_error *error)
{
    okng_lock lock;
    char *beside;
    OKNG_TRY(okng_path_beside(&beside, path, "lock", error));
    okng_status status = okng_lock_take(&lock, beside, error);
    free(beside);
    if (status != OKNG_OK) return status;
    status = change_recipe(path, change, error);
    okng_lock_drop(&lock);
    return status;
}

okng_status okng_bank_change_tau(const char *folder, const okng_tau_change *change, okng_error *error)
{
    okng_bank_place place;
    okng_lock lock;
    if (okng_recipe_is(folder)) return change_recipe_locked(folder, change, error);
    OKNG_TRY(okng_bank_read_settled(folder, need, forget, NULL, error)); /* before a lock is left beside nothing */
    OKNG_TRY(okng_bank_place_find(&place, folder, error));
    okng_status status = okng_lock_take(&lock, place.lock, error);
    if (status == OKNG_OK) {
        status = change_locked(&place, &lock, change, error);
        okng_lock_drop(&lock);
    }
    okng_bank_place_free(&place);
    return status;
}
