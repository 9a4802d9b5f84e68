#include "data/names.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MAX_ONCE = 65536 }; /* so that a table of nothing but categories does not take for ever */

okng_status okng_names_add(okng_names *names, const char *name, okng_error *error)
{
    void *items = names->items;
    if (!okng_grow(&items, &names->capacity, names->count + 1, sizeof *names->items))
        return okng_fail_memory(error, (names->count + 1) * sizeof *names->items);
    names->items = items;
    names->items[names->count] = strdup(name);
    if (!names->items[names->count]) return okng_fail_memory(error, strlen(name) + 1);
    names->count++;
    return OKNG_OK;
}

okng_status okng_names_add_once(okng_names *names, const char *name, okng_error *error)
{
    size_t low = 0, high = names->count; /* the place of the first that is not below */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(names->items[middle], name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < names->count && strcmp(names->items[low], name) == 0) return OKNG_OK;
    if (names->count == MAX_ONCE)
        return okng_fail(error, OKNG_ERROR_LIMIT, "\"%.80s\" is one name more than the %d that there may be", name,
                         MAX_ONCE);
    OKNG_TRY(okng_names_add(names, name, error));
    char *added = names->items[names->count - 1];
    memmove(names->items + low + 1, names->items + low, (names->count - 1 - low) * sizeof *names->items);
    names->items[low] = added;
    return OKNG_OK;
}

static int by_bytes(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

void okng_names_sort(okng_names *names)
{
    if (names->count > 1) qsort(names->items, names->count, sizeof *names->items, by_bytes);
}

void okng_names_free(okng_names *names)
{
    for (size_t i = 0; i < names->count; i++) free(names->items[i]);
    free(names->items);
    *names = (okng_names){0};
}

const char *okng_names_text(const okng_names *names, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < names->count; i++) {
        size_t need = strlen(names->items[i]) + 2;
        if (used + need + sizeof ", ..." > size) {
            (void)snprintf(text + used, size - used, "%s...", i > 0 ? ", " : "");
            return text;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", names->items[i]);
    }
    return text;
}

okng_status okng_path_format(char **out, okng_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vasprintf(out, format, args);
    va_end(args);
    if (length >= 0) return OKNG_OK;
    *out = NULL;
    return okng_fail_memory(error, OKNG_PATH_MAX);
}

bool okng_path_stays_below(const char *path)
{
    if (!*path || *path == '/') return false;
    for (const char *part = path; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || !part[2])) return false;
    return true;
}
