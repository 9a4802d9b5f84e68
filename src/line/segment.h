/* One file of a spool: entries one behind the other, each with its number, its tag and a sum, so that whatever a kill
 * or a power cut left at the end is told from what was written whole.
 *
 * An entry is a head of 32 bytes, little endian, and its text: "okng", u32 bytes of text, u64 number, u32 tag, u32
 * zero, u64 XXH64 of the whole entry with these 8 bytes zero. */
#ifndef OKNG_LINE_SEGMENT_H
#define OKNG_LINE_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum { OKNG_ENTRY_HEAD = 32, OKNG_ENTRY_MOST = 1 << 20 }; /* bytes; of a text */

typedef struct okng_entry {
    uint64_t number;
    uint32_t tag; /* 0..31 */
    char *text;   /* [size] and a NUL; owned; NULL where only the head was read */
    uint32_t size;
} okng_entry;

void okng_entry_free(okng_entry *entry); /* zeroed is fine */

/* Writes an entry at `end` of the file, and to the disk where `sync`. On failure the file is what it was (IO, LIMIT,
 * MEMORY), or *torn is true: nothing may follow in it. `path` is told. */
okng_status okng_segment_append(int file, const char *path, off_t end, const okng_entry *entry, bool sync, bool *torn,
                                okng_error *error);
/* Reads the entry at `*at` and moves *at behind it. FORMAT where none lies there whole (also at the end of the file).
 */
okng_status okng_segment_next(int file, const char *path, off_t *at, okng_entry *entry, okng_error *error);

#endif
