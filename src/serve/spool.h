/* Bytes that come in piece by piece: small ones in memory, more in an unlinked temporary file that is mapped once it is
 * whole, so that uploads take room on a disk and not of the process. */
#ifndef OKNG_SERVE_SPOOL_H
#define OKNG_SERVE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Bytes of one spool, and of all together, that are kept in memory. */
enum { OKNG_SPOOL_MEMORY = 2 << 20, OKNG_SPOOL_MEMORY_ALL = 256 << 20 };

/* Begins as okng_spool_empty. One thread at a time. */
typedef struct okng_spool {
    char *memory; /* NULL once a file has it */
    size_t size, room;
    int descriptor; /* -1: no file */
    void *map;      /* of the file, once sealed */
} okng_spool;

extern const okng_spool okng_spool_empty;

/* Adds bytes. Errors: MEMORY; IO where the disk is full or there is no folder for temporary files. */
okng_status okng_spool_add(okng_spool *spool, const void *bytes, size_t size, okng_error *error);
/* All that was added, *data is NULL when nothing was; no more may be added. It lives until okng_spool_clear. */
okng_status okng_spool_seal(okng_spool *spool, const void **data, okng_error *error);
void okng_spool_clear(okng_spool *spool);

#endif
