/* A file, or a folder with all below it, from rank 0 to those ranks that lack it. */
#ifndef OKNG_BASE_TREE_SHARE_H
#define OKNG_BASE_TREE_SHARE_H

#include "base/ranks.h"

/* Every rank, `lacks` where it wants a copy. Where none does nothing is sent. Rank 0 reads what is at `path`, but for
 * hidden files; who lacks it finds it at *copy, malloc'd, in a temporary folder ($TMPDIR, else /var/tmp); NULL
 * elsewhere. What is sent is never in memory as a whole. Errors, which all ranks agree on: IO, LIMIT (folders within
 * each other more than 8 deep), MEMORY. */
okng_status okng_tree_share(const okng_ranks *ranks, const char *path, bool lacks, char **copy, okng_error *error);
/* Removes such a copy, and frees its path; NULL is fine. */
void okng_tree_forget(char **copy);

#endif
