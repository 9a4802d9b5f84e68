/* Files: reading what does not change meanwhile, writes that appear whole or not at all, folders, locks, hashes. */
#ifndef OKNG_BASE_FILE_H
#define OKNG_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/error.h"

/* Reads a regular file from its begin to its end, and tells when it changed meanwhile. Nothing is mapped: what was read
 * stays what it was whatever happens to the file, where a map would change with it, and kill who reads a file that
 * somebody made shorter. */
typedef struct okng_reader {
    const char *path;  /* borrowed */
    size_t size;       /* of the file, bytes, as it was opened */
    size_t left;       /* not read yet */
    struct stat began; /* what the file was then */
    int descriptor;
} okng_reader;

/* Errors: NOT_FOUND, IO (also of a folder, a pipe or a device). */
okng_status okng_reader_open(okng_reader *reader, const char *path, okng_error *error);
/* The next `bytes` bytes, at most reader->left. Errors: IO, also where the file has become shorter. */
okng_status okng_reader_next(okng_reader *reader, void *to, size_t bytes, okng_error *error);
/* MEMORY when the whole file cannot be in memory: its size, which may be a hole, is then not believed. */
okng_status okng_reader_need_memory(const okng_reader *reader, okng_error *error);
/* Must follow open. IO when all was read and the file is another than it was when it was opened: longer, or written to
 * (a removed one, or one replaced by another file, is still whole). `status` is what came before, which is returned
 * where it is not OKNG_OK. */
okng_status okng_reader_close(okng_reader *reader, okng_status status, okng_error *error);

/* A whole file of at most `limit` bytes read into memory (*data from okng_alloc, NULL when empty). Errors: those of
 * okng_reader_open and okng_reader_close; LIMIT names both sizes; MEMORY, also of a file larger than the memory that
 * there is. */
okng_status okng_file_read(const char *path, size_t limit, void **data, size_t *size, okng_error *error);
/* The same, once `look` has seen the first bytes, at most OKNG_FILE_HEAD of a file of `whole` bytes: what is refused by
 * them is not read any further. */
enum { OKNG_FILE_HEAD = 1024 };
typedef okng_status okng_head_fn(const char *path, const uint8_t *head, size_t size, size_t whole, okng_error *error);
okng_status okng_file_read_looking(const char *path, size_t limit, okng_head_fn *look, void **data, size_t *size,
                                   okng_error *error);

/* Writes to a temporary file beside `path` (of a link: beside what it leads to); commit renames it into place, abort
 * removes it. Exactly one of the two must follow a successful open; both release everything. Write errors are kept and
 * reported by commit. What a killed process left of the same target is removed. A file that is replaced is replaced by
 * one that is on the disk; a new one is not flushed. The new file's mode is that of any new file. */
typedef struct okng_writer {
    FILE *stream; /* write with stdio */
    char *path, *temporary;
    int descriptor; /* holds the lock on `temporary`; -1: none */
    bool remakable; /* for the caller to set: not flushed, as what it holds can be made again */
} okng_writer;

okng_status okng_writer_open(okng_writer *writer, const char *path, okng_error *error);
okng_status okng_writer_commit(okng_writer *writer, okng_error *error);
void okng_writer_abort(okng_writer *writer);
/* Whether a file called `file` is what a writer of `target` beside it has not finished, both without their folder. */
bool okng_is_temporary_of(const char *file, const char *target);
/* okng_file_write of the public header is the three in one; this is it for what can be made again, such as pictures of
 * results. */
okng_status okng_file_write_remakable(const char *path, const void *data, size_t size, okng_error *error);

/* Makes a folder and its missing parents. */
okng_status okng_make_folders(const char *path, okng_error *error);
/* The folder that shall hold `path`, as okng_make_folders. */
okng_status okng_make_parent(const char *path, okng_error *error);
/* Whether a file of this name, without its folder, is what file managers put into every folder that they show: nobody's
 * work, and it comes again. */
bool okng_is_of_file_manager(const char *name);
/* Where macOS copies to a file system without extended attributes, those of NAME become a file ._NAME beside it. The
 * NAME that this is the companion of; NULL for any other file. */
const char *okng_companion_of(const char *name);
/* Whether a file of this name, without its folder, is one that okng writes there. */
typedef bool okng_own_fn(const char *name);
/* OK where the folder and those below it hold regular files alone that are okng's own, what it had not finished of
 * one, their companions, or file managers'; else ARGUMENT, naming the first that is none of these. Missing is fine. */
