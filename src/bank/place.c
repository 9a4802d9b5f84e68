#include "bank/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bank/contents.h"

enum { MISSING_TRIES = 10, READ_TRIES = 200, ASIDE_TRIES = 50, MOST_LINKS = 40 };

/* ---- names ------------------------------------------------------------------------------------------------------- */

static bool is_link(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

/* What the link *path leads to in one step, in its place. */
static okng_status follow(char **path, okng_error *error)
{
    char target[OKNG_PATH_MAX];
    ssize_t length = readlink(*path, target, sizeof target - 1);
    if (length < 0) return okng_fail_errno(error, "read the link", *path);
    while (length > 1 && target[length - 1] == '/') length--;
    target[length] = '\0';
    char *slash = target[0] == '/' ? NULL : strrchr(*path, '/');
    if (slash) slash[1] = '\0';
    char *next = slash ? okng_path_join(*path, target) : strdup(target);
    if (!next) return okng_fail_memory(error, OKNG_PATH_MAX);
    free(*path);
    *path = next;
    return OKNG_OK;
}

/* Without slashes at the end; not a link, but what it leads to; not "." or "..", but the folder's name: its parent is
 * where names are exchanged. */
static okng_status find_folder(const char *given, char **folder, bool *linked, okng_error *error)
{
    *linked = false;
    size_t length = strlen(given);
    while (length > 1 && given[length - 1] == '/') length--;
    if (length == 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "the bank's folder has an empty name");
    *folder = strndup(given, length);
    if (!*folder) return okng_fail_memory(error, length);
    for (int links = 0; is_link(*folder); links++) {
        if (links == MOST_LINKS)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: is a link that leads to itself", given);
        OKNG_TRY(follow(folder, error));
        *linked = true;
    }
    const char *slash = strrchr(*folder, '/'), *last = slash ? slash + 1 : *folder;
    if (strcmp(last, ".") != 0 && strcmp(last, "..") != 0) return OKNG_OK;
    char *real = realpath(*folder, NULL);
    if (!real) return okng_fail_errno(error, "write the bank to", *folder);
    free(*folder);
    *folder = real;
    return OKNG_OK;
}

/* Of a link: the bank, or one that stepped aside. */
static okng_status need_end(const okng_bank_place *place, const char *given, okng_error *error)
{
    if (access(place->folder, F_OK) == 0) return OKNG_OK;
    int reason = errno;
    if (okng_bank_contents_whole(place->old)) return OKNG_OK;
    errno = reason;
    if (reason != ENOENT) return okng_fail_errno(error, "write the bank to", given);
    return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                     "%s: is a link that leads nowhere, to %s; make that folder, or remove the link", given,
                     place->folder);
}

okng_status okng_bank_place_find(okng_bank_place *place, const char *given, okng_error *error)
{
    *place = (okng_bank_place){0};
    bool linked;
    okng_status status = find_folder(given, &place->folder, &linked, error);
    if (status == OKNG_OK) status = okng_path_beside(&place->building, place->folder, "building", error);
    if (status == OKNG_OK) status = okng_path_beside(&place->old, place->folder, "old", error);
    if (status == OKNG_OK) status = okng_path_beside(&place->lock, place->folder, "lock", error);
    if (status == OKNG_OK && linked) status = need_end(place, given, error);
    if (status != OKNG_OK) okng_bank_place_free(place);
    return status;
}

void okng_bank_place_free(okng_bank_place *place)
{
    free(place->folder);
    free(place->building);
    free(place->old);
    free(place->lock);
    *place = (okng_bank_place){0};
}

/* ---- putting back ------------------------------------------------------------------------------------------------ */

static bool is_missing(const char *path)
{
    return access(path, F_OK) != 0 && errno == ENOENT;
}

okng_status okng_bank_place_recover(const okng_bank_place *place, okng_error *error)
{
    if (!is_missing(place->folder) || !okng_bank_contents_whole(place->old)) return OKNG_OK;
    if (rename(place->old, place->folder) != 0) return okng_fail_errno(error, "put the bank back to", place->folder);
    return okng_flush_parent(place->folder, error);
}

