/* Where downloads are kept, and what can be made again. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

static okng_status cache_path(char *path, size_t size, const char *folder, const char *name, okng_error *error)
{
    const char *base = getenv("XDG_CACHE_HOME"), *below = "okng";
    if (!base || base[0] != '/') { /* the XDG specification: a path that is not absolute is ignored */
        base = getenv("HOME");
        below = ".cache/okng";
    }
    if (!base || !*base)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "no cache folder: neither XDG_CACHE_HOME nor HOME is set");
    const int length = snprintf(path, size, "%s/%s/%s/%s", base, below, folder, name);
    if (length > 0 && (size_t)length < size) return OKNG_OK;
    if (size > 0) path[0] = '\0';
    return okng_fail(error, OKNG_ERROR_LIMIT, "the path of %s in the cache folder is longer than %zu bytes", name,
                     size);
}

okng_status okng_cache_path(char *path, size_t size, const char *name, okng_error *error)
{
    return cache_path(path, size, "weights", name, error);
}

okng_status okng_kept_path(char *path, size_t size, const char *name, okng_error *error)
{
    return cache_path(path, size, "kept", name, error);
}

uint64_t okng_kept_limit(void)
{
    enum { USUAL_MIB = 2048, MOST_MIB = 1 << 20 };
    const char *asked = getenv("OKNG_KEEP");
    char *end;
    if (!asked || !*asked) return (uint64_t)USUAL_MIB << 20;
    const unsigned long long mib = strtoull(asked, &end, 10);
    return *end || mib > MOST_MIB ? 0 : (uint64_t)mib << 20;
}
