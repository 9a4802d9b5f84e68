/* Farthest-first selection one pick at a time, of rows that may be a part of all. */
#ifndef OKNG_BANK_HUNT_H
#define OKNG_BANK_HUNT_H

#include <stdbool.h>

#include "base/error.h"

/* A row that may be the next pick. Keys order as values do: the bits of a float that is not negative. */
typedef struct okng_contender {
    int64_t row;           /* INT64_MAX: none */
    uint32_t key, applied; /* the value, and how many picks it takes in */
} okng_contender;

/* The larger value; of equal ones the lower row. */
bool okng_contender_better(okng_contender a, okng_contender b);

typedef struct okng_hunt okng_hunt;

/* rows [n, dim], n >= 1, finite, are borrowed; ceiling [n] or NULL; there will be `count` picks. Errors: MEMORY,
 * LIMIT. */
okng_status okng_hunt_new(okng_hunt **out, const float *rows, int64_t n, int64_t dim, const float *ceiling,
                          int64_t count, int threads, okng_error *error);
void okng_hunt_free(okng_hunt **hunt); /* NULL is fine */
/* What it takes besides the rows, at most. */
uint64_t okng_hunt_bytes(int64_t n, int64_t dim, int64_t count);
/* The best of the rows that are not picked, its value as of all picks. Errors: MEMORY. */
okng_status okng_hunt_best(okng_hunt *hunt, okng_contender *best, okng_error *error);
/* Up to `wanted` of the best of them, at least one while there are any, in order; what is not among them is no better
 * than *outside ({INT64_MAX, 0}: there is nothing else). Errors: MEMORY. */
okng_status okng_hunt_leaders(okng_hunt *hunt, int64_t wanted, okng_contender *leaders, int64_t *count,
                              okng_contender *outside, okng_error *error);
/* The next pick, whose vector [dim] must stay where it is; `row` is -1 where it is none of the hunt's rows. */
void okng_hunt_take(okng_hunt *hunt, const float *vector, int64_t row);

#endif
