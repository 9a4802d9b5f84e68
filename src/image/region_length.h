/* How long the regions of a mask are. */
#ifndef OKNG_IMAGE_REGION_LENGTH_H
#define OKNG_IMAGE_REGION_LENGTH_H

#include "image/runs.h"

/* regions [runs->regions], in the order of the runs' regions, get their `length`: the largest distance between the
 * centres of two of their pixels, plus 1, so that a row of n pixels is n long. Errors: MEMORY. */
okng_status okng_region_lengths(const okng_runs *runs, okng_region *regions, okng_error *error);

#endif
