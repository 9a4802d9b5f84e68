/* What SHA-256 a file had when it was read last, so that one that has not changed since need not be read to know it:
 * notes in the cache folder, at most OKNG_KNOWN_MOST of them. A file counts as unchanged by its device, number, size
 * and both its times, of which the system sets one at every change; one that was changed within OKNG_KNOWN_S seconds
 * before it was read is not noted, as its next change could have the same time. */
#ifndef OKNG_BASE_FILE_KNOWN_H
#define OKNG_BASE_FILE_KNOWN_H

#include <stdbool.h>
#include <sys/stat.h>

enum { OKNG_KNOWN_MOST = 256, OKNG_KNOWN_S = 2 };

/* False where nothing is known of the file as it is now, or there is no cache folder. Notes of others are not read. */
bool okng_file_known(const char *path, char sha256[65]);
/* Notes it. before: what stat() said before the file was read; nothing is noted where it says something else now. */
void okng_file_know(const char *path, const struct stat *before, const char *sha256);

#endif
