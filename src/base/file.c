#include "base/file.h"
#include "base/catalogue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool okng_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool okng_has_folder(const char *folder, const char *name)
{
    struct stat info;
    int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool has = at >= 0 && fstatat(at, name, &info, 0) == 0 && S_ISDIR(info.st_mode);
    if (at >= 0) (void)close(at);
    return has;
}

void okng_forget_file(const char *folder, const char *name)
{
    int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (at < 0) return;
    (void)unlinkat(at, name, 0);
    (void)close(at);
}

okng_status okng_real_path(char **real, const char *path, okng_error *error)
{
    *real = realpath(path, NULL);
    return *real || errno != ENOMEM ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
}

const char *okng_special_file(mode_t mode)
{
    if (S_ISFIFO(mode)) return N_("pipe");
    if (S_ISSOCK(mode)) return N_("socket");
    return S_ISCHR(mode) || S_ISBLK(mode) ? N_("device") : NULL;
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

char *okng_path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder), size = length + strlen(name) + 2;
    char *path = malloc(size);
    if (path) (void)snprintf(path, size, "%s%s%s", folder, length > 0 && folder[length - 1] == '/' ? "" : "/", name);
    return path;
}

int okng_sync(int descriptor)
{
    int got;
    do got = fsync(descriptor);
    while (got != 0 && errno == EINTR);
    return got == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : -1;
}

okng_status okng_flush_to_disk(const char *path, okng_error *error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return okng_fail_errno(error, "open", path);
    okng_status status = okng_sync(descriptor) == 0 ? OKNG_OK : okng_fail_errno(error, "write", path);
    (void)close(descriptor);
    return status;
}
