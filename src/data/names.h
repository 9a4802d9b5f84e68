/* Lists of names, and paths put together. */
#ifndef OKNG_DATA_NAMES_H
#define OKNG_DATA_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Strings that are added one by one; owned. */
typedef struct okng_names {
    char **items;
    size_t count, capacity;
} okng_names;

okng_status okng_names_add(okng_names *names, const char *name, okng_error *error); /* a copy */
okng_status okng_names_add_once(okng_names *names, const char *name,
                                okng_error *error); /* sorted, unless it is there */
void okng_names_sort(okng_names *names);            /* byte order */
void okng_names_free(okng_names *names);
/* "a, b, c" into text, cut with "..." where it does not fit; returns text. */
const char *okng_names_text(const okng_names *names, char *text, size_t size);

/* Is a relative path one that cannot lead out of the folder that it begins at? */
bool okng_path_stays_below(const char *path);

/* printf into a malloc'd path; MEMORY. */
__attribute__((format(printf, 3, 4))) okng_status okng_path_format(char **out, okng_error *error, const char *format,
                                                                   ...);

#endif
