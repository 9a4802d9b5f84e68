#include "inspect/apart.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* The real path `there` with one more part of `length` bytes below it; malloc'd, NULL where memory is out. */
static char *join(const char *there, const char *part, size_t length)
{
    size_t used = strcmp(there, "/") == 0 ? 0 : strlen(there);
    char *next = malloc(used + length + 2);
    if (!next) return NULL;
    memcpy(next, there, used);
    next[used] = '/';
    memcpy(next + used + 1, part, length);
    next[used + 1 + length] = '\0';
    return next;
}

/* Where one part of a path leads from `there`, which is taken over. A folder that does not exist yet will be no link,
 * so ".." leads out of it to the one that it is named in. */
static char *step(char *there, const char *part, size_t length)
{
    if (length == 0 || (length == 1 && part[0] == '.')) return there;
    if (length == 2 && part[0] == '.' && part[1] == '.') {
        char *slash = strrchr(there, '/');
        slash[slash == there] = '\0'; /* the root is above itself */
        return there;
    }
    char *next = join(there, part, length);
    free(there);
    char *real;
    if (!next || (okng_real_path(&real, next, NULL) == OKNG_OK && !real)) return next;
    free(next);
    return real; /* NULL where memory is out */
}

/* The real path that `path` has, or will have once the folders that it lacks are made; malloc'd. NULL sets errno. */
static char *real_path_to_be(const char *path)
{
    char *there = realpath(*path == '/' ? "/" : ".", NULL);
    while (there && *path) {
        size_t length = strcspn(path, "/");
        there = step(there, path, length);
        path += length;
        path += strspn(path, "/");
    }
    return there;
}

okng_status okng_need_apart(const char *dir, const char *out, okng_error *error)
{
    char *there = real_path_to_be(out);
    if (!there) return okng_fail_errno(error, "find the place of", out);
    char *in;
    okng_status status = okng_real_path(&in, dir, error);
    if (status != OKNG_OK) free(there);
    if (status != OKNG_OK) return status;
    size_t length = in ? strlen(in) : 0;
    bool inside = in && strncmp(there, in, length) == 0 &&
                  (there[length] == '\0' || there[length] == '/' || in[length - 1] == '/');
    free(in);
    free(there);
    if (!inside) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_ARGUMENT,
        "the results' folder %s lies in the pictures' folder %s, where results would be taken for pictures "
        "the next time; give another folder",
        out, dir);
}
