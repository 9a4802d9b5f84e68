#include "base/tree_share.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

enum { DEPTH = 8, CHUNK = 16 << 20, NEW = 60 /* seconds */ };
#define STEM "okng-bank-"

/* ---- what there is ------------------------------------------------------------------------------------------------
 */

static int is_not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static okng_status list_file(okng_grown *list, const char *path, const char *name, okng_error *error)
{
    struct stat info;
    if (stat(path, &info) != 0) return okng_fail_errno(error, "look at", path);
    const uint64_t size = (uint64_t)info.st_size;
    okng_parcel_put_text(list, name);
    okng_parcel_put(list, &size, sizeof size);
    return OKNG_OK;
}

/* Adds name and size of every file of the folder `name` below `root`; "" is the root itself. */
static okng_status list_folder(okng_grown *list, const char *root, const char *name, int depth, okng_error *error)
{
    struct dirent **entries;
    char *path = okng_path_join(root, name);
    if (!path) return okng_fail_memory(error, strlen(root) + strlen(name));
    if (depth > DEPTH)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: folders within each other more than %d deep", root, (int)DEPTH);
    const int count = scandir(path, &entries, is_not_hidden, alphasort);
    okng_status status = count < 0 ? okng_fail_errno(error, "read the folder", path) : OKNG_OK;
    for (int i = 0; i < count; i++) {
        char *inside = *name ? okng_path_join(name, entries[i]->d_name) : strdup(entries[i]->d_name);
        char *whole = inside ? okng_path_join(root, inside) : NULL;
        if (status == OKNG_OK && !whole) status = okng_fail_memory(error, strlen(path) + OKNG_NAME_MAX);
        if (status == OKNG_OK)
            status = okng_is_folder(whole) ? list_folder(list, root, inside, depth + 1, error)
                                           : list_file(list, whole, inside, error);
        free(whole);
        free(inside);
        free(entries[i]);
    }
    if (count >= 0) free(entries);
    free(path);
    return status;
}

static okng_status list_all(okng_grown *list, const char *path, okng_error *error)
{
    OKNG_TRY(okng_is_folder(path) ? list_folder(list, path, "", 0, error) : list_file(list, path, "", error));
    return okng_parcel_packed(list, error);
}

/* ---- one file ---------------------------------------------------------------------------------------------------- */

/* The ends of a file on its way: one reads, those who lack it write. */
typedef struct passage {
    const okng_ranks *ranks;
    bool reads, writes;
    okng_reader reader;
    okng_writer writer;
    char *chunk; /* [CHUNK] */
} passage;

/* A file in folders that may not be there; `name` is below `root`, "" that itself. */
static okng_status open_ends(passage *p, const char *root, const char *name, const char *copy, okng_error *error)
{
    char *from = *name ? okng_path_join(root, name) : strdup(root);
    char *to = copy && *name ? okng_path_join(copy, name) : copy ? strdup(copy) : NULL;
    okng_status status = from && (to || !copy) ? OKNG_OK : okng_fail_memory(error, strlen(root) + strlen(name));
    if (status == OKNG_OK && p->ranks->rank == 0) {
        status = okng_reader_open(&p->reader, from, error);
        p->reads = status == OKNG_OK;
    }
    if (status == OKNG_OK && to) status = okng_make_parent(to, error);
    if (status == OKNG_OK && to) {
        status = okng_writer_open(&p->writer, to, error);
        p->writes = status == OKNG_OK;
    }
    free(to);
    if (!p->reads) free(from); /* else the reader's, for its errors */
    return status;
}

static okng_status pass(passage *p, uint64_t size, okng_error *error)
{
    for (uint64_t done = 0; done < size; done += CHUNK) {
        const size_t some = size - done < CHUNK ? (size_t)(size - done) : CHUNK;
        okng_status status = OKNG_OK;
        if (p->reads && some <= p->reader.left) status = okng_reader_next(&p->reader, p->chunk, some, error);
        OKNG_TRY(okng_ranks_agree(p->ranks, status, error));
        OKNG_TRY(okng_ranks_tell(p->ranks, p->chunk, 1, (int64_t)some, error));
        if (p->writes) (void)fwrite(p->chunk, 1, some, p->writer.stream); /* told when it is committed */
    }
    return OKNG_OK;
}

static okng_status pass_file(passage *p, const char *root, const char *name, uint64_t size, const char *copy,
                             okng_error *error)
{
    p->reads = p->writes = false;
    okng_status status = okng_ranks_agree(p->ranks, open_ends(p, root, name, copy, error), error);
    if (status == OKNG_OK) status = pass(p, size, error);
    if (p->reads) {
        char *path = (char *)(uintptr_t)p->reader.path;
        status = okng_reader_close(&p->reader, status, error);
        free(path);
    }
    if (p->writes && status == OKNG_OK)
        status = okng_writer_commit(&p->writer, error);
    else if (p->writes)
        okng_writer_abort(&p->writer);
    return okng_ranks_agree(p->ranks, status, error);
}

/* ---- the whole ----------------------------------------------------------------------------------------------------
 */

