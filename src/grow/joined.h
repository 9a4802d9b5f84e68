/* The pictures of two lists as one. Private to grow/. */
#ifndef OKNG_GROW_JOINED_H
#define OKNG_GROW_JOINED_H

#include "method/groups.h"
#include "method/picture_names.h"

/* Names below a folder, "" = it is not known. Borrowed. */
typedef struct okng_named_pictures {
    const okng_picture_names *names;
    const char *folder;
} okng_named_pictures;

typedef struct okng_joined {
    okng_picture_names names; /* first those of the one list, then those of the other */
    char *folder;             /* the deepest that holds both lists' folders; "" where one is not known */
    okng_groups groups;       /* of them */
} okng_joined;

/* `group`: the option. Names are told apart by the parts of their folders that differ. Errors: those of
 * okng_groups_find. */
okng_status okng_joined_make(okng_joined *joined, const okng_named_pictures *first, const okng_named_pictures *second,
                             const char *group, okng_error *error);
void okng_joined_free(okng_joined *joined); /* zeroed is fine */

/* same[i] for each name of `second`: it is a picture of `first` too, by folder and name. Errors: MEMORY. */
okng_status okng_joined_find_same(const okng_named_pictures *first, const okng_named_pictures *second, bool *same,
                                  okng_error *error);

#endif
