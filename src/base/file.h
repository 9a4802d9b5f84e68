/* Files: read-only maps, writes that appear whole or not at all, folders, locks, hashes. */
#ifndef OKNG_BASE_FILE_H
#define OKNG_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* A whole file mapped read-only. `data` is NULL for an empty file. */
typedef struct okng_map {
    const uint8_t *data;
    size_t size;
} okng_map;

okng_status okng_map_open(okng_map *map, const char *path, okng_error *error);
void okng_map_close(okng_map *map); /* a zeroed map is fine */

/* A whole file of at most `limit` bytes read into memory (*data for free(), NULL when empty): for files that somebody
 * else may shorten meanwhile, which would kill the reader of a map. LIMIT names both sizes. */
okng_status okng_file_read(const char *path, size_t limit, void **data, size_t *size, okng_error *error);

/* Writes to a temporary name beside `path` (of a link: beside what it leads to); commit renames it into place, abort
 * removes it. Exactly one of the two must follow a successful open; both release everything. Write errors are kept and
 * reported by commit. */
typedef struct okng_writer {
    FILE *stream; /* write with stdio */
    char *path, *temporary;
} okng_writer;

okng_status okng_writer_open(okng_writer *writer, const char *path, okng_error *error);
okng_status okng_writer_commit(okng_writer *writer, okng_error *error);
void okng_writer_abort(okng_writer *writer);
/* The three in one. */
okng_status okng_file_write(const char *path, const void *data, size_t size, okng_error *error);

/* Makes a folder and its missing parents. */
okng_status okng_make_folders(const char *path, okng_error *error);
/* Removes a folder and the files in it (one level; sub-folders are an error). Missing is fine. */
okng_status okng_remove_folder(const char *path, okng_error *error);
/* Removes a folder with all that is in it; links are removed, not followed. Missing is fine. */
okng_status okng_remove_tree(const char *path, okng_error *error);
bool okng_is_folder(const char *path);

/* "a/b" from "a" and "b"; malloc'd, NULL when memory is out. */
char *okng_path_join(const char *folder, const char *name);

/* An unlinked temporary file in $TMPDIR, else /var/tmp, for `purpose` (used in errors). Close with close(). */
okng_status okng_temporary_file(int *descriptor, const char *purpose, okng_error *error);

/* An advisory lock on `path`, made if need be. BUSY when another process (or handle) holds it. */
typedef struct okng_lock {
    int descriptor;
    char *path;
} okng_lock;
okng_status okng_lock_take(okng_lock *lock, const char *path, okng_error *error);
void okng_lock_drop(okng_lock *lock); /* removes the file */

/* To the disk, before a rename makes it visible. */
okng_status okng_flush_to_disk(const char *path, okng_error *error);

#endif
