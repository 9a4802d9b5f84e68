/* A file in memory that is shared with whoever else reads it, and that cannot kill its reader. What a mapped file loses
 * (it is made shorter, its disk fails) the system answers with SIGBUS at the next look. The first map of a process
 * takes that signal over: a look at a map that has lost something finds zeros there and the map remembers it, so that
 * who looked can tell before anything comes of what was seen. Signals of other origin go to whoever had them before.
 * Private to recipe/. */
#ifndef OKNG_RECIPE_MAP_H
#define OKNG_RECIPE_MAP_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/error.h"

typedef struct okng_map {
    const unsigned char *data; /* [size] */
    size_t size;
    char *path;
    struct stat began; /* what the file was when it was opened */
    int descriptor;    /* -1: the file was read into memory, and is ours */
    int slot;          /* of the guard; -1: none */
} okng_map;

/* The regular file behind `descriptor`, which is taken over, on failure too. Where its file system cannot map, or more
 * maps are open than the guard knows (OKNG_MAPS_MAX), it is read into memory. Errors: IO, MEMORY. */
enum { OKNG_MAPS_MAX = 256 };
okng_status okng_map_open(okng_map *map, int descriptor, const char *path, okng_error *error);
void okng_map_close(okng_map *map); /* zeroed is fine */

/* Takes the signal over again where somebody else has taken it meanwhile: to be called before a map is looked at for
 * long. Takes no memory. */
void okng_map_guard(void);
/* Whether all that was seen of it so far is what the file held when it was opened. IO where it was made shorter,
 * written to, or could not be read. */
okng_status okng_map_settled(const okng_map *map, okng_error *error);

#endif
