/* The pictures below a folder, as banks are made or grow from them. Private to grow/. */
#ifndef OKNG_GROW_LISTED_H
#define OKNG_GROW_LISTED_H

#include "data/picture_list.h"
#include "features/pictures.h"

typedef struct okng_grow_listed {
    okng_picture_list *list;
    const char **paths;     /* those of `pictures`; the texts are the list's */
    okng_pictures pictures; /* their root is the folder, also where all lie in one folder below it */
} okng_grow_listed;

/* Errors: NOT_FOUND (no pictures), those of okng_picture_list_open; MEMORY. okng_grow_listed_free must follow, on
 * failure too. */
okng_status okng_grow_list(okng_grow_listed *listed, const char *folder, okng_error *error);
/* The first `count` paths are the pictures. */
void okng_grow_listed_take(okng_grow_listed *listed, size_t count);
void okng_grow_listed_free(okng_grow_listed *listed); /* zeroed is fine */

#endif
