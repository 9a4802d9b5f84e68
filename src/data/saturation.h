/* defects_config.json of MVTec LOCO: what the value of a mask is, and how many of a defect's pixels have to be found.
 */
#ifndef OKNG_DATA_SATURATION_H
#define OKNG_DATA_SATURATION_H

#include <stdbool.h>

#include "base/error.h"

typedef struct okng_saturation {
    bool known;
    bool relative;    /* `threshold` is a share of the defect's area, 0 < threshold <= 1; else a number of pixels */
    double threshold; /* whole and at least 1 where it is a number of pixels */
} okng_saturation;

typedef struct okng_saturations {
    char *path;                  /* of the file; owned */
    okng_saturation values[256]; /* by the value of a mask */
} okng_saturations;

/* Errors: FORMAT (no list of objects, a value outside 1..255 or twice, a threshold outside its range), NOT_FOUND, IO,
 * LIMIT, MEMORY; *out is empty then. */
okng_status okng_saturations_read(okng_saturations *out, const char *path, okng_error *error);
void okng_saturations_free(okng_saturations *saturations);

/* Pixels of a defect of `area` that have to be found so that it is found whole: the threshold, at most the area; a
 * share of it is cut to a whole number. At least 1, where the original divides by 0. */
uint64_t okng_saturation_area(const okng_saturation *saturation, uint64_t area);

/* Those of a category; *out is left as it is where the layout has none. */
struct okng_dataset;
okng_status okng_dataset_saturations(const struct okng_dataset *dataset, const char *category, okng_saturations *out,
                                     okng_error *error);

#endif