/* Where we may and nobody is at it. */
static void try_to_recover(const okng_bank_place *place)
{
    okng_lock lock;
    if (okng_lock_take(&lock, place->lock, NULL) != OKNG_OK) return;
    (void)okng_bank_place_recover(place, NULL);
    okng_lock_drop(&lock);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* A bank's folder, held open so that no other can get its number. */
typedef struct settled {
    char *path;
    int descriptor;
    bool aside; /* one that stepped aside, which its writer may remove at any moment */
} settled;

static bool hold(settled *s, const char *path)
{
    s->descriptor = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (s->descriptor < 0) return false;
    s->path = strdup(path);
    if (!s->path) (void)close(s->descriptor);
    return s->path != NULL;
}

static void let_go(settled *s)
{
    (void)close(s->descriptor);
    free(s->path);
}

static bool is_still_there(const settled *s)
{
    struct stat held, named;
    return fstat(s->descriptor, &held) == 0 && stat(s->path, &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

static void wait_a_moment(int tries)
{
    const struct timespec moment = {.tv_nsec = (tries < 10 ? tries + 1 : 10) * 1000000L};
    (void)nanosleep(&moment, NULL);
}

/* Versions before 0.3 put nothing back: their BANK.old is named, but it may be somebody's own. */
static okng_status fail_missing(const char *given, okng_error *error)
{
    struct stat info;
    const char *special = stat(given, &info) == 0 ? okng_special_file(info.st_mode) : NULL;
    if (special) return okng_fail(error, OKNG_ERROR_IO, "%s: is a %s, expected the folder of a bank", given, special);
    char *old = NULL;
    if (asprintf(&old, "%s.old", given) < 0) old = NULL;
    okng_status status =
        old && okng_bank_contents_whole(old)
            ? okng_fail(error, OKNG_ERROR_NOT_FOUND,
                        "%s: there is no such folder, but a bank in %s, where a killed build of an earlier version may "
                        "have left it; if it is yours, rename it",
                        given, old)
            : okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: there is no such folder; `okng build` makes a bank", given);
    free(old);
    return status;
}

static okng_status find_settled(settled *s, const char *given, okng_error *error)
{
    for (int tries = 0; tries < MISSING_TRIES; tries++) {
        okng_bank_place place;
        if (hold(s, given)) return OKNG_OK;
        if (errno == ENOMEM) return okng_fail_memory(error, strlen(given));
        if (errno != ENOENT && errno != ENOTDIR) return okng_fail_errno(error, "open", given);
        if (errno == ENOTDIR) break;
        okng_status found = okng_bank_place_find(&place, given, error);
        if (found == OKNG_ERROR_MEMORY) return found;
        if (found != OKNG_OK) break;
        bool aside = okng_bank_contents_whole(place.old);
        if (aside) try_to_recover(&place);
        bool held = aside && hold(s, given);
        s->aside = aside && !held && hold(s, place.old);
        okng_bank_place_free(&place);
        if (held || s->aside) return OKNG_OK;
        wait_a_moment(0);
    }
    return fail_missing(given, error);
}

okng_status okng_bank_read_settled(const char *given, okng_bank_read_fn *read, okng_bank_forget_fn *forget,
                                   void *context, okng_error *error)
{
    for (int tries = 0; tries < READ_TRIES; tries++) {
        settled s = {.descriptor = -1, .aside = false};
        OKNG_TRY(find_settled(&s, given, error));
        okng_error why; /* of a try that does not count it stays untold */
        okng_status status = read(context, s.path, &why);
        bool counts = is_still_there(&s) || status == OKNG_ERROR_MEMORY;
        let_go(&s);
        if (s.aside && status != OKNG_OK && status != OKNG_ERROR_MEMORY && tries < ASIDE_TRIES) counts = false;
        if (counts && status != OKNG_OK && error) *error = why;
        if (counts) return status;
        if (status == OKNG_OK) forget(context);
        wait_a_moment(tries);
    }
    return okng_fail(error, OKNG_ERROR_BUSY, "%s: the bank is replaced again and again; try later", given);
}
