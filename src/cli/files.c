#include <errno.h>
#include <fcntl.h>
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

static int write_all(int descriptor, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t written = write(descriptor, text, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return -1;
        text += written;
        size -= (size_t)written;
    }
    return 0;
}

okng_status okng_cli_write_file(const char *path, const char *text, size_t size, okng_error *error)
{
    char temporary[OKNG_PATH_MAX + 16];
    int length = snprintf(temporary, sizeof temporary, "%s.%x", path, (unsigned)getpid());
    if (length < 0 || (size_t)length >= sizeof temporary)
        return okng_cli_set_error(error, OKNG_ERROR_LIMIT, "%.80s...: the path is too long", path);
    (void)unlink(temporary); /* what a killed process of our number left */
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    int failed = descriptor < 0 ? errno : 0;
    if (!failed) {
        if (write_all(descriptor, text, size) != 0) failed = errno;
        if (close(descriptor) != 0 && !failed) failed = errno;
        if (!failed && rename(temporary, path) != 0) failed = errno;
        if (failed) (void)unlink(temporary);
    }
    if (!failed) return OKNG_OK;
    return okng_cli_set_error(error, OKNG_ERROR_IO, "%s: cannot write: %s", path, okng_translate(strerror(failed)));
}
