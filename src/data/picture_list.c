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
#include "base/sized.h"
#include "image/content.h"
#include "okng/experimental.h"

enum { MAX_DEPTH = 64 };

const char *const okng_picture_endings[] = {"png", "bmp", "tif", "tiff", "jpg",  "jpeg", "webp", "ppm",
                                            "pgm", "pnm", "pbm", "gif",  "jfif", "jpe",  "dib",  NULL};

/* A path, and where its part below the listed folder begins. */
typedef struct entry {
    char *path;
    size_t relative;
} entry;

/* What was not listed, and why. */
typedef struct left_out {
    char *path;
    const char *what; /* static */
    bool is_folder;
} left_out;

struct okng_picture_list {
    entry *entries;
    size_t count, capacity;
    size_t root;         /* bytes of the listed folder's path with its slash */
    okng_name_fn wanted; /* NULL: pictures, by their names or what is in them */
    left_out *left;
    size_t left_count, left_capacity, left_files;
};

static bool is_picture_ending(const char *dot)
{
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

/* Takes over `path`. */
static okng_status leave_out(okng_picture_list *list, char *path, const char *what, bool is_folder, okng_error *error)
{
    void *left = list->left;
    if (!okng_grow(&left, &list->left_capacity, list->left_count + 1, sizeof *list->left)) {
        free(path);
        return okng_fail_memory(error, (list->left_count + 1) * sizeof *list->left);
    }
    list->left = left;
    list->left[list->left_count++] = (left_out){path, what, is_folder};
    list->left_files += !is_folder;
    return OKNG_OK;
}

bool okng_is_thumbnail_folder(const char *name)
{
    static const char *const names[] = {"@eaDir",   ".thumbnails", "thumbnails",   "thumbs",   ".thumbs", ".@__thumb",
                                        "@__thumb", "__MACOSX",    "$RECYCLE.BIN", "#recycle", "@Recycle"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(name, names[i]) == 0) return true;
    return false;
}

/* What is in a file whose name does not tell it. One that cannot be read is none that is known. */
static okng_content look_into(const char *path)
{
    uint8_t bytes[OKNG_CONTENT_BYTES];
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) return (okng_content){0};
    ssize_t size = read(descriptor, bytes, sizeof bytes);
    (void)close(descriptor);
    return size > 0 ? okng_image_content(bytes, (size_t)size) : (okng_content){0};
}

/* A file that is called as a picture is listed whatever is in it, so that damage is told; so is what is a picture by
 * its first bytes. Pictures that are not read are left out. Takes over `path`. */
static okng_status add_file(okng_picture_list *list, char *path, const char *name, okng_error *error)
{
    const char *dot = strrchr(name, '.');
    if (list->wanted || (dot && is_picture_ending(dot))) return add(list, path, error);
    const char *unread = dot ? okng_image_unread_ending(dot + 1) : NULL;
    if (unread) return leave_out(list, path, unread, false, error);
    const okng_content content = look_into(path);
    if (content.name && content.is_read) return add(list, path, error);
    if (content.name) return leave_out(list, path, content.name, false, error);
    free(path);
    return OKNG_OK;
}

static okng_status list_folder(okng_picture_list *list, const char *folder, int depth, okng_error *error);

/* A link to a file counts as that file; a link to a folder is not followed, as it may lead back up. */
static okng_status add_child(okng_picture_list *list, DIR *stream, const char *folder, const char *name, int depth,
                             okng_error *error)
{
    struct stat info;
    if (fstatat(dirfd(stream), name, &info, AT_SYMLINK_NOFOLLOW) != 0) return OKNG_OK; /* removed meanwhile */
    bool is_folder = S_ISDIR(info.st_mode), is_thumbs = is_folder && !list->wanted && okng_is_thumbnail_folder(name);
    if (name[0] == '.' && !is_thumbs) return OKNG_OK;
    if (!is_folder && list->wanted && !list->wanted(name)) return OKNG_OK;
    if (S_ISLNK(info.st_mode) && fstatat(dirfd(stream), name, &info, 0) == 0 && S_ISDIR(info.st_mode)) return OKNG_OK;
    const char *special = okng_special_file(info.st_mode);
    char *path = okng_path_join(folder, name);
    if (!path) return okng_fail_memory(error, strlen(folder) + strlen(name) + 2);
    if (special && !list->wanted) return leave_out(list, path, special, false, error);
    if (special) return add(list, path, error); /* which whoever reads it refuses */
    if (!is_folder) return add_file(list, path, name, error);
    if (is_thumbs) return leave_out(list, path, "thumbnails", true, error);
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
        if (strcmp(child->d_name, ".") != 0 && strcmp(child->d_name, "..") != 0)
            status = add_child(list, stream, folder, child->d_name, depth, error);
    }
    (void)closedir(stream);
    return status;
}

static int by_path(const void *a, const void *b)
{
    const left_out *first = a, *second = b;
    return strcmp(first->path, second->path);
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
    if (list->left_count > 0) qsort(list->left, list->left_count, sizeof *list->left, by_path);
    *out = list;
    return OKNG_OK;
}

okng_status okng_picture_list_open(okng_picture_list **out, const char *dir, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the list", error));
    *out = NULL;
    if (!dir || !*dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no folder of pictures was given");
    return okng_list_files(out, dir, NULL, error);
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

size_t okng_picture_list_left_out_count(const okng_picture_list *list)
{
    return list ? list->left_count : 0;
}

size_t okng_picture_list_left_out_files(const okng_picture_list *list)
{
    return list ? list->left_files : 0;
}

okng_status okng_picture_list_left_out(const okng_picture_list *list, size_t i, okng_left_out *left, okng_error *error)
{
    OKNG_TRY(okng_need(list, "the list", error));
    if (i >= list->left_count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "there is no file %zu that was left out, expected less than %zu",
                         i, list->left_count);
    const left_out *one = &list->left[i];
    const okng_left_out full = {
        .struct_size = sizeof full, .path = one->path + list->root, .what = one->what, .is_folder = one->is_folder};
    return okng_sized_give(left, &full, sizeof full, "what was left out", error);
}

void okng_picture_list_free(okng_picture_list **list)
{
    if (!list || !*list) return;
    for (size_t i = 0; i < (*list)->count; i++) free((*list)->entries[i].path);
    for (size_t i = 0; i < (*list)->left_count; i++) free((*list)->left[i].path);
    free((*list)->left);
    free((*list)->entries);
    free(*list);
    *list = NULL;
}
