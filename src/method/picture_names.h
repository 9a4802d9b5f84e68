/* Names of pictures as files of a bank keep them: relative to a folder, each with a NUL at its end, one behind the
 * other. */
#ifndef OKNG_METHOD_PICTURE_NAMES_H
#define OKNG_METHOD_PICTURE_NAMES_H

#include <stdbool.h>

#include "features/pictures.h"

typedef struct okng_picture_names {
    int64_t count;
    char *text;        /* all of them */
    size_t bytes;      /* of text */
    const char **name; /* [count] in text */
} okng_picture_names;

/* `name` says what picture i is called. Errors: MEMORY; *out is zeroed then. */
typedef const char *(*okng_picture_name_fn)(const void *context, size_t i);
okng_status okng_picture_names_new(okng_picture_names *out, int64_t count, okng_picture_name_fn name,
                                   const void *context, okng_error *error);
/* Those of a list, less its root. Errors: MEMORY. */
okng_status okng_picture_names_of(okng_picture_names *out, const okng_pictures *pictures, okng_error *error);
/* The folder that those are relative to: where it is now, links followed; "" where there is none. Malloc'd; NULL where
 * memory is out. */
char *okng_pictures_folder(const okng_pictures *pictures);
/* Name i of an okng_picture_names; an okng_picture_name_fn. */
const char *okng_picture_names_get(const void *names, size_t i);
/* Out of a file: exactly `count` plain paths that lead nowhere else in `bytes` bytes of text, which is copied. *fits is
 * false where they are not that, and nothing is kept. Errors: MEMORY. */
okng_status okng_picture_names_read(okng_picture_names *out, int64_t count, const void *text, size_t bytes, bool *fits,
                                    okng_error *error);
void okng_picture_names_free(okng_picture_names *names); /* zeroed is fine; zeroes it */

#endif
