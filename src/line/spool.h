/* The queue on disk between inspection and the sinks: one journal, in which each reader has a place of its own. What
 * was appended survives a kill at any moment, and with `sync` a power cut. It is bounded: by results per reader, and by
 * bytes in all. What must be given up are the oldest results, and each reader's loss is counted.
 *
 * Files of the folder: NUMBER.log (16 hex digits, the number of its first entry; see segment.h), READER.at (the number
 * that the reader wants next, and how many it lost), files/NUMBER/ (pictures that go along with an entry), lock. */
#ifndef OKNG_LINE_SPOOL_H
#define OKNG_LINE_SPOOL_H

#include "line/segment.h"

typedef struct okng_spool okng_spool;

/* Who reads: a sink. */
typedef struct okng_spool_reader {
    const char *name;
    uint32_t wants; /* tags: bit 1 << tag */
    int64_t queue;  /* entries that may wait for it, at least 1 */
} okng_spool_reader;

typedef struct okng_spool_figures {
    uint64_t waiting, lost; /* entries that the reader wants */
} okng_spool_figures;

/* Opens the spool in `folder`, which is made if need be. `readers` is borrowed for the call. A reader that the spool
 * has not met begins behind what is there. Errors: BUSY (another process has it), IO, MEMORY. What is damaged is passed
 * over and counted (okng_spool_damaged). */
okng_status okng_spool_open(okng_spool **out, const char *folder, uint64_t bytes, bool sync,
                            const okng_spool_reader *readers, size_t count, okng_error *error);
void okng_spool_close(okng_spool **spool);

/* ---- any thread ------------------------------------------------------------------------------------------------- */

/* Appends a text of at most OKNG_ENTRY_MOST bytes; it is safe when this returns, and readers see it once it and all
 * before it are ready. Errors: IO (the disk is full), LIMIT, MEMORY: nothing was appended. */
okng_status okng_spool_append(okng_spool *spool, const char *text, size_t size, uint32_t tag, uint64_t *number,
                              okng_error *error);
/* The folder for what goes along with an entry, made now, between append and ready. `path` is the caller's to free. */
okng_status okng_spool_make_files(okng_spool *spool, uint64_t number, char **path, okng_error *error);
/* Must follow append: lets readers see the entry. `bytes` of files lie in its folder. */
void okng_spool_ready(okng_spool *spool, uint64_t number, uint64_t bytes);

/* The next entry that a reader wants, waiting at most `wait_ms`; *got is false when there is none. It stays the next
 * until okng_spool_advance. `files` gets the folder of what goes along, or NULL; both are the caller's to free. */
okng_status okng_spool_read(okng_spool *spool, size_t reader, int wait_ms, okng_entry *entry, char **files, bool *got,
                            okng_error *error);
/* The reader is through with this entry: a restart does not give it again. */
void okng_spool_advance(okng_spool *spool, size_t reader, uint64_t number);
void okng_spool_wake(okng_spool *spool); /* all readers that wait */

okng_spool_figures okng_spool_look(okng_spool *spool, size_t reader);
uint64_t okng_spool_bytes(okng_spool *spool);
uint64_t okng_spool_damaged(okng_spool *spool); /* places where entries were damaged when it was opened or read */

/* ---- before the first append ------------------------------------------------------------------------------------ */

/* The last entries, read or not: those of the last three files. */
typedef void okng_spool_fn(const okng_entry *entry, void *user);
okng_status okng_spool_each(okng_spool *spool, okng_spool_fn *fn, void *user, okng_error *error);

#endif
