/* Which good pictures are shots of one part: they are left out together, and count as one where parts are counted. */
#ifndef OKNG_METHOD_GROUPS_H
#define OKNG_METHOD_GROUPS_H

#include "features/pictures.h"

typedef struct okng_groups {
    int32_t *of;   /* [pictures] group of each, numbered by their first picture; NULL = each is its own */
    int32_t count; /* of groups */
} okng_groups;

/* By the option `group`: "none"; "folder", those whose names have the same folder; else an extended regular expression
 * (POSIX, in the locale "C") that is searched in the name behind the last slash: those with the same first
 * parenthesis, or the same match where there is none. A picture without a match is its own group. The tiles of a
 * picture are of one group, whatever the option. *groups is zeroed on
 * failure. Errors: ARGUMENT (a pattern that cannot be read, could take long, or matches no name; all are one group),
 * MEMORY. */
okng_status okng_groups_find(okng_groups *groups, const char *by, const okng_pictures *pictures, okng_error *error);
void okng_groups_free(okng_groups *groups); /* zeroed is fine; zeroes it */

/* The group of picture i. */
int32_t okng_groups_of(const okng_groups *groups, size_t i);

#endif
