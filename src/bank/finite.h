/* Selection needs numbers: a NaN has no distance, and an infinity no direction. */
#ifndef OKNG_BANK_FINITE_H
#define OKNG_BANK_FINITE_H

#include "base/error.h"

/* ARGUMENT, naming the first row of float32 rows [count, dim] that holds a value that is not finite; the rows are
 * counted from `first`. */
okng_status okng_check_finite(const float *rows, int64_t count, int64_t dim, int64_t first, int threads,
                              okng_error *error);

#endif
