/* A file, or a folder with all below it, from rank 0 to those ranks that lack it. */
#ifndef OKNG_BASE_TREE_SHARE_H
#define OKNG_BASE_TREE_SHARE_H

#include "base/file.h"
#include "base/ranks.h"

/* Zeroed is none. */
typedef struct okng_tree_copy {
    char *path;     /* in a temporary folder of its own; NULL: none was needed */
    okng_lock lock; /* of that folder: those that nobody holds were left by processes that were killed */
} okng_tree_copy;

/* Every rank, `lacks` where it wants a copy. Where none does nothing is sent. Rank 0 reads what is at `path`, but for
 * hidden files; who lacks it gets a copy in $TMPDIR, else /var/tmp, where copies that nobody holds any more are removed
 * first. What is sent is never in memory as a whole. Errors, which all ranks agree on: IO, LIMIT (folders within each
 * other more than 8 deep), MEMORY. */
okng_status okng_tree_share(const okng_ranks *ranks, const char *path, bool lacks, okng_tree_copy *copy,
                            okng_error *error);
/* Removes such a copy; none is fine. */
void okng_tree_forget(okng_tree_copy *copy);

#endif
