/* The pictures that are inspected together: those of one folder, or of several files and folders. */
#ifndef OKNG_INSPECT_TARGETS_H
#define OKNG_INSPECT_TARGETS_H

#include <stdbool.h>

#include "base/error.h"

typedef struct okng_target {
    char *path; /* where it is read from */
    char *name; /* what it is called in results: relative, without "." and ".." */
} okng_target;

typedef struct okng_targets {
    okng_target *items; /* sorted by name in byte order; every name once */
    size_t count, capacity;
    size_t left_out; /* pictures of the folders that cannot be read, by their kind */
} okng_targets;

/* Lists pictures and folders of pictures, which are searched as okng_picture_list_open does. Below a single folder
 * names are relative to it; else to the deepest folder that holds all that was given, links followed. A picture that is
 * given twice is listed once. Errors: NOT_FOUND (what does not exist; no pictures at all), those of
 * okng_picture_list_open; UNSUPPORTED where `strict` and a picture is left out, naming the first. */
okng_status okng_targets_open(okng_targets *targets, const char *const *paths, size_t count, bool strict,
                              okng_error *error);
void okng_targets_close(okng_targets *targets); /* zeroed is fine */

#endif
