/* Where downloads are kept. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

okng_status okng_cache_path(char *path, size_t size, const char *name, okng_error *error)
{
    const char *base = getenv("XDG_CACHE_HOME"), *below = "okng/weights";
    if (!base || base[0] != '/') { /* the XDG specification: a path that is not absolute is ignored */
        base = getenv("HOME");
        below = ".cache/okng/weights";
    }
    if (!base || !*base)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "no cache folder: neither XDG_CACHE_HOME nor HOME is set");
    const int length = snprintf(path, size, "%s/%s/%s", base, below, name);
    if (length > 0 && (size_t)length < size) return OKNG_OK;
    if (size > 0) path[0] = '\0';
    return okng_fail(error, OKNG_ERROR_LIMIT, "the path of %s in the cache folder is longer than %zu bytes", name,
                     size);
}
