/* What rows look like, from some of them. Private to bank/. */
#ifndef OKNG_BANK_TYPICAL_H
#define OKNG_BANK_TYPICAL_H

#include "base/error.h"

typedef struct okng_typical {
    float *rows; /* [count, dim]: evenly spread rows, less the mean; none whose squares might overflow */
    int64_t count, dim;
    float *mean; /* [dim]: theirs */
    double rms;  /* how far they are from it */
} okng_typical;

/* At most `most` of rows [n, dim]. Errors: MEMORY. */
okng_status okng_typical_find(okng_typical *out, const float *rows, int64_t n, int64_t dim, int64_t most,
                              okng_error *error);
void okng_typical_free(okng_typical *samples); /* zeroed is fine */

#endif
