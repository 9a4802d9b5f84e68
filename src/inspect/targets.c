#include "inspect/targets.h"

#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "base/memory.h"
#include "okng/experimental.h"

/* Takes over both texts. */
static okng_status add(okng_targets *targets, char *path, char *name, okng_error *error)
{
    void *items = targets->items;
    if (!path || !name || !okng_grow(&items, &targets->capacity, targets->count + 1, sizeof *targets->items)) {
        free(path);
        free(name);
        return okng_fail_memory(error, (targets->count + 1) * sizeof *targets->items);
    }
    targets->items = items;
    targets->items[targets->count++] = (okng_target){path, name};
    return OKNG_OK;
}

/* ---- what was given ------------------------------------------------------------------------- */

/* One of the paths. */
typedef struct given {
    const char *path;
    char *folder; /* real path of the folder, or of the one that holds the picture */
    char *file;   /* name of the picture in it; NULL: a folder was given */
} given;

static okng_status look_at(given *g, const char *path, okng_error *error)
{
    struct stat info;
    if (!*path) return okng_fail(error, OKNG_ERROR_ARGUMENT, "the name of a picture is empty");
    if (stat(path, &info) != 0) return okng_fail_errno(error, "open", path);
    const char *special = okng_special_file(info.st_mode);
    if (special)
        return okng_fail(error, OKNG_ERROR_IO, "%s: is a %s, expected a picture or a folder of pictures", path,
                         okng_translate(special));
    char *copy = strdup(path), *folder = strdup(path);
    bool fine = copy && folder;
    bool is_folder = S_ISDIR(info.st_mode);
    *g = (given){.path = path};
    if (fine) g->folder = realpath(is_folder ? path : dirname(folder), NULL);
    if (fine && !is_folder) g->file = strdup(basename(copy));
    fine = fine && (is_folder || g->file);
    free(copy);
    free(folder);
    if (!fine) return okng_fail_memory(error, strlen(path));
    return g->folder ? OKNG_OK : okng_fail_errno(error, "find the place of", path);
}

static void forget(given *all, size_t count)
{
    for (size_t i = 0; all && i < count; i++) {
        free(all[i].folder);
        free(all[i].file);
    }
    free(all);
}

/* Bytes of the deepest folder that holds both, of two real paths. */
static size_t common_length(const char *a, size_t length, const char *b)
{
    size_t same = 0;
    while (same < length && a[same] == b[same]) same++;
    bool whole = (same == length || a[same] == '/') && (b[same] == '\0' || b[same] == '/');
    if (whole) return same;
    while (same > 0 && a[same - 1] != '/') same--;
    return same > 0 ? same - 1 : 0;
}

/* Bytes of the deepest folder that holds all; 0 is the root. */
static size_t find_root(const given *all, size_t count)
{
    size_t length = strcmp(all[0].folder, "/") == 0 ? 0 : strlen(all[0].folder);
    for (size_t i = 1; i < count; i++) length = common_length(all[0].folder, length, all[i].folder);
    return length;
}

/* ---- listing -------------------------------------------------------------------------------- */

/* The name of what lies at `below` in a folder; malloc'd. */
static char *name_in(const given *g, size_t root, const char *below)
{
    const char *folder = g->folder + (strlen(g->folder) > root ? root : strlen(g->folder));
    folder += strspn(folder, "/");
    return *folder ? okng_path_join(folder, below) : strdup(below);
}

/* UNSUPPORTED where a picture was left out, naming the first. */
static okng_status need_all(const okng_picture_list *list, const char *dir, okng_error *error)
{
    okng_left_out left = {.struct_size = sizeof left};
    for (size_t i = 0; okng_picture_list_left_out(list, i, &left, NULL) == OKNG_OK; i++)
        if (!left.is_folder)
            return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                             "%s/%s: pictures of this kind (%s) are not read; save it as PNG, or move it elsewhere",
                             dir, left.path, left.what);
    return OKNG_OK;
}

static okng_status add_folder(okng_targets *targets, const given *g, size_t root, bool strict, okng_error *error)
{
    okng_picture_list *list;
    OKNG_TRY(okng_picture_list_open(&list, g->path, error));
    targets->left_out += okng_picture_list_left_out_files(list);
    okng_status status = strict ? need_all(list, g->path, error) : OKNG_OK;
    for (size_t i = 0; i < okng_picture_list_count(list) && status == OKNG_OK; i++)
        status = add(targets, strdup(okng_picture_list_path(list, i)),
                     name_in(g, root, okng_picture_list_relative(list, i)), error);
    okng_picture_list_free(&list);
    return status;
}

static int by_name(const void *a, const void *b)
{
    const okng_target *first = a, *second = b;
    return strcmp(first->name, second->name);
}

static void drop(okng_target *target)
{
    free(target->path);
    free(target->name);
}

/* Sorts; of equal names, which are the same picture, one stays. */
static void settle(okng_targets *targets)
{
    size_t kept = 0;
    if (targets->count > 0) qsort(targets->items, targets->count, sizeof *targets->items, by_name);
    for (size_t i = 0; i < targets->count; i++) {
        if (kept > 0 && strcmp(targets->items[kept - 1].name, targets->items[i].name) == 0)
            drop(&targets->items[i]);
        else
            targets->items[kept++] = targets->items[i];
    }
    targets->count = kept;
}

okng_status okng_targets_open(okng_targets *targets, const char *const *paths, size_t count, bool strict,
                              okng_error *error)
{
    *targets = (okng_targets){0};
    if (count == 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no pictures were given");
    given *all = okng_alloc_zero(count, sizeof *all);
    okng_status status = all ? OKNG_OK : okng_fail_memory(error, count * sizeof *all);
    for (size_t i = 0; i < count && status == OKNG_OK; i++) status = look_at(&all[i], paths[i], error);
    size_t root = status == OKNG_OK ? find_root(all, count) : 0;
    for (size_t i = 0; i < count && status == OKNG_OK; i++)
        status = all[i].file ? add(targets, strdup(paths[i]), name_in(&all[i], root, all[i].file), error)
                             : add_folder(targets, &all[i], root, strict, error);
    forget(all, count);
    settle(targets);
    if (status == OKNG_OK && targets->count == 0)
        status = count == 1
                     ? okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no pictures here or in its sub-folders", paths[0])
                     : okng_fail(error, OKNG_ERROR_NOT_FOUND, "no pictures in the %zu folders", count);
    if (status != OKNG_OK) okng_targets_close(targets);
    return status;
}

void okng_targets_close(okng_targets *targets)
{
    for (size_t i = 0; i < targets->count; i++) drop(&targets->items[i]);
    free(targets->items);
    *targets = (okng_targets){0};
}
