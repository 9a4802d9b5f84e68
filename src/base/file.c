#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>


/* Opens a regular file for reading and tells its size. */
static okng_status open_file(const char *path, int *descriptor, size_t *size, okng_error *error)
{
    *size = 0;
    *descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for its writer */
    if (*descriptor < 0) return okng_fail_errno(error, "open", path);
    okng_status status = OKNG_OK;
    struct stat info;
    if (fstat(*descriptor, &info) != 0)
        status = okng_fail_errno(error, "read", path);
    else if (!S_ISREG(info.st_mode))
        status = okng_fail(error, OKNG_ERROR_IO, "%s: %s, expected a file", path,
                           S_ISDIR(info.st_mode) ? "is a folder" : "is not a regular file");
    else
        *size = (size_t)info.st_size;
    if (status != OKNG_OK) (void)close(*descriptor);
    return status;
}

okng_status okng_map_open(okng_map *map, const char *path, okng_error *error)
{
    *map = (okng_map){0};
    int descriptor;
    size_t size;
    OKNG_TRY(open_file(path, &descriptor, &size, error));
    okng_status status = OKNG_OK;
    if (size > 0) {
        void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (data == MAP_FAILED)
            status = okng_fail_errno(error, "map", path);
        else
            *map = (okng_map){data, size};
    }
    (void)close(descriptor);
    return status;
}

static okng_status read_all(int descriptor, const char *path, uint8_t *data, size_t *size, okng_error *error)
{
    size_t done = 0;
    while (done < *size) {
        ssize_t got = read(descriptor, data + done, *size - done);
        if (got == 0) break; /* it has become shorter: what is there counts */
        if (got < 0 && errno != EINTR) return okng_fail_errno(error, "read", path);
        if (got > 0) done += (size_t)got;
    }
    *size = done;
    return OKNG_OK;
}

okng_status okng_file_read(const char *path, size_t limit, void **data, size_t *size, okng_error *error)
{
    *data = NULL;
    int descriptor;
    OKNG_TRY(open_file(path, &descriptor, size, error));
    okng_status status = OKNG_OK;
    if (*size > limit)
        status = okng_fail(error, OKNG_ERROR_LIMIT, "%s: %zu bytes, expected at most %zu", path, *size, limit);
    else if (*size > 0 && !(*data = malloc(*size)))
        status = okng_fail_memory(error, *size);
    else if (*size > 0)
        status = read_all(descriptor, path, *data, size, error);
    (void)close(descriptor);
    if (status != OKNG_OK) {
        free(*data);
        *data = NULL;
    }
    return status;
}

void okng_map_close(okng_map *map)
{
    if (map->data) (void)munmap((void *)(uintptr_t)map->data, map->size);
    *map = (okng_map){0};
}

bool okng_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

okng_status okng_make_folders(const char *path, okng_error *error)
{
    if (!*path) return okng_fail(error, OKNG_ERROR_ARGUMENT, "the name of the folder is empty");
    char *copy = strdup(path);
    if (!copy) return okng_fail_memory(error, strlen(path));
    okng_status status = OKNG_OK;
    for (char *slash = copy; slash && status == OKNG_OK;) {
        slash = strchr(slash + 1, '/');
        if (slash) *slash = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST) status = okng_fail_errno(error, "make the folder", copy);
        if (slash) *slash = '/';
    }
    free(copy);
    if (status == OKNG_OK && !okng_is_folder(path))
        status = okng_fail(error, OKNG_ERROR_IO, "%s: is a file, expected a folder", path);
    return status;
}

okng_status okng_remove_folder(const char *path, okng_error *error)
{
    DIR *folder = opendir(path);
    if (!folder) return errno == ENOENT ? OKNG_OK : okng_fail_errno(error, "remove", path);
    okng_status status = OKNG_OK;
    for (struct dirent *entry; status == OKNG_OK && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (unlinkat(dirfd(folder), entry->d_name, 0) != 0) status = okng_fail_errno(error, "remove a file in", path);
    }
    (void)closedir(folder);
    if (status == OKNG_OK && rmdir(path) != 0) status = okng_fail_errno(error, "remove", path);
    return status;
}

char *okng_path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder), size = length + strlen(name) + 2;
    char *path = malloc(size);
    if (path) (void)snprintf(path, size, "%s%s%s", folder, length > 0 && folder[length - 1] == '/' ? "" : "/", name);
    return path;
}

okng_status okng_temporary_file(int *descriptor, const char *purpose, okng_error *error)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder) folder = "/var/tmp"; /* on disk, where /tmp is often memory */
    char *path = okng_path_join(folder, "okng.XXXXXX");
    if (!path) return okng_fail_memory(error, strlen(folder));
    *descriptor = mkostemp(path, O_CLOEXEC);
    okng_status status = OKNG_OK;
    if (*descriptor < 0)
        status = okng_fail(error, OKNG_ERROR_IO,
                           "%s: cannot make the temporary file for %s: %s; set TMPDIR to a folder with room", folder,
                           purpose, okng_reason_text(errno));
    else
        (void)unlink(path);
    free(path);
    return status;
}

okng_status okng_flush_to_disk(const char *path, okng_error *error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return okng_fail_errno(error, "open", path);
    okng_status status = fsync(descriptor) == 0 || errno == EINVAL ? OKNG_OK : okng_fail_errno(error, "write", path);
    (void)close(descriptor);
    return status;
}
