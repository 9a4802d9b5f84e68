/* Several experiments side by side. */
#ifndef OKNG_REPORT_COLLECT_H
#define OKNG_REPORT_COLLECT_H

#include "report/results.h"

enum { OKNG_COLLECT_DEPTH = 8, OKNG_MAX_EXPERIMENTS = 4096 };

typedef struct okng_collection {
    okng_results *experiments; /* in byte order of their folders below each of the folders given */
    size_t count, capacity;
    size_t seen; /* those found again among them */
} okng_collection;

/* Reads every experiment that is one of the folders or lies below, at most OKNG_COLLECT_DEPTH folders deep; links to
 * folders are not followed and an experiment is taken once. Errors: NOT_FOUND for a folder without experiments; as
 * okng_results_read. */
okng_status okng_collection_read(okng_collection *collection, const char *const *dirs, size_t count, okng_error *error);
void okng_collection_free(okng_collection *collection); /* zeroed is fine */

#endif
