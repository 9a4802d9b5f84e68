/* The files of a spool's folder beside its segments: where readers are, and what goes along with entries. */
#ifndef OKNG_LINE_SPOOL_FILES_H
#define OKNG_LINE_SPOOL_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Opens READER.at; *known is false where it was not there or says nothing. Errors: IO, MEMORY. */
okng_status okng_place_open(int *file, const char *folder, const char *reader, uint64_t *next, uint64_t *lost,
                            bool *known, okng_error *error);
/* Keeps both numbers; false, with errno, where they could not be written. */
bool okng_place_write(int file, uint64_t next, uint64_t lost);

/* "folder/files/NUMBER"; malloc'd, NULL without memory. */
char *okng_along_path(const char *folder, uint64_t number);
/* Removes it with the files in it. */
void okng_along_remove(const char *folder, uint64_t number);
/* Bytes of the files in it; 0 where it is not there. */
uint64_t okng_along_bytes(const char *folder, uint64_t number);
/* Removes those of numbers below `from` and of `to` and above. */
void okng_along_sweep(const char *folder, uint64_t from, uint64_t to);

/* Numbers of the segments of a folder, in order; malloc'd. */
okng_status okng_segment_list(const char *folder, uint64_t **firsts, size_t *count, okng_error *error);
char *okng_segment_path(const char *folder, uint64_t first); /* malloc'd, NULL without memory */

#endif
