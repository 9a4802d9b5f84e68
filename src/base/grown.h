/* Text that grows in memory, and in which nothing can be missing: once it could not grow it has failed for good.
 * stdio's own (open_memstream) drops what it has no memory for and says so nowhere. */
#ifndef OKNG_BASE_GROWN_H
#define OKNG_BASE_GROWN_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

/* Begins zeroed. */
typedef struct okng_grown {
    char *data; /* `size` bytes; no NUL before okng_grown_take */
    size_t size, room;
    size_t wanted; /* bytes that could not be had; 0 = all that was added is there */
} okng_grown;

/* Adds bytes; false when this or an earlier addition failed. */
bool okng_grown_add(okng_grown *grown, const void *bytes, size_t size);
/* All of it with a NUL behind it, for the caller to free; `size` (may be NULL) is without the NUL. MEMORY with the
 * bytes where something is missing, *out is NULL then. `grown` is zeroed again. */
okng_status okng_grown_take(okng_grown *grown, char **out, size_t *size, okng_error *error);

/* A stream into `grown`, which must outlive it; NULL when memory is out. What is printed is in the text, and counts
 * there as missing, once the stream is closed. */
FILE *okng_grown_stream(okng_grown *grown);
/* Closes `stream`, one into `grown` (NULL: it could not be opened), and takes the text. */
okng_status okng_grown_close(okng_grown *grown, FILE *stream, char **out, size_t *size, okng_error *error);

#endif