okng_status okng_check_own(const char *path, okng_own_fn *is_own, okng_error *error);
/* The same; a folder called `apart` right in it is left as it is. */
okng_status okng_check_own_but(const char *path, const char *apart, okng_own_fn *is_own, okng_error *error);
/* Removes the folder with all that is in it if the check lets it pass, else nothing. */
okng_status okng_remove_own(const char *path, okng_own_fn *is_own, okng_error *error);
bool okng_is_folder(const char *path);
/* What a file of this mode is that is neither one with bytes, nor a folder, nor a link: "pipe", "socket", "device";
 * else NULL. Reading it could wait for ever. */
const char *okng_special_file(mode_t mode);
/* Whether `folder` has a folder `name`, which may be a path below it. Takes no memory. */
bool okng_has_folder(const char *folder, const char *name);
/* Removes the file `name` of `folder`, where they are there. Takes no memory. */
void okng_forget_file(const char *folder, const char *name);
/* The real path of what is there, malloc'd; *real is NULL where it is not. Fails only without memory. */
okng_status okng_real_path(char **real, const char *path, okng_error *error);

/* "a/b" from "a" and "b"; malloc'd, NULL when memory is out. */
char *okng_path_join(const char *folder, const char *name);

/* The absolute path that `path` has, links and ".." followed, or will have once the folders that it lacks are made;
 * malloc'd. NULL sets errno. */
char *okng_path_to_be(const char *path);
/* Whether one such path is the other or lies below it. */
bool okng_path_inside(const char *path, const char *folder);

/* The path that the download `name` is kept at: $XDG_CACHE_HOME/okng/weights, else ~/.cache/okng/weights, which need
 * not be there. Errors: NOT_FOUND (neither variable is set), LIMIT. */
okng_status okng_cache_path(char *path, size_t size, const char *name, okng_error *error);
/* The same of what can be made again: $XDG_CACHE_HOME/okng/kept, else ~/.cache/okng/kept. */
okng_status okng_kept_path(char *path, size_t size, const char *name, okng_error *error);
/* Bytes that all of that may take: MiB by OKNG_KEEP in the environment, 2 GiB unless given. 0: nothing is kept, or
 * read. */
uint64_t okng_kept_limit(void);

/* An unlinked temporary file in $TMPDIR, else /var/tmp, for `purpose` (used in errors). Close with close(). */
okng_status okng_temporary_file(int *descriptor, const char *purpose, okng_error *error);

enum { OKNG_LOCK_TEXT = 384 };

/* A lock by the file `path`, whose text says who holds it. Made if need be; BUSY when somebody else holds it, in this
 * process, another or on another machine; ARGUMENT where the file is not one of okng's. On a local disk what a killed
 * holder left is free; where other machines may write, only if it is known to be dead, see file_lock.c. */
typedef struct okng_lock {
    int descriptor;
    char *path;
    char text[OKNG_LOCK_TEXT];
} okng_lock;
okng_status okng_lock_take(okng_lock *lock, const char *path, okng_error *error);
/* BUSY when the file is not ours any more: somebody broke the lock. For just before what must not be done twice. */
okng_status okng_lock_check(const okng_lock *lock, okng_error *error);
/* Writes a note behind the text of a lock that is held, for others to read; gone with the lock. Errors: IO. */
okng_status okng_lock_note(const okng_lock *lock, const void *note, size_t size, okng_error *error);
/* Of a lock's file [size], NULL: of one that could not be read: who holds it, for people, and where its note begins
 * (`size`: there is none). */
void okng_lock_parse(const void *data, size_t size, char who[OKNG_LOCK_TEXT], size_t *note);
void okng_lock_drop(okng_lock *lock); /* removes the file if it is still ours; zeroed with descriptor -1 is fine */

/* "dir/.NAME.okng-WHAT" of "dir/NAME", a name beside it that is okng's own; malloc'd. LIMIT where that is longer than
 * names may be. */
okng_status okng_path_beside(char **beside, const char *path, const char *what, okng_error *error);

/* fsync, of a file or a folder: 0, or -1 and errno. Where the file system does not know it, all is well. */
int okng_sync(int descriptor);
/* To the disk, before a rename makes it visible. */
okng_status okng_flush_to_disk(const char *path, okng_error *error);
/* The names in the folder that holds `path`, after a rename. One that may not be read is passed over. */
okng_status okng_flush_parent(const char *path, okng_error *error);

#endif
