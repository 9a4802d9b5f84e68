/* Patch vectors of length 1, for the cosine distance. */
#ifndef OKNG_PATCH_NORMALISE_H
#define OKNG_PATCH_NORMALISE_H

#include <stdint.h>

/* Each row of float32 [count, dim] is divided by its length (its squares summed in double, in order); a row of 0 stays.
 * Half the squared distance of two such rows is 1 - their cosine. */
void okng_rows_normalise(float *rows, int64_t count, int64_t dim);

#endif
