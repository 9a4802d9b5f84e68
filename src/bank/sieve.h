/* A sieve of vectors: which of them may be nearer to a row than a given distance. It multiplies short forms of both
 * (outlines, see outline.h), or the centred vectors themselves, which takes half of what measuring takes. What does not
 * pass is at least as far away as was asked, whatever the rounding; what passes is to be measured. Private to bank/. */
#ifndef OKNG_BANK_SIEVE_H
#define OKNG_BANK_SIEVE_H

#include <stdbool.h>

#include "bank/outline.h"
#include "bank/typical.h"
#include "kernels/kernels.h"

enum {
    OKNG_SIEVE_ROWS = OKNG_OUTLINE_ROWS,   /* rows that are sifted together, at most */
    OKNG_SIEVE_PANEL = OKNG_KERNELS_LANES, /* vectors that lie side by side */
    OKNG_SIEVE_BLOCK = 256                 /* vectors that a row is sifted against at a time, at most */
};

/* How vectors are seen: by their outlines, or whole. */
typedef struct okng_sight {
    const float *mean; /* [dim], borrowed */
    int64_t dim, width;
    double most;          /* vectors farther from the mean than this always pass */
    okng_outline outline; /* where width < dim */
} okng_sight;

/* width: a multiple of OKNG_KERNELS_LANES below typical->dim for outlines, else dim. Borrows the typical rows' mean.
 * Outlines that cannot be had (all is alike, numbers of extreme size) leave `width` at dim. Errors: MEMORY. */
okng_status okng_sight_new(okng_sight *out, const okng_typical *typical, int64_t width, int threads, okng_error *error);
void okng_sight_free(okng_sight *sight); /* zeroed is fine */
/* rows [count, dim], count <= OKNG_SIEVE_ROWS, as they are seen [count, width]. blur [count]: how far off that may be,
 * infinite where no bound holds. scratch: that of a sieve or a sifting. */
void okng_sight_see(const okng_sight *sight, const float *rows, int64_t count, float *seen, double *blur,
                    float *scratch);

typedef struct okng_sieve {
    const okng_sight *sight; /* borrowed */
    float *panels;           /* [panels, width, OKNG_SIEVE_PANEL] */
    float *starts;           /* [panels, OKNG_SIEVE_PANEL]: half the vectors' squared lengths, negative */
    int64_t count, capacity;
    double blur; /* the largest of the vectors so far that do not always pass */
    float *seen, *scratch;
} okng_sieve;

/* Room for `capacity` vectors. Errors: MEMORY. */
okng_status okng_sieve_new(okng_sieve *out, const okng_sight *sight, int64_t capacity, okng_error *error);
void okng_sieve_free(okng_sieve *sieve); /* zeroed is fine */
/* vectors [count, dim], count <= OKNG_SIEVE_ROWS, become number `first`, which is at most sieve->count, and so on. */
void okng_sieve_set(okng_sieve *sieve, int64_t first, const float *vectors, int64_t count);
/* Adds vector number `index` of another sieve of the same sight. */
void okng_sieve_copy(okng_sieve *sieve, const okng_sieve *from, int64_t index);
uint64_t okng_sieve_bytes(int64_t width, int64_t capacity);

/* Up to OKNG_SIEVE_ROWS rows that are sifted together, as seen by the sieve. */
typedef struct okng_sifting {
    const okng_sieve *sieve;
    int64_t count;
    float *seen; /* [OKNG_SIEVE_ROWS, width] */
    float *scratch;
    double squared[OKNG_SIEVE_ROWS], blur[OKNG_SIEVE_ROWS]; /* their squared lengths; see okng_sight_see */
    float least[OKNG_SIEVE_ROWS];                           /* products that pass */
    int64_t panels;                                         /* of the last block */
    uint16_t marks[OKNG_SIEVE_ROWS * OKNG_SIEVE_BLOCK / OKNG_SIEVE_PANEL];
} okng_sifting;

/* Errors: MEMORY. */
okng_status okng_sifting_new(okng_sifting *out, const okng_sieve *sieve, okng_error *error);
void okng_sifting_free(okng_sifting *sifting); /* zeroed is fine */
/* rows [count, dim] are the next ones; their reach is to be set. */
void okng_sifting_rows(okng_sifting *sifting, const float *rows, int64_t count);
/* One by one, where sifting->count says how many: the next row number `r`, or what okng_sight_see made of it. */
void okng_sifting_row(okng_sifting *sifting, int64_t r, const float *row);
void okng_sifting_seen(okng_sifting *sifting, int64_t r, const float *seen, double blur);
/* What passes of row `r` from now on: vectors whose squared distance, as the kernels measure it, may be below
 * `squared`. */
void okng_sifting_reach(okng_sifting *sifting, int64_t r, double squared);
/* Sifts the vectors from `first` on, at most `most` of them. first: a multiple of OKNG_SIEVE_PANEL; most: up to
 * OKNG_SIEVE_BLOCK. */
void okng_sifting_block(okng_sifting *sifting, int64_t first, int64_t most);

/* Whether vector first + i passed for row `r` in the last block. */
static inline bool okng_sifting_passed(const okng_sifting *sifting, int64_t r, int64_t i)
{
    return sifting->marks[r * sifting->panels + i / OKNG_SIEVE_PANEL] >> i % OKNG_SIEVE_PANEL & 1;
}

/* All of these of row `r`: bit i of panel p is for vector first + p * OKNG_SIEVE_PANEL + i. Bits behind the last vector
 * say nothing. */
static inline const uint16_t *okng_sifting_marks(const okng_sifting *sifting, int64_t r)
{
    return sifting->marks + r * sifting->panels;
}

#endif
