/* The files below a folder, sorted, so that the same folder is always the same list. */
#include "data/picture_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum { MAX_DEPTH = 64 };

const char *const okng_picture_endings[] = {"png",  "bmp", "tif", "tiff", "jpg", "jpeg",
                                            "webp", "ppm", "pgm", "pnm",  NULL};

/* A path, and where its part below the listed folder begins. */
typedef struct entry {
    char *path;
    size_t relative;
} entry;

struct okng_picture_list {
    entry *entries;
    size_t count, capacity;
    size_t root; /* bytes of the listed folder's path with its slash */
    okng_name_fn wanted;
};

static bool is_picture_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    if (!dot) return false;
    for (size_t i = 0; okng_picture_endings[i]; i++)
        if (strcasecmp(dot + 1, okng_picture_endings[i]) == 0) return true;
    return false;
}

/* Takes over `path`. */
static okng_status add(okng_picture_list *list, char *path, okng_error *error)
{
    void *entries = list->entries;
    if (!okng_grow(&entries, &list->capacity, list->count + 1, sizeof *list->entries)) {
        free(path);
        return okng_fail_memory(error, (list->count + 1) * sizeof *list->entries);
    }
    list->entries = entries;
    list->entries[list->count++] = (entry){path, list->root};
    return OKNG_OK;
}

static okng_status list_folder(okng_picture_list *list, const char *folder, int depth, okng_error *error);

/* A link to a file counts as that file; a link to a folder is not followed, as it may lead back up. */
static okng_status add_child(okng_picture_list *list, DIR *stream, const char *folder, const char *name, int depth,
                             okng_error *error)
{
    struct stat info;
    if (fstatat(dirfd(stream), name, &info, AT_SYMLINK_NOFOLLOW) != 0) return OKNG_OK; /* removed meanwhile */
    bool is_folder = S_ISDIR(info.st_mode);
    if (!is_folder && !list->wanted(name)) return OKNG_OK;
    if (S_ISLNK(info.st_mode) && fstatat(dirfd(stream), name, &info, 0) == 0 && S_ISDIR(info.st_mode)) return OKNG_OK;
    if (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode) || S_ISCHR(info.st_mode)) return OKNG_OK;
    char *path = okng_path_join(folder, name);
    if (!path) return okng_fail_memory(error, strlen(folder) + strlen(name) + 2);
    if (!is_folder) return add(list, path, error);
    okng_status status = list_folder(list, path, depth + 1, error);
    free(path);
    return status;
}

static okng_status list_folder(okng_picture_list *list, const char *folder, int depth, okng_error *error)
{
    if (depth > MAX_DEPTH)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: more than %d folders deep; move the files up", folder,
                         MAX_DEPTH);
    DIR *stream = opendir(folder);
    if (!stream && errno == ENOTDIR) return okng_fail(error, OKNG_ERROR_IO, "%s: is a file, expected a folder", folder);
    if (!stream) return okng_fail_errno(error, "list the folder", folder);
    okng_status status = OKNG_OK;
    while (status == OKNG_OK) {
        errno = 0;
        const struct dirent *child = readdir(stream);
        if (!child) {
            if (errno != 0) status = okng_fail_errno(error, "list the folder", folder);
            break;
        }
        if (child->d_name[0] != '.') status = add_child(list, stream, folder, child->d_name, depth, error);
    }
    (void)closedir(stream);
    return status;
}

static int by_relative_path(const void *a, const void *b)
{
    const entry *first = a, *second = b;
    return strcmp(first->path + first->relative, second->path + second->relative);
}

okng_status okng_list_files(okng_picture_list **out, const char *dir, okng_name_fn wanted, okng_error *error)
{
    *out = NULL;
    okng_picture_list *list = calloc(1, sizeof *list);
    if (!list) return okng_fail_memory(error, sizeof *list);
    list->wanted = wanted;
    size_t length = strlen(dir);
    list->root = length + (dir[length - 1] != '/');
    okng_status status = list_folder(list, dir, 0, error);
    if (status != OKNG_OK) {
        okng_picture_list_free(&list);
        return status;
    }
    if (list->count > 0) qsort(list->entries, list->count, sizeof *list->entries, by_relative_path);
    *out = list;
    return OKNG_OK;
}

okng_status okng_picture_list_open(okng_picture_list **out, const char *dir, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the list", error));
    *out = NULL;
    if (!dir || !*dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no folder of pictures was given");
    return okng_list_files(out, dir, is_picture_name, error);
}

size_t okng_picture_list_count(const okng_picture_list *list)
{
    return list ? list->count : 0;
}

const char *okng_picture_list_path(const okng_picture_list *list, size_t i)
{
    return list && i < list->count ? list->entries[i].path : NULL;
}

const char *okng_picture_list_relative(const okng_picture_list *list, size_t i)
{
    return list && i < list->count ? list->entries[i].path + list->entries[i].relative : NULL;
}

void okng_picture_list_free(okng_picture_list **list)
{
    if (!list || !*list) return;
    for (size_t i = 0; i < (*list)->count; i++) free((*list)->entries[i].path);
    free((*list)->entries);
    free(*list);
    *list = NULL;
}
