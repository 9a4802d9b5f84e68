/* What rows look like, from some of them. Private to bank/. */
#ifndef OKNG_BANK_TYPICAL_H
#define OKNG_BANK_TYPICAL_H

#include "base/error.h"

typedef struct okng_typical {
    float *rows; /* [count, dim]: the samples less the mean; none whose squares might overflow */
    int64_t count, dim;
    float *mean; /* [dim]: theirs */
    double rms;  /* how far they are from it */
} okng_typical;

/* samples [count, dim] (malloc'd) are taken over, whatever comes of it. Errors: MEMORY. */
okng_status okng_typical_find(okng_typical *out, float *samples, int64_t count, int64_t dim, okng_error *error);
void okng_typical_free(okng_typical *typical); /* zeroed is fine */

#endif
