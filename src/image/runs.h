/* Runs of set pixels in the rows of a mask, and the region that each belongs to. */
#ifndef OKNG_IMAGE_RUNS_H
#define OKNG_IMAGE_RUNS_H

#include "base/error.h"

typedef struct okng_run {
    int32_t y, begin, end; /* columns begin .. end - 1 */
    size_t parent;         /* a run of the same region, itself for the first one */
    size_t region;         /* 0 .. regions - 1, in the order of their first runs */
} okng_run;

typedef struct okng_runs {
    okng_run *items; /* by rows, from left to right */
    size_t count, capacity, regions;
} okng_runs;

/* Of mask [height, width]: set is what is not 0; 8 neighbours are connected. Release with okng_runs_free, after a
 * failure too. Errors: MEMORY. */
okng_status okng_runs_find(okng_runs *runs, const uint8_t *mask, int32_t height, int32_t width, okng_error *error);
void okng_runs_free(okng_runs *runs); /* zeroed is fine */

#endif
