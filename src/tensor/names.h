/* Names that came from a file: checked, and found again by a sorted index (no hash, so nothing to collide). */
#ifndef OKNG_TENSOR_NAMES_H
#define OKNG_TENSOR_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that something else owns, not NUL-terminated. */
typedef struct okng_name {
    const char *text;
    size_t length;
    size_t item; /* what is called this; kept when sorting */
} okng_name;

/* Valid UTF-8 without NUL. */
bool okng_name_valid(const char *text, size_t length);
/* Sorts by bytes, then by item. */
void okng_names_sort_index(okng_name *names, size_t count);
/* The first of two equal neighbours of sorted names; NULL when all differ. */
const okng_name *okng_names_duplicate(const okng_name *names, size_t count);
/* The first of that name in sorted names; NULL when there is none. */
const okng_name *okng_names_find(const okng_name *names, size_t count, const char *text, size_t length);

#endif
