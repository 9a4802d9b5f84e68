/* The rows seen while fitting: in memory up to a budget, in an unlinked temporary file above it. */
#ifndef OKNG_BANK_STORE_H
#define OKNG_BANK_STORE_H

#include <stdbool.h>

#include "base/error.h"

typedef struct okng_store okng_store;

/* Room for `capacity` rows of `dim` float32. When capacity * dim * 4 is over `budget` bytes, rows live in a file
 * (okng_temporary_file), whose room is reserved here, so a full disk is known before any work (IO). */
okng_status okng_store_new(okng_store **out, int64_t capacity, int64_t dim, uint64_t budget, okng_error *error);
/* The same for rows first..first+capacity-1 of more than there are here: those are their numbers. */
okng_status okng_store_new_part(okng_store **out, int64_t first, int64_t capacity, int64_t dim, uint64_t budget,
                                okng_error *error);
/* Rows that are in memory already, borrowed: nothing may be written. Errors: MEMORY. */
okng_status okng_store_over(okng_store **out, const float *rows, int64_t count, int64_t dim, okng_error *error);
void okng_store_free(okng_store **store);

int64_t okng_store_capacity(const okng_store *store);
int64_t okng_store_dim(const okng_store *store);
uint64_t okng_store_spilled(const okng_store *store); /* bytes in the file; 0 = in memory */

/* Writes / reads rows first..first+count-1. Threads may call these at the same time for rows that do not overlap. The
 * resident memory does not grow with what went to the file. */
okng_status okng_store_write(okng_store *store, int64_t first, int64_t count, const float *rows, okng_error *error);
/* Where rows first..first+count-1 lie, for who makes them in place and then says so by okng_store_write; NULL where
 * they are not in memory, are borrowed, or are not all there. */
float *okng_store_place(okng_store *store, int64_t first, int64_t count);
okng_status okng_store_read(const okng_store *store, int64_t first, int64_t count, float *rows, okng_error *error);
/* The rows themselves when they are in memory, NULL when in the file. */
const float *okng_store_memory(const okng_store *store);

#endif
