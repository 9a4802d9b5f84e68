/* Files of results, as several sinks handle them. */
#ifndef OKNG_LINE_RESULT_FILES_H
#define OKNG_LINE_RESULT_FILES_H

#include "line/sink.h"

/* "PATH/2026-11-28/NG" by `sort`: "day-verdict", "day", "verdict" or "none"; malloc'd. MEMORY. */
okng_status okng_sorted_folder(char **out, const char *path, const char *sort, const okng_record *record,
                               okng_error *error);
/* The name of the record's picture as one step of a path, without its ending where `bare`: what is no plain letter,
 * digit or one of ._- becomes '_'. At most 100 bytes. */
void okng_file_name_of(const okng_record *record, bool bare, char name[128]);
/* Puts the bytes of file `from` in place as `to`, which appears whole: as another name of the same file, or as a copy
 * where that cannot be. What is at `to` is replaced. */
okng_status okng_put_file(const char *from, const char *to, okng_error *error);

#endif
