/* Banks as they lie in the banks folder. */
#ifndef OKNG_CACHE_DISK_H
#define OKNG_CACHE_DISK_H

#include <stdbool.h>

#include "base/error.h"
#include "cache/name.h"

/* Where bank `name` lies: FOLDER/NAME, a folder, else FOLDER/NAME.okng, a recipe; malloc'd, NULL on failure. `folder`
 * is a real path. A bank that is being replaced on a file system without exchange is where it will be. Errors: ARGUMENT
 * (no good name; a link that leads out of the folder), NOT_FOUND, MEMORY. */
okng_status okng_disk_find(const char *folder, const char *name, char **path, okng_error *error);

/* What the system says of a bank's files. Hidden ones are no part of a bank. */
typedef struct okng_disk_state {
    uint64_t mark;    /* changes whenever a file is written, replaced, added or removed: over device, inode, size and
                         times of each */
    uint64_t bytes;   /* of all files */
    int64_t modified; /* of the newest, microseconds since 1970 */
} okng_disk_state;
/* Errors: NOT_FOUND, IO, LIMIT (too many files). */
okng_status okng_disk_look(const char *path, okng_disk_state *state, okng_error *error);

/* See okng_lease_hash. Errors: those of reading. */
okng_status okng_disk_hash(const char *path, char hex[65], okng_error *error);

/* What looks like a bank in the folder: sorted by name, in byte order. */
typedef struct okng_disk_bank {
    char name[OKNG_BANK_NAME_MAX + 1];
    bool is_recipe;
} okng_disk_bank;
/* Folders with a bank's documents and files NAME.okng; a folder comes before a recipe of its name, which is left out.
 * *banks [*count] is malloc'd. Errors: NOT_FOUND, IO, LIMIT (more than OKNG_DISK_BANKS), MEMORY. */
enum { OKNG_DISK_BANKS = 10000 };
okng_status okng_disk_list(const char *folder, okng_disk_bank **banks, size_t *count, okng_error *error);

#endif
