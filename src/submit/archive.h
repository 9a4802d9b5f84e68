/* A .tar.gz that is written member by member. */
#ifndef OKNG_SUBMIT_ARCHIVE_H
#define OKNG_SUBMIT_ARCHIVE_H

#include "base/error.h"

#define OKNG_SUBMITTED_MAPS "anomaly_images"
#define OKNG_SUBMITTED_MASKS "anomaly_images_thresholded"

typedef struct okng_archive okng_archive;
okng_status okng_archive_open(okng_archive **out, const char *path, okng_error *error);
/* Adds the file `path` as `name`. Errors: LIMIT (a name that tar cannot hold, a file of 8 GiB), NOT_FOUND, IO, MEMORY.
 */
okng_status okng_archive_add(okng_archive *archive, const char *name, const char *path, okng_error *error);
/* Exactly one of these follows a successful open; NULL is fine for the latter. */
okng_status okng_archive_commit(okng_archive **archive, okng_error *error);
void okng_archive_abort(okng_archive **archive);

#endif
