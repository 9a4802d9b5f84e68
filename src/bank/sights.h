/* How vectors are best seen by a sieve: the wider, the less passes and the more is multiplied. Private to bank/. */
#ifndef OKNG_BANK_SIGHTS_H
#define OKNG_BANK_SIGHTS_H

#include "bank/sieve.h"

enum {
    OKNG_SIGHTS = 5 /* outlines of 16, 32, 64 and 128 numbers, up to half of the vectors' length; then they whole */
};

typedef struct okng_sights {
    okng_typical typical;
    okng_sight of[OKNG_SIGHTS]; /* [count], the whole vectors first */
    int count;                  /* 1 until a choice is asked for */
} okng_sights;

/* How many samples of `rows` rows are enough. */
int64_t okng_sights_samples(int64_t rows);
/* samples [count, dim] (malloc'd, evenly spread) are taken over, whatever comes of it. `out` must stay where it is.
 * Until okng_sights_choose all is seen whole: out->of. Errors: MEMORY. */
okng_status okng_sights_new(okng_sights *out, float *samples, int64_t count, int64_t dim, okng_error *error);
void okng_sights_free(okng_sights *sights); /* zeroed is fine */

/* Rows and vectors as they come: what is to be sifted, and by what. */
typedef struct okng_sights_trial {
    const float *const *rows; /* [row_count] of [dim] */
    const double *squared;    /* [row_count]: their reach */
    int64_t row_count;
    const float *const *vectors; /* [vector_count], at most OKNG_SIEVE_BLOCK */
    int64_t vector_count;
} okng_sights_trial;

/* The sight that costs least for such rows. Errors: MEMORY. */
okng_status okng_sights_choose(okng_sights *sights, const okng_sights_trial *trial, int threads,
                               const okng_sight **chosen, okng_error *error);

#endif
