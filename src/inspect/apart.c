#include "inspect/apart.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The real path of the deepest part of `path` that exists; malloc'd, NULL when there is none. */
static char *existing_part(const char *path)
{
    char *part = strdup(path), *real = NULL;
    while (part && !(real = realpath(part, NULL)) && errno == ENOENT) {
        char *slash = strrchr(part, '/');
        if (slash)
            *slash = '\0';
        else if (strcmp(part, ".") != 0)
            strcpy(part, "."); /* fits: a path that does not exist is not empty */
        else
            break;
        if (!*part) break;
    }
    free(part);
    return real;
}

okng_status okng_need_apart(const char *dir, const char *out, okng_error *error)
{
    char *in = realpath(dir, NULL), *there = existing_part(out);
    size_t length = in ? strlen(in) : 0;
    bool inside = in && there && strncmp(there, in, length) == 0 &&
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
