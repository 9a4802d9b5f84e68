/* Where the results of many pictures go, and what must not be lost there. */
#ifndef OKNG_INSPECT_PLACES_H
#define OKNG_INSPECT_PLACES_H

#include "inspect/targets.h"

typedef struct okng_places {
    const char *out;      /* folder of all results */
    char *const *folders; /* [targets->count], relative to it */
    const okng_targets *targets;
    const okng_picture *reference; /* may be NULL */
    const char *bank;              /* its folder; NULL: it has none */
    bool report;                   /* report.html is written too; else it is left as it is */
} okng_places;

/* To be asked before anything is written or removed. ARGUMENT where results would lie in a bank; where one would take
 * the place of a picture that is inspected, whatever its name; and where a file that is called as one of results lies
 * in a folder that is none of results (without results.csv, run.json and scores.json): it is somebody's. Errors:
 * ARGUMENT, MEMORY, IO. */
okng_status okng_places_check(const okng_places *places, okng_error *error);

#endif
