/* What lies beside a file or a folder, under names of okng's own. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

okng_status okng_path_beside(char **beside, const char *path, const char *what, okng_error *error)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(name) + strlen("..okng-") + strlen(what);
    *beside = NULL;
    if (length > NAME_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "%.60s...: the name has %zu bytes, and okng needs one of %zu beside it; expected at most %d",
                         name, strlen(name), length, NAME_MAX);
    size_t size = (size_t)(name - path) + length + 1;
    *beside = malloc(size);
    if (!*beside) return okng_fail_memory(error, size);
    (void)snprintf(*beside, size, "%.*s.%s.okng-%s", (int)(name - path), path, name, what);
    return OKNG_OK;
}

okng_status okng_make_parent(const char *path, okng_error *error)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path) return OKNG_OK;
    char *parent = strndup(path, (size_t)(slash - path));
    if (!parent) return okng_fail_memory(error, strlen(path));
    okng_status status = okng_make_folders(parent, error);
    free(parent);
    return status;
}

okng_status okng_flush_parent(const char *path, okng_error *error)
{
    const char *slash = strrchr(path, '/');
    const size_t length = !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
    /* No memory is asked for: what was renamed must not be left half done for want of it. */
    char parent[PATH_MAX] = ".";
    if (length >= sizeof parent)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: the path of its folder has %zu bytes, expected at most %zu",
                         path, length, sizeof parent - 1);
    if (length > 0) {
        memcpy(parent, path, length);
        parent[length] = '\0';
    }
    int descriptor = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    okng_status status = OKNG_OK;
    if (descriptor < 0 && errno != EACCES)
        status = okng_fail_errno(error, "open", parent);
    else if (descriptor >= 0 && okng_sync(descriptor) != 0)
        status = okng_fail_errno(error, "write", parent);
    if (descriptor >= 0) (void)close(descriptor);
    return status;
}
