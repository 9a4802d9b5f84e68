#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

char *okng_cli_join(const char *folder, const char *name)
{
    size_t length = strlen(folder), size = length + strlen(name) + 2;
    char *path = malloc(size);
    if (path) (void)snprintf(path, size, "%s%s%s", folder, length > 0 && folder[length - 1] == '/' ? "" : "/", name);
    return path;
}

okng_status okng_cli_make_folders(const char *path, okng_error *error)
{
    char part[OKNG_PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof part)
        return okng_cli_set_error(error, OKNG_ERROR_LIMIT, "%.80s...: the path is too long", path);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return okng_cli_set_error(error, OKNG_ERROR_IO, "%s: cannot make the folder: %s", part,
                                      okng_translate(strerror(errno)));
    }
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISDIR(info.st_mode))
        return okng_cli_set_error(error, OKNG_ERROR_IO, "%s: is a file, expected a folder", path);
    if (access(path, W_OK | X_OK) != 0)
        return okng_cli_set_error(error, OKNG_ERROR_IO, "%s: cannot write in this folder: %s", path,
                                  okng_translate(strerror(errno)));
    return OKNG_OK;
}
