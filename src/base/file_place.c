/* Where a path leads, also where that does not exist yet. */
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

char *okng_path_to_be(const char *path)
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

bool okng_path_inside(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 &&
           (path[length] == '\0' || path[length] == '/' || (length > 0 && folder[length - 1] == '/'));
}