static bool is_ours(const char *name)
{
    (void)name;
    return true;
}

static okng_status lock_place(okng_lock *lock, const char *place, okng_error *error)
{
    char *path = okng_path_join(place, "lock");
    okng_status status = path ? okng_lock_take(lock, path, error) : okng_fail_memory(error, strlen(place));
    free(path);
    return status;
}

/* Removes the folder of a copy that nobody holds. One that was made just now may not be locked yet. */
static void remove_left(const char *place)
{
    struct stat info;
    okng_lock lock;
    if (lstat(place, &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != geteuid()) return;
    if (time(NULL) - info.st_mtime < NEW || lock_place(&lock, place, NULL) != OKNG_OK) return;
    (void)okng_remove_own(place, is_ours, NULL);
    okng_lock_drop(&lock);
}

static void remove_all_left(const char *folder)
{
    DIR *entries = opendir(folder);
    for (const struct dirent *entry; entries && (entry = readdir(entries));) {
        if (strncmp(entry->d_name, STEM, strlen(STEM)) != 0) continue;
        char *place = okng_path_join(folder, entry->d_name);
        if (place) remove_left(place);
        free(place);
    }
    if (entries) (void)closedir(entries);
}

static okng_status make_place(okng_tree_copy *copy, okng_error *error)
{
    const char *set = getenv("TMPDIR"), *folder = set && *set ? set : "/var/tmp";
    remove_all_left(folder);
    char *place = okng_path_join(folder, STEM "XXXXXX");
    if (!place) return okng_fail_memory(error, OKNG_PATH_MAX);
    if (!mkdtemp(place)) {
        okng_status status = okng_fail_errno(error, "make the temporary folder", place);
        free(place);
        return status;
    }
    okng_status status = lock_place(&copy->lock, place, error);
    copy->path = status == OKNG_OK ? okng_path_join(place, "bank") : NULL;
    if (status == OKNG_OK && !copy->path) {
        okng_lock_drop(&copy->lock);
        status = okng_fail_memory(error, strlen(place));
    }
    if (status != OKNG_OK) (void)rmdir(place);
    free(place);
    return status;
}

/* The list of rank 0 to all; *bytes is okng_alloc'd. */
static okng_status tell_list(const okng_ranks *ranks, const okng_grown *list, char **bytes, okng_parcel *out,
                             okng_error *error)
{
    uint64_t size = list->size;
    OKNG_TRY(okng_ranks_tell(ranks, &size, sizeof size, 1, error));
    *bytes = okng_alloc((size_t)size, 1);
    okng_status status = *bytes ? OKNG_OK : okng_fail_memory(error, (size_t)size);
    OKNG_TRY(okng_ranks_agree(ranks, status, error));
    if (ranks->rank == 0) memcpy(*bytes, list->data, list->size);
    *out = (okng_parcel){.next = *bytes, .left = (size_t)size};
    return okng_ranks_tell(ranks, *bytes, 1, (int64_t)size, error);
}

static okng_status pass_all(const okng_ranks *ranks, const char *path, const okng_grown *list, const char *copy,
                            okng_error *error)
{
    char *bytes = NULL;
    okng_parcel parcel;
    passage p = {.ranks = ranks, .chunk = okng_alloc(CHUNK, 1)};
    okng_status status = okng_ranks_agree(ranks, p.chunk ? OKNG_OK : okng_fail_memory(error, CHUNK), error);
    if (status == OKNG_OK) status = tell_list(ranks, list, &bytes, &parcel, error);
    while (status == OKNG_OK && parcel.left > 0) {
        uint64_t size;
        const char *name = okng_parcel_take_text(&parcel);
        okng_parcel_take(&parcel, &size, sizeof size);
        status = name ? pass_file(&p, path, name, size, copy, error) : okng_parcel_end(&parcel, error);
    }
    free(bytes);
    free(p.chunk);
    return status;
}

okng_status okng_tree_share(const okng_ranks *ranks, const char *path, bool lacks, okng_tree_copy *copy,
                            okng_error *error)
{
    okng_grown list = {0};
    uint64_t wanted = lacks;
    *copy = (okng_tree_copy){0};
    OKNG_TRY(okng_ranks_sum(ranks, &wanted, 1, error));
    if (wanted == 0) return OKNG_OK;
    okng_status status = ranks->rank == 0 ? list_all(&list, path, error) : OKNG_OK;
    if (status == OKNG_OK && lacks) status = make_place(copy, error);
    status = okng_ranks_agree(ranks, status, error);
    if (status == OKNG_OK) status = pass_all(ranks, path, &list, copy->path, error);
    free(list.data);
    if (status != OKNG_OK) okng_tree_forget(copy);
    return status;
}

void okng_tree_forget(okng_tree_copy *copy)
{
    if (!copy->path) return;
    char *slash = strrchr(copy->path, '/');
    if (slash) *slash = '\0'; /* the folder that was made for it */
    (void)okng_remove_own(copy->path, is_ours, NULL);
    okng_lock_drop(&copy->lock);
    free(copy->path);
    *copy = (okng_tree_copy){0};
}
